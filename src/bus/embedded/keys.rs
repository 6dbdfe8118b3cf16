//! The idempotency keys that live, each of which stands for one run of its address.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

use super::super::{Mark, Obstacle, Refusal};
use crate::address::Address;
use crate::run::{Idempotency, Opened};

/// How long a key stands for its request, and how many may do so at once for one address.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);
const QUOTA: usize = 1024;

/// What a key has led to, while it lives.
pub(super) fn find(
    db: &Connection,
    address: Address,
    request: &Idempotency,
    now: Timestamp,
) -> rusqlite::Result<Option<Obstacle>> {
    let select = "SELECT fingerprint, run FROM idempotency_keys WHERE address = ?1 AND key = ?2 AND expires_at > ?3";
    let key = (address.as_bytes(), &request.key, now.as_millisecond());
    let found = db.prepare_cached(select)?.query_row(key, |row| {
        let (fingerprint, run): ([u8; 32], [u8; 16]) = (row.get(0)?, row.get(1)?);
        Ok(if fingerprint == request.fingerprint {
            Obstacle::Repeated(Mark::IdempotencyKey, Uuid::from_bytes(run))
        } else {
            Obstacle::Refused(Refusal::Reused(Mark::IdempotencyKey))
        })
    });
    found.optional()
}

/// Says when an address may have no more of them.
pub(super) fn full(db: &Connection, address: Address, now: Timestamp) -> rusqlite::Result<Option<Obstacle>> {
    let live =
        "SELECT count(*), coalesce(min(expires_at), 0) FROM idempotency_keys WHERE address = ?1 AND expires_at > ?2";
    let now = now.as_millisecond();
    let (live, first): (i64, i64) =
        db.prepare_cached(live)?.query_row((address.as_bytes(), now), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(usize::try_from(live).is_ok_and(|live| live >= QUOTA).then(|| {
        let seconds = first.saturating_sub(now).unsigned_abs().div_ceil(1000);
        Obstacle::Refused(Refusal::TooMany { mark: Mark::IdempotencyKey, quota: QUOTA, seconds })
    }))
}

/// Takes a key for a run.
pub(super) fn take(db: &Connection, run: &Opened, request: &Idempotency, now: Timestamp) -> rusqlite::Result<()> {
    let take = "INSERT OR REPLACE INTO idempotency_keys (address, key, fingerprint, run, expires_at)
                VALUES (?1, ?2, ?3, ?4, ?5)";
    let lifetime = i64::try_from(LIFETIME.as_millis()).unwrap_or(i64::MAX);
    let expires_at = now.as_millisecond().saturating_add(lifetime);
    let row = (run.address.as_bytes(), &request.key, request.fingerprint, run.id.as_bytes(), expires_at);
    db.prepare_cached(take)?.execute(row).map(drop)
}

pub(super) fn have_expired(db: &Connection, now: Timestamp) -> rusqlite::Result<bool> {
    let exists = "SELECT EXISTS (SELECT 1 FROM idempotency_keys WHERE expires_at <= ?1)";
    db.prepare_cached(exists)?.query_row([now.as_millisecond()], |row| row.get(0))
}

/// Forgets some that have expired.
pub(super) fn purge(db: &Connection, now: Timestamp, most: i64) -> rusqlite::Result<()> {
    let delete = "DELETE FROM idempotency_keys WHERE (address, key) IN
                  (SELECT address, key FROM idempotency_keys WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";
    db.prepare_cached(delete)?.execute((now.as_millisecond(), most)).map(drop)
}
