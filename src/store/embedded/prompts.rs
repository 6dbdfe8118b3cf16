use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row};

use super::super::{PROMPTS, Placed, Prompt, Prompts};
use super::Embedded;
use crate::address::Address;
use crate::error::Result;

#[async_trait]
impl Prompts for Embedded {
    async fn prompts(&self, address: Address) -> Result<Vec<Prompt>> {
        self.database.read(move |db| list(db, address)).await
    }

    async fn prompt(&self, address: Address, name: String) -> Result<Option<(Prompt, String)>> {
        self.database.read(move |db| find(db, address, &name)).await
    }

    async fn set_prompt(&self, address: Address, name: String, text: String) -> Result<Placed> {
        let (now, room) = (self.clock.now(), self.prompt_bytes);
        let change = move |db: &Connection| {
            if bytes(db)?.saturating_add(text.len()) > room {
                return Ok(Placed::NoRoom);
            }
            place(db, address, &name, &text, now)
        };
        self.database.write(change, |_| ()).await
    }

    async fn delete_prompt(&self, address: Address, name: String) -> Result<bool> {
        let delete = "DELETE FROM prompts WHERE address = ?1 AND name = ?2";
        let change =
            move |db: &Connection| db.prepare_cached(delete)?.execute((address.as_bytes(), name)).map(|gone| gone > 0);
        self.database.write(change, |_| ()).await
    }
}

/// Leaves nothing of `address`.
pub(super) fn forget(db: &Connection, address: Address) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM prompts WHERE address = ?1")?.execute([address.as_bytes()]).map(drop)
}

/// What all texts have together.
fn bytes(db: &Connection) -> rusqlite::Result<usize> {
    let select = "SELECT value FROM meta WHERE key = 'prompt_bytes'";
    let bytes: i64 = db.prepare_cached(select)?.query_row((), |row| row.get(0))?;
    Ok(usize::try_from(bytes).unwrap_or(usize::MAX))
}

fn place(db: &Connection, address: Address, name: &str, text: &str, now: Timestamp) -> rusqlite::Result<Placed> {
    // To the millisecond, as it will be read.
    let prompt =
        Prompt { name: name.to_owned(), size: text.chars().count() as u64, changed_at: time(now.as_millisecond()) };
    let size = prompt.size.cast_signed();
    let update = "UPDATE prompts SET size = ?3, changed_at = ?4, text = ?5 WHERE address = ?1 AND name = ?2";
    let row = (address.as_bytes(), name, size, now.as_millisecond(), text);
    if db.prepare_cached(update)?.execute(row)? > 0 {
        return Ok(Placed::Replaced(prompt));
    }
    let count = "SELECT count(*) FROM prompts WHERE address = ?1";
    let count: i64 = db.prepare_cached(count)?.query_row([address.as_bytes()], |row| row.get(0))?;
    if count.unsigned_abs() >= PROMPTS as u64 {
        return Ok(Placed::Full);
    }
    let insert = "INSERT INTO prompts (address, name, size, changed_at, text) VALUES (?1, ?2, ?3, ?4, ?5)";
    db.prepare_cached(insert)?.execute(row)?;
    Ok(Placed::Created(prompt))
}

fn list(db: &Connection, address: Address) -> rusqlite::Result<Vec<Prompt>> {
    let select = "SELECT name, size, changed_at FROM prompts WHERE address = ?1 ORDER BY name";
    db.prepare_cached(select)?.query_map([address.as_bytes()], read)?.collect()
}

fn find(db: &Connection, address: Address, name: &str) -> rusqlite::Result<Option<(Prompt, String)>> {
    let select = "SELECT name, size, changed_at, text FROM prompts WHERE address = ?1 AND name = ?2";
    let prompt = |row: &Row<'_>| Ok((read(row)?, row.get(3)?));
    db.prepare_cached(select)?.query_row((address.as_bytes(), name), prompt).optional()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Prompt> {
    let (size, changed_at): (i64, _) = (row.get(1)?, row.get(2)?);
    Ok(Prompt { name: row.get(0)?, size: size.unsigned_abs(), changed_at: time(changed_at) })
}

fn time(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap_or(Timestamp::UNIX_EPOCH)
}
