//! How many of a command run at once, and how often one caller may run it.

use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::budget::Accounts;
use crate::clock::Clock;
use crate::error::{Code, Error, Limit, Result};

/// What the forms of one command share.
#[derive(Debug, Default)]
pub struct Turns {
    /// A permit for each that may run at once, where that is bounded.
    places: Option<Arc<Semaphore>>,
    cooldown: Option<Cooldown>,
}

#[derive(Debug)]
struct Cooldown {
    callers: Accounts,
    pause: Duration,
}

impl Turns {
    pub(super) fn new(at_once: Option<usize>, pause: Duration) -> Self {
        let start = Clock::default().instant();
        Self {
            places: at_once.map(|places| Arc::new(Semaphore::new(places))),
            cooldown: (!pause.is_zero()).then(|| Cooldown { callers: Accounts::new(pause, pause, start), pause }),
        }
    }

    /// A place among those that run, where these are counted. Fails with `in_progress`.
    pub fn place(&self, path: &str) -> Result<Option<OwnedSemaphorePermit>> {
        let place = self.places.as_ref().map(|places| Arc::clone(places).try_acquire_owned()).transpose();
        place.map_err(|_full| {
            Error::new(Code::InProgress, format!("{path} runs already, as often as it may at once.")).with_hint(
                "Wait until it ends. If it is yours, cancel it: GET /api/v1/runs?status=pending lists what you run.",
            )
        })
    }

    /// Notes that `caller` has it run now. Fails with `rate_limited` when it is too soon.
    pub fn begin(&self, path: &str, caller: &impl Hash, clock: Clock) -> Result<()> {
        let Some(Cooldown { callers, pause }) = &self.cooldown else { return Ok(()) };
        callers.spend(caller, clock.instant()).map(drop).map_err(|wait| {
            let seconds = wait.as_secs_f64().ceil().max(1.0);
            Error::new(Code::RateLimited, format!("{path} runs once in {} s for each caller.", pause.as_secs_f64()))
                .with_hint(format!("Send it again in {seconds} s."))
                .at_limit(Limit { policy: "cooldown", quota: 1, seconds: wait.as_secs().saturating_add(1) })
        })
    }

    /// It did not run after all.
    pub fn forgo(&self, caller: &impl Hash) {
        if let Some(Cooldown { callers, .. }) = &self.cooldown {
            callers.give_back(caller);
        }
    }
}
