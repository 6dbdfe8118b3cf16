//! The SQL of the log.

use std::ops::RangeInclusive;

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

use super::super::{Opening, Page};
use crate::address::Address;
use crate::error::Code;
use crate::event::{Epoch, Event, EventId, EventName};
use crate::run::{Ended, Idempotency, Opened};

/// A page of the log ends after so many events, or with the one that makes it so many bytes long.
const PAGE_EVENTS: usize = 64;
const PAGE_BYTES: usize = 256 * 1024;

/// How long an idempotency key stands for its request, and how many may do so at once for one address.
const KEY_LIFETIME: SignedDuration = SignedDuration::from_hours(24);
const KEYS: usize = 1024;

pub(super) fn open(
    db: &Connection,
    run: &Opened,
    request: Option<&Idempotency>,
    now: Timestamp,
) -> rusqlite::Result<Opening> {
    if let Some(request) = request
        && let Some(known) = claim(db, run, request, now)?
    {
        return Ok(known);
    }
    let insert = "INSERT INTO open_runs (address, run, command, text, opened_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    let row = (run.address.as_bytes(), run.id.as_bytes(), &run.command, &run.text, run.at.as_millisecond());
    db.prepare_cached(insert)?.execute(row)?;
    Ok(Opening::Opened)
}

/// What the key of a request has led to, while it lives.
pub(super) fn known(
    db: &Connection,
    address: Address,
    request: &Idempotency,
    now: Timestamp,
) -> rusqlite::Result<Option<Opening>> {
    let select = "SELECT fingerprint, run FROM idempotency_keys WHERE address = ?1 AND key = ?2 AND expires_at > ?3";
    let key = (address.as_bytes(), &request.key, now.as_millisecond());
    let known = db.prepare_cached(select)?.query_row(key, |row| {
        let (fingerprint, run): ([u8; 32], [u8; 16]) = (row.get(0)?, row.get(1)?);
        Ok(Opening::Repeated { run: Uuid::from_bytes(run), is_same: fingerprint == request.fingerprint })
    });
    known.optional()
}

/// Takes the key for this run, or tells why not.
fn claim(db: &Connection, run: &Opened, request: &Idempotency, now: Timestamp) -> rusqlite::Result<Option<Opening>> {
    if let Some(known) = known(db, run.address, request, now)? {
        return Ok(Some(known));
    }
    let (address, now) = (run.address.as_bytes(), now.as_millisecond());
    let live =
        "SELECT count(*), coalesce(min(expires_at), 0) FROM idempotency_keys WHERE address = ?1 AND expires_at > ?2";
    let live =
        db.prepare_cached(live)?.query_row((address, now), |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
    if usize::try_from(live.0).is_ok_and(|live| live >= KEYS) {
        let seconds = live.1.saturating_sub(now).unsigned_abs().div_ceil(1000);
        return Ok(Some(Opening::TooManyKeys { quota: KEYS, seconds }));
    }
    let take = "INSERT OR REPLACE INTO idempotency_keys (address, key, fingerprint, run, expires_at)
                VALUES (?1, ?2, ?3, ?4, ?5)";
    let expires_at = now.saturating_add(i64::try_from(KEY_LIFETIME.as_millis()).unwrap_or(i64::MAX));
    let row = (address, &request.key, request.fingerprint, run.id.as_bytes(), expires_at);
    db.prepare_cached(take)?.execute(row)?;
    Ok(None)
}

/// Moves a run from those that are open to the log. None when it was not open.
pub(super) fn append(db: &Connection, ended: &Ended) -> rusqlite::Result<Option<u64>> {
    let insert = "INSERT INTO events (address, run, command, status, code, opened_at, finished_at, data)
                  SELECT address, run, command, ?3, ?4, opened_at, ?5, ?6 FROM open_runs WHERE address = ?1 AND run = ?2";
    let (address, run) = (ended.address.as_bytes(), ended.id.as_bytes());
    let (status, code) = (ended.status.as_str(), ended.code.map(Code::as_str));
    let row = (address, run, status, code, ended.at.as_millisecond(), &ended.data);
    if db.prepare_cached(insert)?.execute(row)? == 0 {
        return Ok(None);
    }
    let sequence = db.last_insert_rowid().cast_unsigned();
    db.prepare_cached("DELETE FROM open_runs WHERE address = ?1 AND run = ?2")?.execute((address, run))?;
    Ok(Some(sequence))
}

/// The first events after the start of `range` and up to its end.
pub(super) fn page(
    db: &Connection,
    epoch: Epoch,
    address: Address,
    range: RangeInclusive<u64>,
) -> rusqlite::Result<Page> {
    let trimmed = "SELECT coalesce((SELECT through FROM trimmed WHERE address = ?1),
                                   (SELECT value FROM meta WHERE key = 'forgotten'))";
    // One transaction: what is trimmed between two statements would be missing in both.
    let snapshot = db.unchecked_transaction()?;
    let trimmed: i64 = snapshot.prepare_cached(trimmed)?.query_row([address.as_bytes()], |row| row.get(0))?;
    let select = "SELECT sequence, data FROM events
                  WHERE address = ?1 AND sequence > ?2 AND sequence <= ?3 ORDER BY sequence";
    let (after, through) = (range.start().cast_signed(), range.end().cast_signed());
    let mut statement = snapshot.prepare_cached(select)?;
    let mut rows = statement.query((address.as_bytes(), after, through))?;
    let mut page = Page { trimmed: trimmed.cast_unsigned(), ..Page::default() };
    let mut bytes = 0;
    loop {
        let Some(row) = rows.next()? else {
            page.is_last = true;
            break;
        };
        if page.events.len() == PAGE_EVENTS || bytes >= PAGE_BYTES {
            break;
        }
        let sequence = row.get::<_, i64>(0)?.cast_unsigned();
        let id = EventId { epoch, sequence };
        let event = Event::from_json(Some(id), EventName::CommandResult, row.get_ref(1)?.as_str()?);
        bytes += event.frame().len();
        page.events.push(event);
    }
    Ok(page)
}
