//! The life of what runs in the terminal, a server as well as one command: `init`, `run`, `cleanup`, and what a signal does.

use std::process::ExitCode;

use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::INTERRUPTED;
use super::failure::Failure;

/// Something that runs until it has ended, or is told to.
pub(super) trait Service {
    /// Makes ready what `run` needs. Dropped where it waits when it is told to stop.
    async fn init(&mut self) -> Result<(), Failure>;

    /// Works until it has done what it is for, or until `stop` is cancelled, and then comes to its end in its own way.
    async fn run(&mut self, stop: &CancellationToken) -> Result<ExitCode, Failure>;

    /// Gives back what the others took. Runs once whenever `init` began.
    async fn cleanup(&mut self) -> Result<(), Failure>;
}

/// Lets a service live. The first SIGTERM or SIGINT (Ctrl-C) tells it to stop, the second ends everything at once, with 130.
pub(super) fn live(mut service: impl Service) -> Result<ExitCode, Failure> {
    let runtime = Builder::new_multi_thread().enable_all().build().map_err(Failure::of_the_machine)?;
    let outcome = runtime.block_on(async {
        // Before anything begins: from then on a signal means an orderly end.
        let mut signals = Signals::new().map_err(Failure::of_the_machine)?;
        let stop = CancellationToken::new();
        let twice = async {
            signals.next().await;
            stop.cancel();
            signals.next().await;
        };
        tokio::select! {
            outcome = from_init_to_cleanup(&mut service, &stop) => outcome,
            () = twice => Ok(INTERRUPTED.into()),
        }
    });
    // A command that blocks its thread must not keep the process.
    runtime.shutdown_background();
    outcome
}

async fn from_init_to_cleanup(service: &mut impl Service, stop: &CancellationToken) -> Result<ExitCode, Failure> {
    let ready = tokio::select! {
        biased;
        ready = service.init() => ready.map(|()| true),
        () = stop.cancelled() => Ok(false),
    };
    let outcome = match ready {
        Ok(true) => service.run(stop).await,
        Ok(false) => Ok(INTERRUPTED.into()),
        Err(failure) => Err(failure),
    };
    let cleaned = service.cleanup().await;
    // What went wrong first is what is told.
    outcome.and_then(|code| cleaned.map(|()| code))
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes down what becomes of it, and does at each step what it is told.
    #[derive(Default)]
    struct Journal {
        steps: Vec<&'static str>,
        fails_in_init: bool,
        hangs_in_init: bool,
        fails_in_cleanup: bool,
    }

    impl Service for &mut Journal {
        async fn init(&mut self) -> Result<(), Failure> {
            self.steps.push("init");
            if self.hangs_in_init {
                std::future::pending::<()>().await;
            }
            if self.fails_in_init { Err(Failure::new("init", "")) } else { Ok(()) }
        }

        async fn run(&mut self, stop: &CancellationToken) -> Result<ExitCode, Failure> {
            self.steps.push("run");
            stop.cancelled().await;
            Ok(ExitCode::SUCCESS)
        }

        async fn cleanup(&mut self) -> Result<(), Failure> {
            self.steps.push("cleanup");
            if self.fails_in_cleanup { Err(Failure::new("cleanup", "")) } else { Ok(()) }
        }
    }

    /// Lets it live when it is told to stop already; the steps that it went, and what it failed with.
    async fn lead(mut journal: Journal) -> (Vec<&'static str>, Option<String>) {
        let stop = CancellationToken::new();
        stop.cancel();
        let outcome = from_init_to_cleanup(&mut &mut journal, &stop).await;
        let failure = match outcome {
            Err(Failure::Said { message, .. }) => Some(message),
            Err(Failure::Unread) | Ok(_) => None,
        };
        (journal.steps, failure)
    }

    #[tokio::test]
    async fn whatever_becomes_of_it_it_cleans_up_once_init_began() {
        let all = ["init", "run", "cleanup"];
        assert_eq!(lead(Journal::default()).await, (all.to_vec(), None));
        let failing = Journal { fails_in_init: true, ..Journal::default() };
        assert_eq!(lead(failing).await, (vec!["init", "cleanup"], Some("init".to_owned())));
        let hanging = Journal { hangs_in_init: true, ..Journal::default() };
        assert_eq!(lead(hanging).await, (vec!["init", "cleanup"], None));
        let unclean = Journal { fails_in_cleanup: true, ..Journal::default() };
        assert_eq!(lead(unclean).await, (all.to_vec(), Some("cleanup".to_owned())));
        let twice = Journal { fails_in_init: true, fails_in_cleanup: true, ..Journal::default() };
        assert_eq!(lead(twice).await.1, Some("init".to_owned()), "what came first is told");
    }
}
