//! The SQL of the log.

use std::ops::RangeInclusive;

use jiff::Timestamp;
use rusqlite::{Connection, Row};
use uuid::Uuid;

use super::super::{Abandoned, Obstacle, Page};
use super::keys;
use super::nonces::Nonces;
use crate::address::Address;
use crate::error::Code;
use crate::event::{Epoch, Event, EventId, EventName};
use crate::run::{Ended, Once, Opened};

/// A page of the log ends after so many events, or with the one that makes it so many bytes long.
const PAGE_EVENTS: usize = 64;
const PAGE_BYTES: usize = 256 * 1024;

/// Writes down that a run begins, with what its request is recognised by.
pub(super) fn open(
    db: &Connection,
    nonces: &Nonces,
    run: &Opened,
    once: &Once,
    now: Timestamp,
) -> rusqlite::Result<Option<Obstacle>> {
    // Nothing is taken before it is known that all can be.
    if let Some(request) = &once.idempotency {
        let refused = keys::find(db, run.address, request, now)?;
        if let Some(refused) = refused.map_or_else(|| keys::full(db, run.address, now), |found| Ok(Some(found)))? {
            return Ok(Some(refused));
        }
    }
    if let Some(nonce) = &once.nonce
        && let Some(refused) = nonces.take(db, run.address, nonce, Some(run.id), now)?
    {
        return Ok(Some(refused));
    }
    if let Some(request) = &once.idempotency {
        keys::take(db, run, request, now)?;
    }
    let insert = "INSERT INTO open_runs (address, run, command, text, opened_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    let row = (run.address.as_bytes(), run.id.as_bytes(), &run.command, &run.text, run.at.as_millisecond());
    db.prepare_cached(insert)?.execute(row)?;
    Ok(None)
}

/// What a request has led to that is recognised.
pub(super) fn known(
    db: &Connection,
    nonces: &Nonces,
    address: Address,
    once: &Once,
    now: Timestamp,
) -> rusqlite::Result<Option<Obstacle>> {
    if let Some(request) = &once.idempotency
        && let Some(known) = keys::find(db, address, request, now)?
    {
        return Ok(Some(known));
    }
    match &once.nonce {
        Some(nonce) => nonces.find(db, address, nonce, now),
        None => Ok(None),
    }
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

/// Every run that is open, of all addresses.
pub(super) fn opened(db: &Connection) -> rusqlite::Result<Vec<Abandoned>> {
    let mut select = db.prepare("SELECT address, run, command, text, opened_at FROM open_runs ORDER BY run")?;
    let opened = |row: &Row<'_>| {
        let run = Opened {
            address: Address::from_bytes(row.get(0)?),
            id: Uuid::from_bytes(row.get(1)?),
            command: row.get(2)?,
            text: row.get(3)?,
            at: Timestamp::from_millisecond(row.get(4)?).unwrap_or(Timestamp::UNIX_EPOCH),
        };
        Ok(Abandoned { run, begun: true })
    };
    select.query_map((), opened)?.collect()
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
