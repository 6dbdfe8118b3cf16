//! How a form fares: how often it ran, to what end, for how long.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::metrics::histogram::Histogram;

use crate::error::Code;

/// The upper bounds of what is counted together, in seconds.
const BOUNDS: [f64; 10] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0, 300.0];

#[derive(Debug)]
pub struct Meter {
    successes: AtomicU64,
    /// By code, in their order.
    failures: Box<[AtomicU64]>,
    pub seconds: Histogram,
}

impl Default for Meter {
    fn default() -> Self {
        let failures = Code::ALL.iter().map(|_| AtomicU64::new(0)).collect();
        Self { successes: AtomicU64::new(0), failures, seconds: Histogram::new(BOUNDS) }
    }
}

impl Meter {
    /// A run has ended, with this code unless it was a success.
    pub fn note(&self, code: Option<Code>, took: Duration) {
        let count = match code {
            None => Some(&self.successes),
            Some(code) => Code::ALL.iter().zip(&self.failures).find(|(one, _)| **one == code).map(|(_, count)| count),
        };
        if let Some(count) = count {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.seconds.observe(took.as_secs_f64());
    }

    /// How many runs came to each end that there was.
    pub fn ends(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let failures = Code::ALL.iter().map(|code| code.as_str()).zip(&self.failures);
        let all = [("success", &self.successes)].into_iter().chain(failures);
        all.map(|(end, count)| (end, count.load(Ordering::Relaxed))).filter(|(_, count)| *count > 0)
    }
}
