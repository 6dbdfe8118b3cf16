//! Numbers that only rise, and that others wait for.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// How long anything may take that must happen, on a machine that has much else to do.
const BOUND: Duration = Duration::from_mins(1);

#[derive(Clone)]
pub struct Count(Arc<watch::Sender<usize>>);

impl Count {
    pub fn new() -> Self {
        Self(Arc::new(watch::channel(0).0))
    }

    pub fn now(&self) -> usize {
        *self.0.borrow()
    }

    pub fn rise(&self) {
        self.0.send_modify(|count| *count += 1);
    }

    /// Waits until it is `goal` or more, for ever if need be.
    pub async fn reaches(&self, goal: usize) {
        let mut count = self.0.subscribe();
        count.wait_for(|count| *count >= goal).await.expect("we hold the sender");
    }
}

/// Waits for what must happen.
pub async fn soon<T>(what: &str, work: impl Future<Output = T>) -> T {
    timeout(BOUND, work).await.unwrap_or_else(|_| panic!("{what} does not come about"))
}

/// What `work` ends in, which is asked to `hurry` when it takes too long.
pub async fn hurried<T>(work: impl Future<Output = T>, hurry: &Count) -> T {
    let mut work = pin!(work);
    match timeout(BOUND, &mut work).await {
        Ok(ended) => ended,
        Err(_late) => {
            hurry.rise();
            work.await
        }
    }
}
