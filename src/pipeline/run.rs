//! Fourth stage: the command runs, and while it does its progress is told.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use serde::Serialize;
use serde_json::value::RawValue;
use tokio::time::sleep;
use tower::ServiceExt;
use tracing::error;
use uuid::Uuid;

use super::admit::{Audience, Run};
use super::answer::Answer;
use crate::app::App;
use crate::bus::Signal;
use crate::error::{Code, Error};
use crate::event::{Event, EventName};
use crate::middleware::{Admitted, GRACE, error_of};
use crate::run::Progress;

/// How often a run's progress is told at most.
const TELL: Duration = Duration::from_millis(100);

/// A run that has ended, one way or another.
pub(super) struct Finished {
    pub(super) run: Run,
    pub(super) answer: Answer,
    _seal: Seal,
}

struct Seal;

pub(super) async fn run(app: &App, run: Run, admitted: Admitted) -> Finished {
    let mut work = pin!(app.execution.clone().oneshot(admitted));
    let (mut polls, mut watch) = (0, None);
    let outcome = poll_fn(|cx| {
        if let Poll::Ready(outcome) = work.as_mut().poll(cx) {
            return Poll::Ready(outcome.map_err(error_of));
        }
        polls += 1;
        // A command that waits for nothing has ended when this is asked for the second time, and need not be watched. That time
        // comes at once, also where a layer waits, which can be cancelled too.
        if polls < 2 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let watch = watch.get_or_insert_with(|| Box::pin(watch_over(app, &run)));
        watch.as_mut().poll(cx).map(|()| Err(Error::cancelled()))
    })
    .await;
    if let Err(error) = &outcome {
        report(&run, error);
    }
    drop(watch);
    Finished { run, answer: Answer::of(outcome), _seal: Seal }
}

/// Tells the progress. Returns when the command is cancelled and does not end.
async fn watch_over(app: &App, run: &Run) {
    tokio::select! {
        () = given_up(run) => {}
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

/// What the operator should see; what the caller did wrong is not that.
fn report(run: &Run, error: &Error) {
    match error.code {
        Code::Internal | Code::StoreUnavailable | Code::WebhookFailed | Code::CommandTimeout => {
            let (command, code) = (run.form.path.as_str(), error.code.as_str());
            error!(command, run_id = %run.id, code, error = error as &dyn std::error::Error, "a command failed");
        }
        _ => {}
    }
}
