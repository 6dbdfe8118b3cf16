//! Reading what a key has in the log, and what was admitted of it, so that nothing is missing that was there before.
//!
//! Any server that has a copy answers, and may lag behind. One that does not have what this node knows to be there is asked
//! again: it has applied less, or another one answers then.

use std::time::Duration;

use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::{Nats, Part, Stored, unavailable};
use crate::address::Address;
use crate::error::Result;

/// How long a server is waited for that has not all yet.
const PATIENCE: Duration = Duration::from_millis(1700);
const PAUSE: Duration = Duration::from_millis(20);
/// How often the log is looked at for an event that somebody says is there, and how long it is until the next look.
const LOOKS: usize = 10;
const WAIT: Duration = Duration::from_millis(150);

impl Nats {
    /// How many of the newest events are known with whose they are.
    pub const RECENT: u64 = super::recent::MOST as u64;

    /// Notes that a run's end stands in the log: it was heard, or its writing was acknowledged.
    pub fn note(&self, sequence: u64, address: Address, run: Uuid) {
        self.0.recent.note(sequence, address, run);
    }

    /// Whether a run has ended, as far as is known without a question.
    pub fn has_ended(&self, run: Uuid) -> bool {
        self.0.recent.end(run).is_some()
    }

    /// Notes that all was heard that was in the log when this process came.
    pub fn note_all(&self) {
        self.0.recent.complete();
    }

    /// Whether the log has come as far as this. Fails with `store_unavailable`.
    pub async fn has(&self, sequence: u64) -> Result<bool> {
        for _ in 0..LOOKS {
            if sequence <= self.newest().await? {
                return Ok(true);
            }
            // A leader that stood still may not know yet that it is none, and what the next one has taken.
            sleep(WAIT).await;
        }
        Ok(false)
    }

    /// The events of an address after `after` and up to `through`, `most` at most and fewer where they are larger than `bytes`
    /// together; it is the last part where all that was noted up to there is in it. Fails with `store_unavailable`.
    pub async fn events(&self, address: Address, after: u64, through: u64, most: usize, bytes: usize) -> Result<Part> {
        let insist = async {
            loop {
                if let Some(part) = self.try_events(address, after, through, most, bytes).await? {
                    return Ok(part);
                }
                sleep(PAUSE).await;
            }
        };
        timeout(PATIENCE, insist).await.unwrap_or_else(|late| Err(unavailable(late)))
    }

    /// None where the server that answered lags behind.
    async fn try_events(
        &self,
        address: Address,
        after: u64,
        through: u64,
        most: usize,
        bytes: usize,
    ) -> Result<Option<Part>> {
        let (log, subject) = (self.names().log(), self.names().events(address));
        let mut part = self.page(&log, &subject, after, most, bytes).await?;
        let last = part.records.last().map_or(after, |record| record.sequence);
        part.is_last |= last >= through;
        part.records.retain(|record| record.sequence <= through);
        let lacks = self.0.recent.newest(address, through).is_some_and(|newest| newest > last);
        let is_believed = !part.is_last || (self.0.recent.are_whole() && !lacks);
        Ok(is_believed.then_some(part))
    }

    /// All that was admitted under a subject and is not purged. Fails with `store_unavailable`.
    pub async fn admissions(&self, subject: &str) -> Result<Vec<Stored>> {
        let insist = async {
            loop {
                let mut all = Vec::new();
                if self.each_admission(subject, |record| all.push(record)).await? {
                    return Ok(all);
                }
                sleep(PAUSE).await;
            }
        };
        timeout(PATIENCE, insist).await.unwrap_or_else(|late| Err(unavailable(late)))
    }

    /// Reads all that was admitted under a subject, for as long as that takes, and tells whether it was all: the server that has
    /// answered may lag behind. Fails with `store_unavailable`.
    pub async fn each_admission(&self, subject: &str, mut read: impl FnMut(Stored) + Send) -> Result<bool> {
        let stream = self.names().admissions();
        // Before it is read: what comes meanwhile may be in it.
        let least = self.count(&stream, subject).await?.count;
        let (mut count, mut after) = (0, 0);
        loop {
            let part = self.page(&stream, subject, after, 512, 1 << 20).await?;
            after = part.records.last().map_or(after, |record| record.sequence);
            count += part.records.len();
            part.records.into_iter().for_each(&mut read);
            if part.is_last {
                return Ok(count >= least);
            }
        }
    }
}
