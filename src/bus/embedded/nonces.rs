//! The nonces that live, each of which stands for one request of its address.
//!
//! The file has no index of them: they are random, so each would be written in a place of its own. Which there are is known in
//! memory, some 100 bytes for each, and read from the file once, after a start.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

use super::super::{Mark, Obstacle, Refusal};
use crate::address::Address;
use crate::run::Nonce;

/// How many may live at once for one address, and for all.
const QUOTA: usize = 1024;
const ALL: usize = 1 << 20;

pub(super) struct Nonces {
    known: Mutex<Option<Known>>,
    all: usize,
}

/// What is known without looking into the file.
struct Known {
    /// A nonce is in here before it is durable, and until its end is; so each that is found is looked up in the file.
    of: HashMap<Address, Vec<Place>>,
    count: usize,
    hasher: RandomState,
    /// Whatever died until then may be gone from the file, and must not come back when the clock steps back.
    purged_through: i64,
    /// Until when all that died was looked for and forgotten.
    swept_through: i64,
}

/// Where in the file a nonce stands.
struct Place {
    hash: u64,
    number: i64,
    dies_at: i64,
}

/// What a purge has taken out of the file.
#[derive(Default)]
pub(super) struct Purged {
    of: Vec<Address>,
    through: i64,
}

impl Default for Nonces {
    fn default() -> Self {
        Self { known: Mutex::default(), all: ALL }
    }
}

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
    ) -> rusqlite::Result<Option<Obstacle>> {
        let mut guard = self.lock();
        let known = Known::of(&mut guard, db)?;
        let now = now.as_second();
        if nonce.dies_at < now || nonce.dies_at <= known.purged_through {
            return Ok(Some(Obstacle::Refused(Refusal::Expired)));
        }
        if let Some(repeated) = known.find(db, address, nonce, now)? {
            return Ok(Some(repeated));
        }
        if let Some(full) = known.full(address, now, self.all) {
            return Ok(Some(Obstacle::Refused(full)));
        }
        let insert = "INSERT INTO nonces (address, nonce, fingerprint, run, dies_at) VALUES (?1, ?2, ?3, ?4, ?5)";
        let run = run.as_ref().map(Uuid::as_bytes);
        let row = (address.as_bytes(), &nonce.value, nonce.fingerprint, run, nonce.dies_at);
        db.prepare_cached(insert)?.execute(row)?;
        known.add(address, &nonce.value, db.last_insert_rowid(), nonce.dies_at);
        Ok(None)
    }

    /// What the nonce has led to, while it lives.
    pub(super) fn find(
        &self,
        db: &Connection,
        address: Address,
        nonce: &Nonce,
        now: Timestamp,
    ) -> rusqlite::Result<Option<Obstacle>> {
        Known::of(&mut self.lock(), db)?.find(db, address, nonce, now.as_second())
    }

    /// Forgets some that have died, and that they were there: see [`Nonces::forget`].
    pub(super) fn purge(&self, db: &Connection, now: Timestamp, most: i64) -> rusqlite::Result<Purged> {
        let delete = "DELETE FROM nonces WHERE number IN
                      (SELECT number FROM nonces WHERE dies_at < ?1 ORDER BY dies_at LIMIT ?2)
                      RETURNING address, dies_at";
        let mut delete = db.prepare_cached(delete)?;
        let mut rows = delete.query((now.as_second(), most))?;
        let mut purged = Purged::default();
        while let Some(row) = rows.next()? {
            purged.of.push(Address::from_bytes(row.get(0)?));
            purged.through = purged.through.max(row.get(1)?);
        }
        if !purged.of.is_empty() {
            let mut guard = self.lock();
            let known = Known::of(&mut guard, db)?;
            known.purged_through = known.purged_through.max(purged.through);
            let raise = "UPDATE meta SET value = max(value, ?1) WHERE key = 'purged_through'";
            db.prepare_cached(raise)?.execute([purged.through])?;
        }
        Ok(purged)
    }

    /// Needs less memory, once what was purged cannot come back.
    pub(super) fn forget(&self, purged: &Purged) {
        if let Some(known) = self.lock().as_mut() {
            for address in &purged.of {
                known.forget(*address, purged.through);
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
        let (of, hasher) = (HashMap::new(), RandomState::new());
        let mut known = Self { of, count: 0, hasher, purged_through, swept_through: purged_through };
        let mut select = db.prepare("SELECT number, address, nonce, dies_at FROM nonces")?;
        let mut rows = select.query(())?;
        while let Some(row) = rows.next()? {
            known.add(Address::from_bytes(row.get(1)?), row.get_ref(2)?.as_str()?, row.get(0)?, row.get(3)?);
        }
        Ok(known)
    }

    fn add(&mut self, address: Address, nonce: &str, number: i64, dies_at: i64) {
        let hash = self.hasher.hash_one(nonce);
        // Most have one at a time.
        self.of.entry(address).or_insert_with(|| Vec::with_capacity(1)).push(Place { hash, number, dies_at });
        self.count += 1;
    }

    fn find(&self, db: &Connection, address: Address, nonce: &Nonce, now: i64) -> rusqlite::Result<Option<Obstacle>> {
        let Some(places) = self.of.get(&address) else { return Ok(None) };
        let hash = self.hasher.hash_one(nonce.value.as_str());
        let select = "SELECT fingerprint, run FROM nonces
                      WHERE number = ?1 AND address = ?2 AND nonce = ?3 AND dies_at >= ?4";
        for place in places.iter().filter(|place| place.hash == hash) {
            let row = (place.number, address.as_bytes(), &nonce.value, now);
            let found = db.prepare_cached(select)?.query_row(row, |row| {
                let (fingerprint, run): ([u8; 32], Option<[u8; 16]>) = (row.get(0)?, row.get(1)?);
                Ok(match run {
                    Some(run) if fingerprint == nonce.fingerprint => {
                        Obstacle::Repeated(Mark::Nonce, Uuid::from_bytes(run))
                    }
                    _ => Obstacle::Refused(Refusal::Reused(Mark::Nonce)),
                })
            });
            if let Some(found) = found.optional()? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Says when an address may have no more of them, or nobody may.
    fn full(&mut self, address: Address, now: i64, all: usize) -> Option<Refusal> {
        let lives = self.of.get(&address).into_iter().flatten().map(|place| place.dies_at).filter(|end| *end >= now);
        let (count, first) = lives.fold((0, i64::MAX), |(count, first), end| (count + 1, first.min(end)));
        if count >= QUOTA {
            let seconds = first.saturating_sub(now).saturating_add(1).unsigned_abs();
            return Some(Refusal::TooMany { mark: Mark::Nonce, quota: QUOTA, seconds });
        }
        if self.count >= all && self.swept_through < self.purged_through {
            // Those that did not become durable are in no purge.
            self.swept_through = self.purged_through;
            for address in self.of.keys().copied().collect::<Vec<_>>() {
                self.forget(address, self.swept_through);
            }
        }
        (self.count >= all).then_some(Refusal::Full)
    }

    fn forget(&mut self, address: Address, through: i64) {
        let Some(places) = self.of.get_mut(&address) else { return };
        let before = places.len();
        places.retain(|place| place.dies_at > through);
        self.count = self.count.saturating_sub(before - places.len());
        if places.is_empty() {
            self.of.remove(&address);
        }
    }
}

pub(super) fn have_died(db: &Connection, now: Timestamp) -> rusqlite::Result<bool> {
    let exists = "SELECT EXISTS (SELECT 1 FROM nonces WHERE dies_at < ?1)";
    db.prepare_cached(exists)?.query_row([now.as_second()], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(include_str!("../../database/0001.sql")).unwrap();
        db.execute_batch(include_str!("../../database/0002.sql")).unwrap();
        db.execute_batch(include_str!("../../database/0003.sql")).unwrap();
        db
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn nonce(dies_at: i64) -> Nonce {
        Nonce { value: "one".to_owned(), fingerprint: [1; 32], dies_at }
    }

    #[test]
    fn all_together_have_a_bound_for_which_only_those_count_that_are_there() {
        let (db, nonces) = (file(), Nonces { all: 2, ..Nonces::default() });
        let take = |who, dies_at, now| nonces.take(&db, Address::from_bytes([who; 20]), &nonce(dies_at), None, at(now));
        db.execute_batch("BEGIN").unwrap();
        assert_eq!(take(1, 130, 100).unwrap(), None);
        db.execute_batch("ROLLBACK").unwrap();
        assert_eq!(take(2, 140, 100).unwrap(), None);
        assert_eq!(take(3, 150, 100).unwrap(), Some(Obstacle::Refused(Refusal::Full)));
        assert_eq!(take(2, 140, 100).unwrap(), Some(Obstacle::Refused(Refusal::Reused(Mark::Nonce))));
        nonces.forget(&nonces.purge(&db, at(141), 10).unwrap());
        for who in 3..5 {
            assert_eq!(take(who, 200, 141).unwrap(), None, "what was rolled back holds no place for ever");
        }
        assert_eq!(take(5, 200, 141).unwrap(), Some(Obstacle::Refused(Refusal::Full)));
    }

    #[test]
    fn a_clock_that_steps_back_does_not_make_a_purged_nonce_good_again() {
        let (db, nonces) = (file(), Nonces::default());
        let (alice, run) = (Address::from_bytes([1; 20]), Some(Uuid::now_v7()));
        assert_eq!(nonces.take(&db, alice, &nonce(130), run, at(100)).unwrap(), None);
        let purged = nonces.purge(&db, at(1000), 10).unwrap();
        nonces.forget(&purged);
        assert_eq!(purged.of, [alice]);
        for nonces in [&nonces, &Nonces::default()] {
            assert_eq!(
                nonces.take(&db, alice, &nonce(130), run, at(100)).unwrap(),
                Some(Obstacle::Refused(Refusal::Expired))
            );
        }
        assert_eq!(
            nonces.take(&db, alice, &nonce(131), run, at(100)).unwrap(),
            None,
            "no more than was purged is lost"
        );
    }
}
