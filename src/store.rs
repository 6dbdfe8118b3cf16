//! What the server remembers of a key: its identity, its runs, its sessions and stream tickets, its settings and prompts.
//!
//! Every method fails with `store_unavailable` and with nothing else; what a finding means is for the caller to say.

mod commands;
mod preferences;
mod prompts;
mod runs;
mod sessions;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use crate::address::Address;
use crate::clock::Clock;
use crate::database::Database;
use crate::error::Result;

pub use self::commands::{MOST_COMMANDS, Registered};
pub use self::prompts::{PROMPTS, Placed, Prompt};
pub use self::runs::{Run, Runs, Tally, Wanted};
pub use self::sessions::{HOLD, TICKET};

/// The record that makes a visitor a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    pub address: Address,
    pub created_at: Timestamp,
}

pub struct Store {
    database: Database,
    /// How many bytes the prompts of all keys may have.
    prompt_bytes: usize,
    clock: Clock,
}

impl Store {
    pub fn new(database: Database, prompt_bytes: usize, clock: Clock) -> Self {
        Self { database, prompt_bytes, clock }
    }

    /// What only this server knows, and any that goes on with its file.
    pub async fn secret(&self) -> Result<[u8; 32]> {
        let select = "SELECT value FROM meta WHERE key = 'secret'";
        self.database.read(move |db| db.query_row(select, (), |row| row.get(0))).await
    }

    /// The record of `address`, if it has one.
    pub async fn identity(&self, address: Address) -> Result<Option<Identity>> {
        self.database.read(move |db| find_identity(db, address)).await
    }

    /// Makes the record of `address` unless there is one. Returns it, and whether it is new; `visible` hears the same as
    /// soon as it is durable, in the order of the changes.
    ///
    /// None for an address that deleted its identity, where the word for it is one that can be `replayed`: that mark outlives
    /// the record, and a new one.
    pub async fn create_identity(
        &self,
        address: Address,
        replayed: bool,
        visible: impl FnOnce(Identity, bool) + Send + 'static,
    ) -> Result<Option<(Identity, bool)>> {
        let now = self.clock.now().as_second();
        let insert = "INSERT INTO identities (address, created_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        self.database
            .write(
                move |db| {
                    if replayed && find_deleted(db, address)? {
                        return Ok(None);
                    }
                    let is_new = db.prepare_cached(insert)?.execute((address.as_bytes(), now))? > 0;
                    Ok(find_identity(db, address)?.map(|identity| (identity, is_new)))
                },
                |created| {
                    if let Some((identity, is_new)) = created {
                        visible(*identity, *is_new);
                    }
                },
            )
            .await
    }

    /// Removes the record of `address` with all its sessions, tickets, settings and prompts, and marks the address as one that was
    /// deleted. Returns whether there was a record; `visible` hears the same as soon as it is durable, in the order of the changes.
    pub async fn delete_identity(&self, address: Address, visible: impl FnOnce(bool) + Send + 'static) -> Result<bool> {
        let now = self.clock.now().as_second();
        let mark = "INSERT INTO deleted_identities (address, deleted_at) VALUES (?1, ?2)
                    ON CONFLICT DO UPDATE SET deleted_at = excluded.deleted_at";
        self.database
            .write(
                move |db| {
                    let deleted = db.execute("DELETE FROM identities WHERE address = ?1", [address.as_bytes()])? > 0;
                    if deleted {
                        db.execute(mark, (address.as_bytes(), now))?;
                        sessions::end_sessions(db, address, None)?;
                        preferences::forget(db, address)?;
                        prompts::forget(db, address)?;
                    }
                    Ok(deleted)
                },
                |deleted| visible(*deleted),
            )
            .await
    }

    /// Whether `address` ever deleted its identity.
    pub async fn was_deleted(&self, address: Address) -> Result<bool> {
        self.database.read(move |db| find_deleted(db, address)).await
    }
}

fn find_deleted(db: &Connection, address: Address) -> rusqlite::Result<bool> {
    let exists = "SELECT EXISTS (SELECT 1 FROM deleted_identities WHERE address = ?1)";
    db.prepare_cached(exists)?.query_row([address.as_bytes()], |row| row.get(0))
}

fn find_identity(db: &Connection, address: Address) -> rusqlite::Result<Option<Identity>> {
    let created_at: Option<i64> = db
        .prepare_cached("SELECT created_at FROM identities WHERE address = ?1")?
        .query_row([address.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(created_at.map(|second| Identity {
        address,
        created_at: Timestamp::from_second(second).unwrap_or(Timestamp::UNIX_EPOCH),
    }))
}
