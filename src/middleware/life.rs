//! The innermost service: `init`, `run`, `cleanup`, in their time, whatever they do.

use std::future::{Future, poll_fn};
use std::mem::replace;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, TryFutureExt};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tower::{BoxError, Service};
use tracing::{Instrument, warn};

use super::{Admitted, Life};
use crate::command::{Context, Data, Reply, Runnable};
use crate::error::{Code, Error, Result};
use crate::ongoing::Control;
use crate::runtime::{Runtime, within};

/// What `cleanup` has.
const CLEANUP: Duration = Duration::from_secs(10);
/// What a command has beyond its time before it is given up, because it blocks its thread.
pub(crate) const GRACE: Duration = Duration::from_secs(1);

#[derive(Clone)]
pub(super) struct Living {
    runtime: Runtime,
}

impl Living {
    pub(super) fn new(runtime: Runtime) -> Self {
        Self { runtime }
    }
}

impl Service<Admitted> for Living {
    type Response = Reply<Data>;
    type Error = BoxError;
    type Future = BoxFuture<'static, std::result::Result<Reply<Data>, BoxError>>;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<std::result::Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    /// Lets the command live in a task of its own: one that blocks its thread, and so cannot be dropped, is given up from
    /// outside.
    fn call(&mut self, admitted: Admitted) -> Self::Future {
        let Admitted { run_id, form, timeout: limit, life, .. } = admitted;
        let awaited = Awaited(Some(Arc::clone(&life.control)));
        let (ended, outcome) = oneshot::channel();
        // In a box: the runtime moves a task about before it has its place.
        let life: BoxFuture<'_, ()> = Box::pin(async move {
            let Life { command, context, control, permits } = *life;
            if let Err(error) = live(command, context, &control, limit, ended).await {
                let error = &error as &dyn std::error::Error;
                warn!(command = form.path, %run_id, error, "a command did not clean up");
            }
            drop(permits);
        });
        let life = self.runtime.spawn_run(life.in_current_span());
        outcome_of(life, outcome, awaited, limit).map_err(BoxError::from).boxed()
    }
}

/// What a life comes to, once it has cleaned up; or that it took too long.
async fn outcome_of(
    life: JoinHandle<()>,
    mut outcome: oneshot::Receiver<Result<Reply<Data>>>,
    awaited: Awaited,
    limit: Duration,
) -> Result<Reply<Data>> {
    stand_back().await;
    let outcome = match outcome.try_recv() {
        Ok(outcome) => Some(outcome),
        Err(_) => within(limit.saturating_add(GRACE), outcome)
            .await
            .map(|outcome| outcome.unwrap_or_else(|gone| Err(Error::internal(gone)))),
    };
    awaited.no_more();
    let Some(outcome) = outcome else { return Err(too_slow(limit)) };
    if !life.is_finished() {
        // Its failure is logged in there, and changes nothing.
        within(CLEANUP + GRACE, life).await;
    }
    outcome
}

/// Cancels the command when nobody waits for its outcome any more.
struct Awaited(Option<Arc<Control>>);

impl Awaited {
    fn no_more(mut self) {
        self.0 = None;
    }
}

impl Drop for Awaited {
    fn drop(&mut self) {
        if let Some(control) = self.0.take() {
            control.cancel();
        }
    }
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

fn unless_cancelled<T>(
    control: &Control,
    mut work: impl Future<Output = Result<T>> + Unpin,
) -> impl Future<Output = Result<T>> + Unpin {
    let mut dropped = None;
    poll_fn(move |cx| {
        if let Poll::Ready(outcome) = work.poll_unpin(cx) {
            return Poll::Ready(outcome);
        }
        // In a box: nearly all are ready by now, and need no room for it.
        dropped.get_or_insert_with(|| Box::pin(control.dropped())).poll_unpin(cx).map(|()| Err(Error::cancelled()))
    })
}

/// Ends in a result, also by panic and by time.
fn guarded<T>(
    limit: Duration,
    work: impl Future<Output = Result<T>> + Unpin,
) -> impl Future<Output = Result<T>> + Unpin {
    within(limit, AssertUnwindSafe(work).catch_unwind()).map(move |ended| match ended {
        Some(Ok(outcome)) => outcome,
        Some(Err(_panic)) => Err(Error::internal("the command panicked")),
        None => Err(too_slow(limit)),
    })
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
