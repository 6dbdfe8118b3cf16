//! When something was acknowledged, and for how long nothing was.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::common::delivery::count::Count;

pub struct Pulse(Arc<Mutex<Vec<Instant>>>);

impl Pulse {
    /// Takes down each moment from now on in which the count rises.
    pub fn of(count: &Count) -> Self {
        let (beats, count) = (Arc::new(Mutex::new(vec![Instant::now()])), count.clone());
        let pulse = Self(Arc::clone(&beats));
        tokio::spawn(async move {
            loop {
                count.reaches(count.now() + 1).await;
                beats.lock().unwrap().push(Instant::now());
            }
        });
        pulse
    }

    /// The longest time without a beat that began or ended between these moments.
    pub fn silence(&self, from: Instant, until: Instant) -> Duration {
        let beats = self.0.lock().unwrap();
        let pairs = beats.windows(2).filter(|pair| pair[0] < until && pair[1] > from);
        let last = beats.last().filter(|beat| **beat < until).map(|beat| until - *beat);
        pairs.map(|pair| pair[1] - pair[0]).chain(last).max().unwrap_or_default()
    }
}
