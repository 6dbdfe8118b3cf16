//! How long a webhook is waited for, and how often it is tried.

use std::time::Duration;

use crate::error::{Error, Result};

#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The most attempts.
    pub attempts: u32,
    /// What one attempt has at least, from the lookup of the name to the last byte.
    pub attempt: Duration,
    /// What is waited at least after the first attempt; after each further one it is twice as long.
    pub pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { attempts: 4, attempt: Duration::from_secs(10), pause: Duration::from_millis(500) }
    }
}

impl Patience {
    /// What one attempt of a call has: a third of its `time`, so that a webhook that works long can be given the time for it,
    /// and one that hangs is still called again.
    pub(super) fn attempt(&self, time: Duration) -> Duration {
        self.attempt.max(time / 3)
    }

    /// What is waited after an attempt: up to half as much again as it is at least, by chance, so that those who failed together
    /// do not come back together; and no less than was `asked`.
    pub(super) fn pause(&self, attempt: u32, asked: Option<Duration>) -> Result<Duration> {
        let chance = getrandom::u32().map_err(Error::internal)?;
        let least = self.pause.saturating_mul(1 << attempt.saturating_sub(1).min(16));
        let pause = least + (least / 2).mul_f64(f64::from(chance) / f64::from(u32::MAX));
        Ok(pause.max(asked.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_work_long_has_time_in_one_attempt() {
        let patience = Patience::default();
        assert_eq!(patience.attempt(Duration::from_secs(5)), Duration::from_secs(10));
        assert_eq!(patience.attempt(Duration::from_mins(5)), Duration::from_secs(100));
    }

    #[test]
    fn pauses_double_and_are_no_shorter_than_asked() {
        let patience = Patience::default();
        for (attempt, least) in [(1, 500), (2, 1000), (3, 2000)] {
            let pause = patience.pause(attempt, None).unwrap();
            let most = Duration::from_millis(least + least / 2);
            assert!((Duration::from_millis(least)..=most).contains(&pause), "{attempt}: {pause:?}");
        }
        assert_eq!(patience.pause(1, Some(Duration::from_secs(7))).unwrap(), Duration::from_secs(7));
        assert!(patience.pause(1000, None).unwrap() > Duration::from_secs(1000));
    }
}
