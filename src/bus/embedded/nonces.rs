//! The nonces that live, each of which stands for one request of its address.
//!
//! How many an address has is not counted for each request: a table in memory holds an upper bound for it, and only who
//! reaches the quota by that is counted in the file.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use uuid::Uuid;

use super::super::{Mark, Opening, Refusal};
use crate::address::Address;
use crate::run::Nonce;

/// How many may live at once for one address.
const QUOTA: u32 = 1024;
/// Addresses share so many counters, so that their number does not grow with what clients send.
const SHARES: usize = 1 << 16;

/// What is known of them without looking into the file. Only the thread that writes uses it.
#[derive(Default)]
pub(super) struct Nonces {
    known: Mutex<Option<Known>>,
}

struct Known {
    /// Of the addresses that share a counter: how many rows they have at most. A row is counted before it is durable, and no
    /// longer only when its end is.
    rows: Box<[u32]>,
    hasher: RandomState,
    /// Whatever died until then may be gone from the file, and must not come back when the clock steps back.
    purged_through: i64,
}

/// What a purge has taken out of the file.
#[derive(Default)]
pub(super) struct Purged(Vec<Address>);

impl Nonces {
    /// Takes the nonce for this run, or for a request that is none, or tells why not. Whether it was taken is written by one
    /// statement, the last.
    pub(super) fn take(
        &self,
        db: &Connection,
        address: Address,
        nonce: &Nonce,
        run: Option<Uuid>,
        now: Timestamp,
    ) -> rusqlite::Result<Option<Opening>> {
        let mut guard = self.lock();
        let known = Known::of(&mut guard, db)?;
        let now = now.as_second();
        if nonce.dies_at < now || nonce.dies_at <= known.purged_through {
            return Ok(Some(Opening::Refused(Refusal::Expired)));
        }
        if *known.rows_of(address) >= QUOTA
            && let Some(full) = full(db, address, now)?
        {
            // What was asked before takes no room.
            return Ok(find(db, address, nonce, now)?.or(Some(full)));
        }
        let insert = "INSERT INTO nonces (address, nonce, fingerprint, run, dies_at) VALUES (?1, ?2, ?3, ?4, ?5)
                      ON CONFLICT DO NOTHING";
        let run = run.as_ref().map(Uuid::as_bytes);
        let row = (address.as_bytes(), &nonce.value, nonce.fingerprint, run, nonce.dies_at);
        if db.prepare_cached(insert)?.execute(row)? > 0 {
            *known.rows_of(address) += 1;
            return Ok(None);
        }
        let repeated = find(db, address, nonce, now)?;
        if repeated.is_none() {
            let renew = "UPDATE nonces SET fingerprint = ?3, run = ?4, dies_at = ?5 WHERE address = ?1 AND nonce = ?2";
            db.prepare_cached(renew)?.execute(row)?;
        }
        Ok(repeated)
    }

    /// Forgets some that have died, and that they were there: see [`Nonces::forget`].
    pub(super) fn purge(&self, db: &Connection, now: Timestamp, most: i64) -> rusqlite::Result<Purged> {
        let delete = "DELETE FROM nonces WHERE (address, nonce) IN
                      (SELECT address, nonce FROM nonces WHERE dies_at < ?1 ORDER BY dies_at LIMIT ?2)
                      RETURNING address, dies_at";
        let mut delete = db.prepare_cached(delete)?;
        let mut rows = delete.query((now.as_second(), most))?;
        let (mut purged, mut through) = (Purged::default(), i64::MIN);
        while let Some(row) = rows.next()? {
            purged.0.push(Address::from_bytes(row.get(0)?));
            through = through.max(row.get(1)?);
        }
        if !purged.0.is_empty() {
            let mut guard = self.lock();
            let known = Known::of(&mut guard, db)?;
            known.purged_through = known.purged_through.max(through);
            let raise = "UPDATE meta SET value = max(value, ?1) WHERE key = 'purged_through'";
            db.prepare_cached(raise)?.execute([through])?;
        }
        Ok(purged)
    }

    /// Counts less, once what was purged cannot come back.
    pub(super) fn forget(&self, purged: &Purged) {
        if let Some(known) = self.lock().as_mut() {
            for address in &purged.0 {
                let rows = known.rows_of(*address);
                *rows = rows.saturating_sub(1);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Reads the file for it, the first time.
    fn of<'a>(known: &'a mut Option<Self>, db: &Connection) -> rusqlite::Result<&'a mut Self> {
        if known.is_none() {
            *known = Some(Self::read(db)?);
        }
        known.as_mut().ok_or(rusqlite::Error::QueryReturnedNoRows)
    }

    fn read(db: &Connection) -> rusqlite::Result<Self> {
        let select = "SELECT value FROM meta WHERE key = 'purged_through'";
        let purged_through = db.query_row(select, (), |row| row.get(0))?;
        let mut known = Self { rows: vec![0; SHARES].into(), hasher: RandomState::new(), purged_through };
        let mut select = db.prepare("SELECT address, count(*) FROM nonces GROUP BY address")?;
        let mut rows = select.query(())?;
        while let Some(row) = rows.next()? {
            *known.rows_of(Address::from_bytes(row.get(0)?)) += row.get::<_, u32>(1)?;
        }
        Ok(known)
    }

    #[expect(clippy::indexing_slicing, reason = "a remainder is less than what it is the remainder of")]
    fn rows_of(&mut self, address: Address) -> &mut u32 {
        let share = self.hasher.hash_one(address) % SHARES as u64;
        &mut self.rows[usize::try_from(share).unwrap_or_default()]
    }
}

/// What the nonce has led to, while it lives.
pub(super) fn find(db: &Connection, address: Address, nonce: &Nonce, now: i64) -> rusqlite::Result<Option<Opening>> {
    let select = "SELECT fingerprint, run FROM nonces WHERE address = ?1 AND nonce = ?2 AND dies_at >= ?3";
    let found = db.prepare_cached(select)?.query_row((address.as_bytes(), &nonce.value, now), |row| {
        let (fingerprint, run): ([u8; 32], Option<[u8; 16]>) = (row.get(0)?, row.get(1)?);
        Ok(match run {
            Some(run) if fingerprint == nonce.fingerprint => Opening::Repeated(Mark::Nonce, Uuid::from_bytes(run)),
            _ => Opening::Refused(Refusal::Reused(Mark::Nonce)),
        })
    });
    found.optional()
}

/// Counts those that live, and says so when an address may have no more.
fn full(db: &Connection, address: Address, now: i64) -> rusqlite::Result<Option<Opening>> {
    let live = "SELECT count(*), coalesce(min(dies_at), 0) FROM nonces WHERE address = ?1 AND dies_at >= ?2";
    let read = |row: &Row<'_>| Ok((row.get::<_, u32>(0)?, row.get::<_, i64>(1)?));
    let (live, first) = db.prepare_cached(live)?.query_row((address.as_bytes(), now), read)?;
    let seconds = first.saturating_sub(now).saturating_add(1).unsigned_abs();
    let refusal = Refusal::TooMany { mark: Mark::Nonce, quota: QUOTA as usize, seconds };
    Ok((live >= QUOTA).then_some(Opening::Refused(refusal)))
}

pub(super) fn have_died(db: &Connection, now: Timestamp) -> rusqlite::Result<bool> {
    let exists = "SELECT EXISTS (SELECT 1 FROM nonces WHERE dies_at < ?1)";
    db.prepare_cached(exists)?.query_row([now.as_second()], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_steps_back_does_not_make_a_purged_nonce_good_again() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(include_str!("../../database/0001.sql")).unwrap();
        db.execute_batch(include_str!("../../database/0002.sql")).unwrap();
        db.execute_batch(include_str!("../../database/0003.sql")).unwrap();
        let at = |second| Timestamp::from_second(second).unwrap();
        let (alice, run) = (Address::from_bytes([1; 20]), Some(Uuid::now_v7()));
        let nonce = |dies_at| Nonce { value: "one".to_owned(), fingerprint: [1; 32], dies_at };
        let nonces = Nonces::default();
        assert_eq!(nonces.take(&db, alice, &nonce(130), run, at(100)).unwrap(), None);
        let purged = nonces.purge(&db, at(1000), 10).unwrap();
        nonces.forget(&purged);
        assert_eq!(purged.0.len(), 1);
        for nonces in [&nonces, &Nonces::default()] {
            assert_eq!(
                nonces.take(&db, alice, &nonce(130), run, at(100)).unwrap(),
                Some(Opening::Refused(Refusal::Expired))
            );
        }
        assert_eq!(
            nonces.take(&db, alice, &nonce(131), run, at(100)).unwrap(),
            None,
            "no more than was purged is lost"
        );
    }
}
