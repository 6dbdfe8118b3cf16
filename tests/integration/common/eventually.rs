//! What comes in its own time.

use std::time::{Duration, Instant};

use tokio::time::sleep;

/// Two elections of NATS, on a machine that has other things to do.
const BOUND: Duration = Duration::from_mins(1);

/// Asks again and again until there is an answer, and fails after a minute without.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + BOUND;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < end, "not within a minute: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}
