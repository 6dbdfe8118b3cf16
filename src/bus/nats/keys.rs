//! The idempotency keys that live, each of which stands for one run of its address: documents among what passes.
//!
//! A key is claimed before its run is admitted, so that two nodes do not both run it. A node may die in between, or not know
//! whether it was admitted: a key whose run was never begun is there for the next who asks.

use std::time::Duration;

use async_nats::jetstream::kv::{CreateErrorKind, Entry, Operation};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::super::{Mark, Obstacle, Refusal};
use super::{Node, replay};
use crate::address::Address;
use crate::error::{Code, Error, Result};
use crate::nats::{Trace, unavailable};
use crate::run::{Idempotency, Opened};

/// How long a key stands for its request, and how many may do so at once for one address.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);
const QUOTA: usize = 1024;
/// An admission follows its claim within seconds; after this time, by clocks that differ, it does not come any more.
const BEGINNING: SignedDuration = SignedDuration::from_secs(45);
/// How long a request waits to learn whether the one that has its key begins.
const PATIENCE: Duration = Duration::from_millis(1200);
const PAUSE: Duration = Duration::from_millis(20);

#[derive(Serialize, Deserialize)]
struct Document {
    run: Uuid,
    fingerprint: String,
    /// In milliseconds since 1970.
    claimed_at: i64,
    /// An event of the log that was there before it.
    after: u64,
}

/// A key that is ours.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Claim {
    key: String,
    revision: u64,
}

/// What is known of the run that a key stands for.
enum Beginning {
    Made,
    /// It is about to begin, or to fail.
    Near,
    Never,
}

/// Takes a key for a run, or tells what it stands for.
pub(super) async fn claim(node: &Node, run: &Opened, request: &Idempotency) -> Result<Result<Claim, Obstacle>> {
    if let Some(full) = full(node, run.address).await? {
        // What is known already needs no room.
        return Ok(Err(find(node, run.address, request).await?.unwrap_or(full)));
    }
    let settled = async {
        loop {
            if let Some(settled) = try_claim(node, run, request).await? {
                return Ok(settled);
            }
            sleep(PAUSE).await;
        }
    };
    timeout(PATIENCE, settled).await.unwrap_or_else(|late| {
        Err(Error::new(Code::StoreUnavailable, "Whether the request that has this key began is not known yet.")
            .with_hint("Send the same again in a minute: with its key it runs once.")
            .caused_by(late))
    })
}

/// None where that is not settled yet.
async fn try_claim(node: &Node, run: &Opened, request: &Idempotency) -> Result<Option<Result<Claim, Obstacle>>> {
    let (key, keys, now) = (key_of(run.address, request), node.nats.passing(), node.clock.now());
    let document = Document {
        run: run.id,
        fingerprint: hex::encode(request.fingerprint),
        claimed_at: now.as_millisecond(),
        after: node.streams.newest().sequence,
    };
    let value = serde_json::to_vec(&document).map_err(Error::internal)?;
    match keys.create(&key, value.clone().into()).await {
        Ok(revision) => return Ok(Some(Ok(Claim { key, revision }))),
        Err(error) if error.kind() == CreateErrorKind::AlreadyExists => {}
        Err(error) => return Err(unavailable(error)),
    }
    let Some((entry, document)) = read(node, &key).await? else { return Ok(None) };
    if document.run == run.id {
        return Ok(Some(Ok(Claim { key, revision: entry.revision })));
    }
    let is_free = match document.stands_for(request, now) {
        None => true,
        Some(obstacle) => match document.beginning(node, run.address, now).await? {
            Beginning::Made => return Ok(Some(Err(obstacle))),
            Beginning::Near => false,
            Beginning::Never => true,
        },
    };
    if is_free && let Ok(revision) = keys.update(&key, value.into(), entry.revision).await {
        return Ok(Some(Ok(Claim { key, revision })));
    }
    // Another one was faster, or is about to say what it does.
    Ok(None)
}

/// What a key has led to, while it lives.
pub(super) async fn find(node: &Node, address: Address, request: &Idempotency) -> Result<Option<Obstacle>> {
    let found = read(node, &key_of(address, request)).await?;
    Ok(found.and_then(|(_, document)| document.stands_for(request, node.clock.now())))
}

/// Gives a key back whose run does not begin.
pub(super) async fn release(node: &Node, claim: Claim) {
    // Where that fails, the next who asks finds out that it was never begun.
    let _ = node.nats.passing().delete_expect_revision(claim.key, Some(claim.revision)).await;
}

async fn read(node: &Node, key: &str) -> Result<Option<(Entry, Document)>> {
    let entry = node.nats.passing().entry(key).await.map_err(unavailable)?;
    let Some(entry) = entry.filter(|entry| entry.operation == Operation::Put) else { return Ok(None) };
    let document = serde_json::from_slice(&entry.value).map_err(unavailable)?;
    Ok(Some((entry, document)))
}

impl Document {
    fn stands_for(&self, request: &Idempotency, now: Timestamp) -> Option<Obstacle> {
        if self.age(now) >= LIFETIME {
            return None;
        }
        Some(if self.fingerprint == hex::encode(request.fingerprint) {
            Obstacle::Repeated(Mark::IdempotencyKey, self.run)
        } else {
            Obstacle::Refused(Refusal::Reused(Mark::IdempotencyKey))
        })
    }

    /// Whether its run was ever admitted: then it is open, or has an end in what the log still has of that time.
    async fn beginning(&self, node: &Node, address: Address, now: Timestamp) -> Result<Beginning> {
        Ok(match node.nats.trace(address, self.run, self.after).await? {
            Trace::Ended(..) | Trace::Open(_) => Beginning::Made,
            Trace::Nowhere if self.age(now) < BEGINNING => Beginning::Near,
            // Its end may be forgotten.
            Trace::Nowhere if replay::trimmed(node, address).await? > self.after => Beginning::Made,
            Trace::Nowhere => Beginning::Never,
        })
    }

    fn age(&self, now: Timestamp) -> SignedDuration {
        SignedDuration::from_millis(now.as_millisecond() - self.claimed_at)
    }
}

/// Says when an address may have no more of them.
async fn full(node: &Node, address: Address) -> Result<Option<Obstacle>> {
    let subject = format!("$KV.{}.idempotency.{}.*", node.nats.passing().name, hex::encode(address.as_bytes()));
    let count = node.nats.count(&format!("KV_{}", node.nats.passing().name), &subject).await?.count;
    let seconds = LIFETIME.as_secs().unsigned_abs();
    let full = Obstacle::Refused(Refusal::TooMany { mark: Mark::IdempotencyKey, quota: QUOTA, seconds });
    Ok((count >= QUOTA).then_some(full))
}

fn key_of(address: Address, request: &Idempotency) -> String {
    format!("idempotency.{}.{}", hex::encode(address.as_bytes()), hex::encode(Sha256::digest(&request.key)))
}
