//! The idempotency keys that live, each of which stands for one run of its address: documents among what passes.

use async_nats::jetstream::kv::{CreateErrorKind, Operation};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::super::{Mark, Obstacle, Refusal};
use super::Node;
use crate::address::Address;
use crate::error::{Error, Result};
use crate::nats::unavailable;
use crate::run::{Idempotency, Opened};

/// How long a key stands for its request, and how many may do so at once for one address.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);
const QUOTA: usize = 1024;

#[derive(Serialize, Deserialize)]
struct Document {
    run: Uuid,
    fingerprint: String,
    /// In milliseconds since 1970.
    expires_at: i64,
}

/// A key that is ours.
pub(super) struct Claim {
    key: String,
    revision: u64,
}

/// Takes a key for a run, or tells what it stands for.
pub(super) async fn claim(node: &Node, run: &Opened, request: &Idempotency) -> Result<Result<Claim, Obstacle>> {
    let key = key_of(run.address, request);
    if let Some(full) = full(node, run.address).await? {
        // What is known already needs no room.
        return Ok(Err(find(node, run.address, request).await?.unwrap_or(full)));
    }
    let now = node.clock.now();
    let expires_at = now.saturating_add(LIFETIME).unwrap_or(now).as_millisecond();
    let document = Document { run: run.id, fingerprint: hex::encode(request.fingerprint), expires_at };
    let value = serde_json::to_vec(&document).map_err(Error::internal)?;
    let keys = node.nats.passing();
    match keys.create(&key, value.clone().into()).await {
        Ok(revision) => return Ok(Ok(Claim { key, revision })),
        Err(error) if error.kind() == CreateErrorKind::AlreadyExists => {}
        Err(error) => return Err(unavailable(error)),
    }
    let Some(entry) = keys.entry(&key).await.map_err(unavailable)? else {
        return Err(unavailable("a key came and went"));
    };
    let document: Document = serde_json::from_slice(&entry.value).map_err(unavailable)?;
    if document.run == run.id {
        return Ok(Ok(Claim { key, revision: entry.revision }));
    }
    match document.stands_for(request, now) {
        Some(obstacle) => Ok(Err(obstacle)),
        // Whoever is faster has it.
        None => match keys.update(&key, value.into(), entry.revision).await {
            Ok(revision) => Ok(Ok(Claim { key, revision })),
            Err(error) => Err(unavailable(error)),
        },
    }
}

/// What a key has led to, while it lives.
pub(super) async fn find(node: &Node, address: Address, request: &Idempotency) -> Result<Option<Obstacle>> {
    let entry = node.nats.passing().entry(key_of(address, request)).await.map_err(unavailable)?;
    let Some(entry) = entry.filter(|entry| entry.operation == Operation::Put) else { return Ok(None) };
    let document: Document = serde_json::from_slice(&entry.value).map_err(unavailable)?;
    Ok(document.stands_for(request, node.clock.now()))
}

/// Gives a key back whose run does not begin. Where that fails, the key stands for a run that is nowhere, until it expires.
pub(super) async fn release(node: &Node, claim: Claim) {
    let _ = node.nats.passing().delete_expect_revision(claim.key, Some(claim.revision)).await;
}

impl Document {
    fn stands_for(&self, request: &Idempotency, now: Timestamp) -> Option<Obstacle> {
        if self.expires_at <= now.as_millisecond() {
            return None;
        }
        Some(if self.fingerprint == hex::encode(request.fingerprint) {
            Obstacle::Repeated(Mark::IdempotencyKey, self.run)
        } else {
            Obstacle::Refused(Refusal::Reused(Mark::IdempotencyKey))
        })
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
