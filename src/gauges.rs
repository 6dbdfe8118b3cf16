//! Numbers that change, for whoever watches the server from outside.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is exported now. Names come from the program and not from clients.
#[derive(Debug, Default)]
pub struct Gauges {
    gauges: Mutex<BTreeMap<&'static str, Gauge>>,
}

#[derive(Clone, Copy, Debug)]
pub struct Gauge {
    /// One sentence, without its full stop.
    pub help: &'static str,
    pub value: f64,
}

impl Gauges {
    /// Exports a value, instead of what the name had.
    pub fn set(&self, name: &'static str, gauge: Gauge) {
        self.gauges().insert(name, gauge);
    }

    pub fn remove(&self, name: &'static str) {
        self.gauges().remove(name);
    }

    /// All that are exported, in the order of their names.
    pub fn all(&self) -> BTreeMap<&'static str, Gauge> {
        self.gauges().clone()
    }

    fn gauges(&self) -> MutexGuard<'_, BTreeMap<&'static str, Gauge>> {
        // Nothing in here panics while it holds the lock.
        self.gauges.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
