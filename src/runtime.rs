//! Tasks that somebody keeps count of, and the word to stop.

use std::future::Future;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Where tasks are started, so that a shutdown can wait for the last of them.
#[derive(Clone, Debug, Default)]
pub struct Runtime {
    tasks: TaskTracker,
    draining: CancellationToken,
}

impl Runtime {
    /// Starts a task that goes on when whoever started it goes away.
    #[expect(clippy::disallowed_methods, reason = "this is the room that the ban points to")]
    pub fn spawn<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
        tokio::spawn(self.tasks.track_future(task))
    }

    /// Says that the server is on its way down: nothing new starts, streams end.
    pub fn drain(&self) {
        self.draining.cancel();
        self.tasks.close();
    }

    pub fn is_draining(&self) -> bool {
        self.draining.is_cancelled()
    }

    /// Returns once [`Runtime::drain`] was called.
    pub async fn drained(&self) {
        self.draining.cancelled().await;
    }

    /// Returns once the last task has ended, after [`Runtime::drain`].
    pub async fn idle(&self) {
        self.tasks.wait().await;
    }
}
