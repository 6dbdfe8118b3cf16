//! Tasks that somebody keeps count of, and the words to stop.
//!
//! A shutdown has three steps. While it *drains*, nothing new is started and what runs is finished, with everybody still
//! connected to hear of it. What has not ended in its time is *cut*: it is cancelled. Then it *closes*: streams and
//! connections end.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, yield_now};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// Where tasks are started, so that a shutdown can wait for the last of them.
#[derive(Clone, Debug, Default)]
pub struct Runtime {
    runs: TaskTracker,
    connections: TaskTracker,
    words: Arc<Words>,
}

/// What is said once to all who listen.
#[derive(Debug, Default)]
struct Words {
    draining: CancellationToken,
    cut: CancellationToken,
    closing: CancellationToken,
}

impl Runtime {
    /// A place among the runs that [`Runtime::drain`] waits for, before there is a task; none once it drains.
    pub fn enter(&self) -> Option<TaskTrackerToken> {
        // First the place, then the question: a drain that begins in between waits for it.
        let place = self.runs.token();
        (!self.is_draining()).then_some(place)
    }

    /// Starts the task of a run, which goes on when whoever started it goes away.
    pub fn spawn_run<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        spawn(&self.runs, task)
    }

    /// Waits for `work`, which goes on in a task of its own when the caller stops waiting. It costs no task where the
    /// caller waits, as nearly all do.
    pub fn see_through<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> SeenThrough<T> {
        SeenThrough { work: Some(work.boxed()), runs: self.runs.clone() }
    }

    /// Starts the task of a connection.
    pub fn spawn_connection(&self, task: impl Future<Output = ()> + Send + 'static) {
        // It is waited for through the tracker.
        drop(spawn(&self.connections, task));
    }

    /// Says that nothing new is to be started, and returns once the last run has ended.
    pub async fn drain(&self) {
        self.words.draining.cancel();
        self.runs.close();
        self.runs.wait().await;
    }

    pub fn is_draining(&self) -> bool {
        self.words.draining.is_cancelled()
    }

    /// Returns once [`Runtime::drain`] was called.
    pub async fn draining(&self) {
        self.words.draining.cancelled().await;
    }

    /// Says that what still runs is cancelled.
    pub fn cut_off(&self) {
        self.words.cut.cancel();
    }

    /// Returns once [`Runtime::cut_off`] was called.
    pub async fn cut(&self) {
        self.words.cut.cancelled().await;
    }

    /// Says that streams and connections are to end, and returns once the last of them has.
    pub async fn close(&self) {
        self.words.closing.cancel();
        self.connections.close();
        self.connections.wait().await;
    }

    pub fn is_closing(&self) -> bool {
        self.words.closing.is_cancelled()
    }

    /// Returns once [`Runtime::close`] was called.
    pub async fn closing(&self) {
        self.words.closing.cancelled().await;
    }
}

/// The runtime, for threads that are not of it and for what no request waits for.
#[derive(Clone, Debug)]
pub struct Inside(Handle);

impl Inside {
    /// The runtime that this is called on.
    pub fn here() -> Self {
        Self(Handle::current())
    }

    /// Does on the runtime what wakes many tasks: each that is woken from outside may interrupt the thread that wakes it.
    pub fn wake(&self, work: impl FnOnce() + Send + 'static) {
        drop(self.0.spawn(async move { work() }));
    }

    /// Does something once those who are ready have had their turn.
    pub fn do_last(&self, work: impl FnOnce() + Send + 'static) {
        drop(self.0.spawn(async move {
            yield_now().await;
            work();
        }));
    }
}

/// What `work` ends in, or none when the time is up. What is ready at once, as most is, costs no timer.
pub fn within<F: Future + Unpin>(limit: Duration, mut work: F) -> impl Future<Output = Option<F::Output>> + Unpin {
    let mut timer = None;
    poll_fn(move |cx| {
        if let Poll::Ready(outcome) = work.poll_unpin(cx) {
            return Poll::Ready(Some(outcome));
        }
        timer.get_or_insert_with(|| Box::pin(sleep(limit))).poll_unpin(cx).map(|()| None)
    })
}

/// See [`Runtime::see_through`].
pub struct SeenThrough<T: Send + 'static> {
    work: Option<BoxFuture<'static, T>>,
    runs: TaskTracker,
}

impl<T: Send + 'static> Future for SeenThrough<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<T> {
        // Taken out, so that work that panics is not taken up again.
        let Some(mut work) = self.work.take() else { return Poll::Pending };
        let polled = work.poll_unpin(cx);
        if polled.is_pending() {
            self.work = Some(work);
        }
        polled
    }
}

impl<T: Send + 'static> Drop for SeenThrough<T> {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            drop(spawn(&self.runs, work));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the room that the ban points to")]
fn spawn<T: Send + 'static>(tracker: &TaskTracker, task: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(tracker.track_future(task))
}
