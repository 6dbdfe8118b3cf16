use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::super::runs::PAGE_BYTES;
use super::super::{History, Run, Runs, Tally, Wanted};
use super::Embedded;
use crate::address::Address;
use crate::error::{Code, Result};
use crate::run::Status;

#[async_trait]
impl History for Embedded {
    async fn run(&self, address: Address, id: Uuid) -> Result<Option<Run>> {
        self.database.read(move |db| find(db, address, *id.as_bytes())).await
    }

    async fn runs(&self, address: Address, wanted: Wanted, limit: usize) -> Result<Runs> {
        self.database.read(move |db| list(db, address, &wanted, limit)).await
    }

    async fn tallies(&self, address: Address, wanted: Wanted) -> Result<Vec<Tally>> {
        self.database.read(move |db| tally(db, address, &wanted)).await
    }
}

/// The open runs of an address and those of its log, in one form.
const COLUMNS_OF_BOTH: &str = "SELECT * FROM (
    SELECT run, command, text, 'pending' AS status, NULL AS code, opened_at, NULL AS finished_at, NULL AS data
    FROM open_runs WHERE address = ?1
    UNION ALL
    SELECT run, command, NULL, status, code, opened_at, finished_at, data FROM events WHERE address = ?1)";

/// Each unset wish is NULL. Ids of runs begin with their time, so they tell of most that they are too old.
const WANTED: &str =
    "run < ?2 AND run >= ?3 AND (?4 IS NULL OR command = ?4 OR substr(command, 1, length(?4) + 1) = ?4 || '/')
    AND (?5 IS NULL OR status = ?5) AND (?6 IS NULL OR opened_at >= ?6)";

type Wishes = ([u8; 20], [u8; 16], [u8; 16], Option<String>, Option<&'static str>, Option<i64>);

fn wishes(address: Address, wanted: &Wanted) -> Wishes {
    let since = wanted.since.map(Timestamp::as_millisecond);
    // A little earlier: ids have a clock of their own.
    let earliest = since.map_or(0, |since| u128::try_from(since.saturating_sub(60_000)).unwrap_or(0) << 80);
    (
        *address.as_bytes(),
        wanted.before.unwrap_or(Uuid::max()).into_bytes(),
        earliest.to_be_bytes(),
        wanted.command.as_ref().map(|command| format!("/{}", command.trim_start_matches('/'))),
        wanted.status.map(Status::as_str),
        since,
    )
}

fn list(db: &Connection, address: Address, wanted: &Wanted, limit: usize) -> rusqlite::Result<Runs> {
    // One transaction: a run that ends between two statements would be missing in both.
    let snapshot = db.unchecked_transaction()?;
    // They are sorted by their ids alone: whole rows may be large.
    let ids = format!("SELECT run FROM ({COLUMNS_OF_BOTH}) WHERE {WANTED} ORDER BY run DESC");
    let mut statement = snapshot.prepare_cached(&ids)?;
    let mut ids = statement.query(wishes(address, wanted))?;
    let mut list = Runs::default();
    let mut bytes = 0;
    while let Some(id) = ids.next()? {
        if list.runs.len() == limit || bytes >= PAGE_BYTES {
            list.has_more = true;
            break;
        }
        let Some(run) = find(&snapshot, address, id.get(0)?)? else { continue };
        bytes += run.text.len() + run.result.as_ref().map_or(0, |result| result.get().len());
        list.runs.push(run);
    }
    Ok(list)
}

fn find(db: &Connection, address: Address, id: [u8; 16]) -> rusqlite::Result<Option<Run>> {
    let select = format!("{COLUMNS_OF_BOTH} WHERE run = ?2");
    db.prepare_cached(&select)?.query_row((address.as_bytes(), id), read).optional()
}

fn tally(db: &Connection, address: Address, wanted: &Wanted) -> rusqlite::Result<Vec<Tally>> {
    let select = format!(
        "SELECT command, status, code, count(*), sum(max(0, finished_at - opened_at)), max(finished_at - opened_at)
         FROM events WHERE address = ?1 AND {WANTED} GROUP BY command, status, code ORDER BY command, status DESC, code"
    );
    let tally = |row: &Row<'_>| {
        Ok(Tally {
            path: row.get(0)?,
            status: status(row, 1)?,
            code: code(row, 2)?,
            count: row.get(3).map(i64::unsigned_abs)?,
            total_ms: row.get(4).map(i64::unsigned_abs)?,
            longest_ms: row.get(5).map(|longest: i64| longest.max(0).unsigned_abs())?,
        })
    };
    db.prepare_cached(&select)?.query_map(wishes(address, wanted), tally)?.collect()
}

/// What is read of the data of an event.
#[derive(Deserialize)]
struct Told<'a> {
    command: String,
    #[serde(borrow)]
    result: &'a RawValue,
}

fn read(row: &Row<'_>) -> rusqlite::Result<Run> {
    let told = match row.get_ref(7)?.as_str_or_null()? {
        None => None,
        Some(data) => Some(serde_json::from_str::<Told<'_>>(data).map_err(|error| unreadable(7, error))?),
    };
    let (text, result) = match told {
        Some(told) => (told.command, Some(told.result.to_owned())),
        None => (row.get(2)?, None),
    };
    Ok(Run {
        id: Uuid::from_bytes(row.get(0)?),
        path: row.get(1)?,
        text,
        status: status(row, 3)?,
        code: code(row, 4)?,
        created_at: time(row.get(5)?),
        finished_at: row.get::<_, Option<i64>>(6)?.map(time),
        result,
    })
}

fn status(row: &Row<'_>, column: usize) -> rusqlite::Result<Status> {
    Status::of(row.get_ref(column)?.as_str()?).ok_or_else(|| unreadable(column, "a status"))
}

/// None also for a code that this program does not know any more.
fn code(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Code>> {
    Ok(row.get_ref(column)?.as_str_or_null()?.and_then(Code::of))
}

fn time(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn unreadable(column: usize, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, cause.into())
}
