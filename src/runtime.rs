//! Tasks that somebody keeps count of, and the words to stop.
//!
//! A shutdown has two steps. While it *drains*, nothing new is started and what runs is finished, with everybody still
//! connected to hear of it. Then it *closes*: streams and connections end.

use std::future::Future;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// Where tasks are started, so that a shutdown can wait for the last of them.
#[derive(Clone, Debug, Default)]
pub struct Runtime {
    runs: TaskTracker,
    connections: TaskTracker,
    draining: CancellationToken,
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

    /// Starts the task of a connection.
    pub fn spawn_connection(&self, task: impl Future<Output = ()> + Send + 'static) {
        // It is waited for through the tracker.
        drop(spawn(&self.connections, task));
    }

    /// Says that nothing new is to be started, and returns once the last run has ended.
    pub async fn drain(&self) {
        self.draining.cancel();
        self.runs.close();
        self.runs.wait().await;
    }

    pub fn is_draining(&self) -> bool {
        self.draining.is_cancelled()
    }

    /// Says that streams and connections are to end, and returns once the last of them has.
    pub async fn close(&self) {
        self.closing.cancel();
        self.connections.close();
        self.connections.wait().await;
    }

    /// Returns once [`Runtime::close`] was called.
    pub async fn closing(&self) {
        self.closing.cancelled().await;
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the room that the ban points to")]
fn spawn<T: Send + 'static>(tracker: &TaskTracker, task: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(tracker.track_future(task))
}
