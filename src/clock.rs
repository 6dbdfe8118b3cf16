//! The only room that asks the machine for the time.

use std::time::Instant;

use jiff::Timestamp;

/// Wall-clock time for what people and the log read, monotonic time for what is measured.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock;

impl Clock {
    /// The time of day to the millisecond, as the machine believes it; it may step.
    #[expect(clippy::disallowed_methods, reason = "this is the room that the ban points to")]
    pub fn now(self) -> Timestamp {
        let exact = Timestamp::now();
        Timestamp::from_millisecond(exact.as_millisecond()).unwrap_or(exact)
    }

    /// A point on a line that only goes forward.
    #[expect(clippy::disallowed_methods, reason = "this is the room that the ban points to")]
    pub fn instant(self) -> Instant {
        Instant::now()
    }
}
