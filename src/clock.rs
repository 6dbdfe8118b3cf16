//! The only room that asks the machine for the time, and how a time is written.

pub mod date_time;

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use jiff::Timestamp;

/// Wall-clock time for what people and the log read, monotonic time for what is measured.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// By how many milliseconds it is ahead of the machine.
    ahead: &'static AtomicI64,
}

impl Default for Clock {
    /// Shows the machine's time.
    fn default() -> Self {
        static EXACT: AtomicI64 = AtomicI64::new(0);
        Self { ahead: &EXACT }
    }
}

impl Clock {
    /// A clock that is ahead of the machine by so many milliseconds, which may change while it runs: machines' clocks step, and
    /// what waits for a day can be tried in a second.
    pub const fn stepping(ahead: &'static AtomicI64) -> Self {
        Self { ahead }
    }

    /// The time of day to the millisecond, as the machine believes it; it may step.
    #[expect(clippy::disallowed_methods, reason = "this is the room that the ban points to")]
    pub fn now(self) -> Timestamp {
        let exact = Timestamp::now();
        let shown = exact.as_millisecond().saturating_add(self.ahead.load(Ordering::Relaxed));
        Timestamp::from_millisecond(shown).unwrap_or(exact)
    }

    /// A point on a line that only goes forward.
    #[expect(clippy::disallowed_methods, reason = "this is the room that the ban points to")]
    pub fn instant(self) -> Instant {
        Instant::now()
    }
}
