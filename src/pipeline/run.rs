//! Fourth stage: `init`, `run`, `cleanup`, in their time, whatever they do.

use std::future::{Future, poll_fn};
use std::mem::replace;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::oneshot;
use tracing::{error, warn};

use super::admit::{Admitted, Run};
use super::answer::Answer;
use crate::app::App;
use crate::command::{Context, Data, Reply, Runnable};
use crate::error::{Code, Error, Result};
use crate::runtime::within;

/// What `cleanup` has.
const CLEANUP: Duration = Duration::from_secs(10);
/// What a command has beyond its time before it is given up, because it blocks its thread.
const GRACE: Duration = Duration::from_secs(1);

/// A run that has ended, one way or another.
pub(super) struct Finished {
    pub(super) run: Run,
    pub(super) answer: Answer,
    _seal: Seal,
}

struct Seal;

pub(super) async fn run(app: &App, admitted: Admitted) -> Finished {
    let Admitted { run, command, context, timeout: limit, permit, .. } = admitted;
    let (ended, outcome) = oneshot::channel();
    let (form, run_id) = (Arc::clone(&run.form), run.id);
    // A task of its own: a command that blocks its thread, and so cannot be dropped, is given up from outside.
    let life = app.runtime.spawn_run(async move {
        if let Err(error) = live(command, context, limit, ended).await {
            warn!(command = form.path, %run_id, error = &error as &dyn std::error::Error, "a command did not clean up");
        }
        drop(permit);
    });
    stand_back().await;
    let outcome = match within(limit + GRACE, outcome).await {
        Some(Ok(outcome)) => {
            // Its failure is logged in there, and changes nothing.
            let _ = within(CLEANUP + GRACE, life).await;
            outcome
        }
        Some(Err(gone)) => Err(Error::internal(gone)),
        None => Err(too_slow(limit)),
    };
    if let Err(error) = &outcome {
        report(&run, error);
    }
    Finished { run, answer: Answer::of(outcome), _seal: Seal }
}

async fn live(
    mut command: Box<dyn Runnable>,
    context: Context,
    limit: Duration,
    ended: oneshot::Sender<Result<Reply<Data>>>,
) -> Result<()> {
    let outcome = guarded(limit, command.run(&context)).await;
    // Nobody waits for it any more when the command was given up.
    let _ = ended.send(outcome);
    guarded(CLEANUP, command.cleanup(&context)).await
}

/// Ends in a result, also by panic and by time.
async fn guarded<T>(limit: Duration, work: impl Future<Output = Result<T>>) -> Result<T> {
    match within(limit, AssertUnwindSafe(work).catch_unwind()).await {
        Some(Ok(outcome)) => outcome,
        Some(Err(_panic)) => Err(Error::internal("the command panicked")),
        None => Err(too_slow(limit)),
    }
}

/// Lets other tasks go first, among them the one just started, which mostly has ended then and needs no timer.
async fn stand_back() {
    let mut stood_back = false;
    poll_fn(|cx| {
        if replace(&mut stood_back, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn too_slow(limit: Duration) -> Error {
    Error::new(
        Code::CommandTimeout,
        format!("The command did not end within {} s and was given up.", limit.as_secs_f64()),
    )
    .with_hint("Ask for less at a time, or try again when the server is less busy.")
}

/// What the operator should see; what the caller did wrong is not that.
fn report(run: &Run, error: &Error) {
    match error.code {
        Code::Internal | Code::StoreUnavailable | Code::CommandTimeout => {
            let (command, code) = (run.form.path.as_str(), error.code.as_str());
            error!(command, run_id = %run.id, code, error = error as &dyn std::error::Error, "a command failed");
        }
        _ => {}
    }
}
