//! What a health check looks at.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rusqlite::OpenFlags;

use super::{connect, epoch_of};
use crate::clock::Clock;
use crate::event::Epoch;

/// A check is answered from the last one for this long: asking often costs nothing.
const LIFETIME: Duration = Duration::from_secs(1);

/// Looks at the file through a connection of its own: an open one goes on in a file that was deleted or replaced, and
/// would not notice.
pub(super) struct Checkup {
    path: PathBuf,
    epoch: Epoch,
    clock: Clock,
    last: Option<(Instant, Result<(), String>)>,
}

impl Checkup {
    pub(super) fn new(path: PathBuf, epoch: Epoch, clock: Clock) -> Self {
        Self { path, epoch, clock, last: None }
    }

    pub(super) fn run(&mut self) -> Result<(), String> {
        if let Some((at, outcome)) = &self.last
            && self.clock.instant().duration_since(*at) < LIFETIME
        {
            return outcome.clone();
        }
        let outcome = self.look();
        self.last = Some((self.clock.instant(), outcome.clone()));
        outcome
    }

    fn look(&self) -> Result<(), String> {
        let connection = connect(&self.path, OpenFlags::empty()).map_err(|error| error.to_string())?;
        if epoch_of(&connection).map_err(|error| error.to_string())? != self.epoch {
            return Err("the file was replaced by another".to_owned());
        }
        let now = self.clock.now().as_second();
        connection
            .execute("UPDATE meta SET value = ?1 WHERE key = 'checked_at'", [now])
            .map(drop)
            .map_err(|error| error.to_string())
    }
}
