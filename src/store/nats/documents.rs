//! JSON documents in a bucket, each read and changed as a whole.
//!
//! A document that is not there reads as the default of its type, and one that has become the default is deleted. A change is
//! stored if nobody has changed the document since it was read; else it is made again to what stands there now.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::iter::repeat_with;
use std::time::Duration;

use async_nats::jetstream::kv;
use bytes::Bytes;
use futures_util::future::join_all;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::bucket::{Bucket, Listing};
use crate::error::{Error, Result};
use crate::nats::{Nats, unavailable};

/// How often a change is tried that others always forestall.
const ATTEMPTS: usize = 100;
/// How many changes one process makes at once.
const TURNS: usize = 256;
/// How long whoever waits for a change waits for what it leaves behind.
const SWEEP: Duration = Duration::from_millis(300);

pub(super) trait Document: Clone + Default + PartialEq + Serialize + DeserializeOwned + Send + Sync {}

impl<T: Clone + Default + PartialEq + Serialize + DeserializeOwned + Send + Sync> Document for T {}

pub(super) struct Documents {
    bucket: Bucket,
    /// What one process does to a document is done in turn: it becomes visible in the order in which it was stored, and does not
    /// forestall itself.
    turns: Vec<Semaphore>,
}

impl Documents {
    pub(super) fn new(nats: Nats, bucket: &kv::Store) -> Self {
        let turns = repeat_with(|| Semaphore::new(1)).take(TURNS).collect();
        Self { bucket: Bucket::new(nats, bucket), turns }
    }

    pub(super) async fn read<T: Document>(&self, key: &str) -> Result<T> {
        Ok(self.find(key).await?.1)
    }

    /// Changes a document; `visible` hears of it as soon as it is stored, in the order of the changes.
    pub(super) async fn write<T: Document, R: Send>(
        &self,
        key: &str,
        mut change: impl FnMut(&mut T) -> R + Send,
        visible: impl FnOnce(&R) + Send,
    ) -> Result<R> {
        let _turn = self.turn(key).await?;
        for _ in 0..ATTEMPTS {
            let (revision, before): (_, T) = self.find(key).await?;
            let mut after = before.clone();
            let said = change(&mut after);
            if after == before || self.store(key, revision, &after).await? {
                visible(&said);
                return Ok(said);
            }
        }
        Err(unavailable("others change the same all the time"))
    }

    /// Stores a document under a key that nobody else has thought of.
    pub(super) async fn create<T: Document>(&self, key: &str, document: &T) -> Result<()> {
        if self.store(key, 0, document).await? { Ok(()) } else { Err(unavailable("it is there already")) }
    }

    /// Leaves nothing of documents that nobody looks for any more.
    pub(super) async fn sweep(&self, keys: Vec<String>) {
        let all = join_all(keys.iter().map(|key| self.bucket.sweep(key, u64::MAX)));
        // What cannot be swept now takes room and nothing else.
        drop(timeout(SWEEP, all).await);
    }

    pub(super) async fn list(&self, keys: &str) -> Result<Listing> {
        self.bucket.list(keys).await
    }

    /// A document and its revision.
    async fn find<T: Document>(&self, key: &str) -> Result<(u64, T)> {
        match self.bucket.last(key).await? {
            Some(found) => Ok((found.sequence, parse(&found.payload)?)),
            None => Ok((0, T::default())),
        }
    }

    /// Stores a document in the place of the one with this revision. False when that is there no longer.
    async fn store<T: Document>(&self, key: &str, revision: u64, document: &T) -> Result<bool> {
        if *document == T::default() {
            let deleted = self.bucket.put(key, revision, Bytes::new()).await?;
            if let Some(revision) = deleted {
                // That it is gone is safe; now nothing is left, not even the word.
                drop(timeout(SWEEP, self.bucket.sweep(key, revision)).await);
            }
            return Ok(deleted.is_some());
        }
        let payload = serde_json::to_vec(document).map_err(Error::internal)?;
        Ok(self.bucket.put(key, revision, payload.into()).await?.is_some())
    }

    async fn turn(&self, key: &str) -> Result<SemaphorePermit<'_>> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let number = usize::try_from(hasher.finish() % TURNS as u64).map_err(Error::internal)?;
        let turn = self.turns.get(number).ok_or_else(|| Error::internal("there are too few turns"))?;
        turn.acquire().await.map_err(Error::internal)
    }
}

fn parse<T: Document>(payload: &[u8]) -> Result<T> {
    if payload.is_empty() {
        return Ok(T::default());
    }
    serde_json::from_slice(payload).map_err(unavailable)
}
