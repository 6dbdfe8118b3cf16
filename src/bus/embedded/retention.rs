//! What the log forgets: events that are too old, more than a key may have, more than the disk is to hold.
//!
//! It forgets in small steps, each of which queues behind whoever writes. It remembers of each key how far it was trimmed,
//! so that a reader which comes back from before that is told; when it remembers too many keys, it forgets those that were
//! trimmed longest ago, and tells every such key instead.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};

use super::keys;
use super::nonces::{self, Nonces};
use crate::clock::Clock;
use crate::config::Retention;
use crate::database::Database;
use crate::error::Result;

/// So many events are forgotten in one step.
const STEP: i64 = 256;
/// So many new events are looked through in one step for keys that have too many.
const LOOK: i64 = 4096;
/// So many keys are looked at in one go.
const KEYS: usize = 64;
/// Of so many keys it is known how far they were trimmed.
const REMEMBERED: i64 = 65_536;

pub(super) struct Trimmer {
    database: Database,
    nonces: Arc<Nonces>,
    retention: Retention,
    clock: Clock,
    /// Up to where new events were looked through for keys that have too many.
    looked: Mutex<i64>,
}

/// An event that is to be forgotten.
type Victim = (i64, [u8; 20]);

impl Trimmer {
    pub(super) fn new(database: Database, nonces: Arc<Nonces>, retention: Retention, clock: Clock) -> Self {
        Self { database, nonces, retention, clock, looked: Mutex::new(0) }
    }

    /// One step. True when there is more to do.
    pub(super) async fn trim(&self) -> Result<bool> {
        let now = self.clock.now();
        let has_crowd = self.trim_a_key().await?;
        let has_dead = self.purge_nonces(now).await?;
        let (age, bytes) = (self.retention.age, self.retention.bytes);
        let before = now.checked_sub(age).unwrap_or(Timestamp::MIN).as_millisecond();
        let (victims, has_expired) = self
            .database
            .read(move |db| {
                let excess = used(db)?.saturating_sub(bytes);
                Ok((oldest(db, before, excess)?, keys::have_expired(db, now)?))
            })
            .await?;
        let is_more = !victims.is_empty() || has_expired || has_crowd || has_dead;
        if !victims.is_empty() || has_expired {
            let change = move |db: &Connection| {
                keys::purge(db, now, STEP)?;
                forget(db, &victims)
            };
            self.database.write(change, |()| ()).await?;
        }
        Ok(is_more)
    }

    /// Forgets some nonces that have died. True when there is more to do.
    async fn purge_nonces(&self, now: Timestamp) -> Result<bool> {
        let has_dead = self.database.read(move |db| nonces::have_died(db, now)).await?;
        if has_dead {
            let (purging, forgetting) = (Arc::clone(&self.nonces), Arc::clone(&self.nonces));
            let change = move |db: &Connection| purging.purge(db, now, STEP);
            self.database.write(change, move |purged| forgetting.forget(purged)).await?;
        }
        Ok(has_dead)
    }

    /// Looks through some new events, and trims the first key among them that has too many. True when there is more to do.
    async fn trim_a_key(&self) -> Result<bool> {
        let count = self.retention.events_per_key;
        let looked = *self.looked.lock().unwrap_or_else(PoisonError::into_inner);
        let (through, looked_at, addresses) = self.database.read(move |db| newcomers(db, looked)).await?;
        for addresses in addresses.chunks(KEYS) {
            // Some at a time, so that whoever reads meanwhile gets a turn.
            let addresses = addresses.to_vec();
            let victims = self.database.read(move |db| first_crowd(db, &addresses, count)).await?;
            if !victims.is_empty() {
                self.database.write(move |db| forget(db, &victims), |()| ()).await?;
                return Ok(true);
            }
        }
        *self.looked.lock().unwrap_or_else(PoisonError::into_inner) = through;
        Ok(looked_at == LOOK)
    }
}

/// How much of the file is in use, in bytes.
fn used(db: &Connection) -> rusqlite::Result<u64> {
    let pragma = |name| db.pragma_query_value(None, name, |row| row.get(0).map(i64::cast_unsigned));
    Ok((pragma("page_count")? - pragma("freelist_count")?) * pragma("page_size")?)
}

/// The first events of the log: those that ended before a time, in milliseconds, and as many as take `excess` bytes; never
/// the newest of all.
fn oldest(db: &Connection, before: i64, mut excess: u64) -> rusqlite::Result<Vec<Victim>> {
    let select = "SELECT sequence, address, finished_at, length(data) FROM events
                  WHERE sequence < (SELECT max(sequence) FROM events) ORDER BY sequence LIMIT ?1";
    let mut statement = db.prepare_cached(select)?;
    let mut rows = statement.query([STEP])?;
    let mut victims = Vec::new();
    while let Some(row) = rows.next()? {
        if excess > 0 || row.get::<_, i64>(2)? < before {
            victims.push(victim(row)?);
            excess = excess.saturating_sub(row.get(3).map(i64::cast_unsigned)?);
        }
    }
    Ok(victims)
}

/// Up to where events after `looked` were looked through, how many they were, and whose.
fn newcomers(db: &Connection, looked: i64) -> rusqlite::Result<(i64, i64, Vec<[u8; 20]>)> {
    let select =
        "SELECT max(sequence), address, count(*) FROM (SELECT sequence, address FROM events WHERE sequence > ?1
                  ORDER BY sequence LIMIT ?2) GROUP BY address";
    let mut statement = db.prepare_cached(select)?;
    let mut rows = statement.query((looked, LOOK))?;
    let (mut through, mut count, mut addresses) = (looked, 0, Vec::new());
    while let Some(row) = rows.next()? {
        through = through.max(row.get(0)?);
        addresses.push(row.get(1)?);
        count += row.get::<_, i64>(2)?;
    }
    Ok((through, count, addresses))
}

/// The oldest events of the first of these keys that has more than `count`.
fn first_crowd(db: &Connection, addresses: &[[u8; 20]], count: u32) -> rusqlite::Result<Vec<Victim>> {
    for address in addresses {
        let victims = too_many(db, *address, count)?;
        if !victims.is_empty() {
            return Ok(victims);
        }
    }
    Ok(Vec::new())
}

/// The oldest events of a key that has more than `count`; never the newest of all, since a key has at least one.
fn too_many(db: &Connection, address: [u8; 20], count: u32) -> rusqlite::Result<Vec<Victim>> {
    let first = "SELECT sequence FROM events WHERE address = ?1 ORDER BY sequence DESC LIMIT 1 OFFSET ?2";
    let first = db.prepare_cached(first)?.query_row((address, count), |row| row.get::<_, i64>(0)).optional()?;
    let Some(first) = first else { return Ok(Vec::new()) };
    let select =
        "SELECT sequence, address FROM events WHERE address = ?1 AND sequence <= ?2 ORDER BY sequence LIMIT ?3";
    db.prepare_cached(select)?.query_map((address, first, STEP), victim)?.collect()
}

fn victim(row: &Row<'_>) -> rusqlite::Result<Victim> {
    Ok((row.get(0)?, row.get(1)?))
}

fn forget(db: &Connection, victims: &[Victim]) -> rusqlite::Result<()> {
    let mut delete = db.prepare_cached("DELETE FROM events WHERE sequence = ?1")?;
    let mut remember = db.prepare_cached(
        "INSERT INTO trimmed (address, through) VALUES (?1, ?2)
         ON CONFLICT (address) DO UPDATE SET through = max(through, excluded.through)",
    )?;
    for (sequence, address) in victims {
        delete.execute([sequence])?;
        remember.execute((address, sequence))?;
    }
    remember_less(db)
}

fn remember_less(db: &Connection) -> rusqlite::Result<()> {
    let count: i64 = db.prepare_cached("SELECT count(*) FROM trimmed")?.query_row((), |row| row.get(0))?;
    if count <= REMEMBERED {
        return Ok(());
    }
    let through = "SELECT through FROM trimmed ORDER BY through LIMIT 1 OFFSET ?1";
    // A quarter at once, so that this is not done in every step.
    let through: i64 = db.query_row(through, [count - REMEMBERED + REMEMBERED / 4], |row| row.get(0))?;
    db.execute("DELETE FROM trimmed WHERE through <= ?1", [through])?;
    db.execute("UPDATE meta SET value = max(value, ?1) WHERE key = 'forgotten'", [through]).map(drop)
}
