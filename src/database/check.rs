//! What a health check looks at.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use rusqlite::OpenFlags;

use super::{Database, connect, epoch_of};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::event::Epoch;

/// A check is answered from the last one for this long: asking often costs nothing.
const LIFETIME: Duration = Duration::from_secs(1);

/// What the last check said.
pub(super) struct Checkup {
    path: PathBuf,
    clock: Clock,
    last: Mutex<Option<(Instant, Result<(), String>)>>,
}

impl Checkup {
    pub(super) fn new(path: PathBuf, clock: Clock) -> Self {
        Self { path, clock, last: Mutex::default() }
    }

    fn recent(&self) -> Option<Result<(), String>> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, outcome) = last.as_ref()?;
        (self.clock.instant().duration_since(*at) < LIFETIME).then(|| outcome.clone())
    }

    fn remember(&self, outcome: Result<(), String>) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((self.clock.instant(), outcome));
    }
}

impl Database {
    /// Whether the file is still in its place, still ours, and takes a durable write. Fails with `store_unavailable`.
    pub async fn check(&self) -> Result<()> {
        let checkup = &self.opened()?.checkup;
        if let Some(outcome) = checkup.recent() {
            return outcome.map_err(Error::store_unavailable);
        }
        let outcome = self
            .look()
            .await
            .map_err(|error| std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string));
        checkup.remember(outcome.clone());
        outcome.map_err(Error::store_unavailable)
    }

    async fn look(&self) -> Result<()> {
        let checkup = &self.opened()?.checkup;
        let (path, epoch) = (checkup.path.clone(), self.epoch()?);
        self.ask(move |_| find(path, epoch)).await?.map_err(Error::store_unavailable)?;
        let now = checkup.clock.now().as_second();
        let touch = "UPDATE meta SET value = ?1 WHERE key = 'checked_at'";
        self.write(move |db| db.execute(touch, [now]).map(drop), |()| ()).await
    }
}

/// Opens the file anew: an open connection goes on in a file that was deleted or replaced, and would not notice.
fn find(path: PathBuf, epoch: Epoch) -> Result<(), String> {
    let connection = connect(&path, OpenFlags::empty()).map_err(|error| error.to_string())?;
    match epoch_of(&connection) {
        Ok(found) if found == epoch => Ok(()),
        Ok(_) => Err("the file was replaced by another".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
