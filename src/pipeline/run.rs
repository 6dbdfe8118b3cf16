//! Fourth stage: `init`, `run`, `cleanup`, in their time, whatever they do.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::mem::replace;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::oneshot;
use tokio::time::sleep;
use tracing::{error, warn};
use uuid::Uuid;

use super::admit::{Admitted, Audience, Permits, Run};
use super::answer::Answer;
use crate::app::App;
use crate::bus::Signal;
use crate::command::{Context, Data, Reply, Runnable};
use crate::error::{Code, Error, Result};
use crate::event::{Event, EventName};
use crate::ongoing::Control;
use crate::run::Progress;
use crate::runtime::within;

/// What `cleanup` has.
const CLEANUP: Duration = Duration::from_secs(10);
/// What a command has beyond its time before it is given up, because it blocks its thread.
const GRACE: Duration = Duration::from_secs(1);

/// How often a run's progress is told at most.
const TELL: Duration = Duration::from_millis(100);

/// A run that has ended, one way or another.
pub(super) struct Finished {
    pub(super) run: Run,
    pub(super) answer: Answer,
    /// None while the command goes on though it was given up.
    pub(super) permits: Option<Permits>,
    _seal: Seal,
}

struct Seal;

pub(super) async fn run(app: &App, admitted: Admitted) -> Finished {
    let Admitted { run, command, context, timeout: limit, permits, .. } = admitted;
    let (ended, mut outcome) = oneshot::channel();
    let (form, run_id, control) = (Arc::clone(&run.form), run.id, Arc::clone(&run.control));
    // A task of its own: a command that blocks its thread, and so cannot be dropped, is given up from outside.
    let life = app.runtime.spawn_run(async move {
        if let Err(error) = live(command, context, &control, limit, ended).await {
            warn!(command = form.path, %run_id, error = &error as &dyn std::error::Error, "a command did not clean up");
        }
        permits
    });
    stand_back().await;
    let mut permits = None;
    let end = match outcome.try_recv() {
        Ok(outcome) => Some(Some(outcome)),
        // In a box: nearly all have ended by now, and need no room for what this waits with.
        Err(_) => within(limit + GRACE, Box::pin(end(app, &run, outcome))).await,
    };
    let outcome = match end {
        Some(Some(outcome)) => {
            // Its failure is logged in there, and changes nothing.
            permits = within(CLEANUP + GRACE, life).await.and_then(std::result::Result::ok);
            outcome
        }
        Some(None) => Err(Error::cancelled()),
        None => Err(too_slow(limit)),
    };
    if let Err(error) = &outcome {
        report(&run, error);
    }
    Finished { run, answer: Answer::of(outcome), permits, _seal: Seal }
}

/// Waits for the outcome and tells the progress meanwhile. None when the command is cancelled and does not end.
async fn end(app: &App, run: &Run, outcome: oneshot::Receiver<Result<Reply<Data>>>) -> Option<Result<Reply<Data>>> {
    tokio::select! {
        biased;
        outcome = outcome => Some(outcome.unwrap_or_else(|gone| Err(Error::internal(gone)))),
        () = given_up(run) => None,
        never = tell(app, run) => match never {},
    }
}

async fn given_up(run: &Run) {
    run.control.dropped().await;
    sleep(GRACE).await;
}

/// Tells the progress to the streams, the newest at the time, as often as they are to hear of it.
async fn tell(app: &App, run: &Run) -> Infallible {
    loop {
        run.control.progressed().await;
        match (run.control.progress(), run.audience) {
            (Some(progress), Audience::Logged(address) | Audience::Announced(address)) => {
                let told = CommandProgress {
                    command: &run.text,
                    run_id: run.id,
                    progress: &progress,
                    message: progress.message.as_deref(),
                    data: progress.data.as_deref(),
                };
                if let Ok(event) = Event::new(None, EventName::CommandProgress, &told) {
                    app.bus.announce(address, Signal::Event(event));
                }
            }
            (None, _) | (_, Audience::Nobody) => {}
        }
        sleep(TELL).await;
    }
}

/// The data of a `command_progress` event.
#[derive(Serialize)]
struct CommandProgress<'a> {
    command: &'a str,
    run_id: Uuid,
    progress: &'a Progress,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a RawValue>,
}

async fn live(
    mut command: Box<dyn Runnable>,
    context: Context,
    control: &Control,
    limit: Duration,
    ended: oneshot::Sender<Result<Reply<Data>>>,
) -> Result<()> {
    let outcome = guarded(limit, unless_cancelled(control, command.run(&context))).await;
    // Nobody waits for it any more when the command was given up.
    let _ = ended.send(outcome);
    guarded(CLEANUP, command.cleanup(&context)).await
}

async fn unless_cancelled<T>(control: &Control, work: impl Future<Output = Result<T>>) -> Result<T> {
    let (mut work, mut dropped) = (pin!(work), None);
    poll_fn(|cx| {
        if let Poll::Ready(outcome) = work.as_mut().poll(cx) {
            return Poll::Ready(outcome);
        }
        // In a box: nearly all are ready by now, and need no room for it.
        let dropped = dropped.get_or_insert_with(|| Box::pin(control.dropped()));
        dropped.as_mut().poll(cx).map(|()| Err(Error::cancelled()))
    })
    .await
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
