//! Whether a server answers, and under the name that it is called by.

use std::time::Duration;

use jiff::Timestamp;

use super::super::remote::{Introduction, Remote};
use super::check::Check;
use crate::clock::Clock;

const NAME: &str = "server";

/// What a server said, and when.
pub(super) struct Met {
    pub(super) introduction: Introduction,
    /// When the answer was here.
    pub(super) heard_at: Timestamp,
    /// From the question to the answer.
    pub(super) round_trip: Duration,
}

pub(super) async fn meet(remote: &Remote) -> (Check, Option<Met>) {
    let clock = Clock::default();
    // The first question pays for the connection, so the second tells more about the time.
    if let Err(trouble) = remote.introduce().await {
        return (Check::of_failure(NAME, remote.failure(trouble)), None);
    }
    let asked = clock.instant();
    let introduction = match remote.introduce().await {
        Ok(introduction) => introduction,
        Err(trouble) => return (Check::of_failure(NAME, remote.failure(trouble)), None),
    };
    let (heard_at, round_trip) = (clock.now(), clock.instant().duration_since(asked));
    let check = match remote.audience(&introduction) {
        Ok(audience) => Check::ok(NAME, format!("It answers in {} ms, as {audience}.", round_trip.as_millis())),
        Err(failure) => {
            let Check { message, .. } = Check::of_failure(NAME, failure);
            let hint =
                "Add the name that it is called by to NEXUS_PUBLIC_ORIGINS, or let the proxy pass Host on as it came.";
            Check::warning(NAME, message, hint)
        }
    };
    (check, Some(Met { introduction, heard_at, round_trip }))
}
