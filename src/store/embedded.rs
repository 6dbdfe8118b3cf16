//! The store of a single machine: tables in the SQLite file.

mod commands;
mod identities;
mod preferences;
mod prompts;
mod runs;
mod sessions;

use async_trait::async_trait;

use super::Store;
use crate::clock::Clock;
use crate::database::Database;
use crate::error::Result;

pub struct Embedded {
    database: Database,
    /// How many bytes the prompts of all keys may have.
    prompt_bytes: usize,
    clock: Clock,
}

impl Embedded {
    pub fn new(database: Database, prompt_bytes: usize, clock: Clock) -> Self {
        Self { database, prompt_bytes, clock }
    }
}

#[async_trait]
impl Store for Embedded {
    async fn secret(&self) -> Result<[u8; 32]> {
        let select = "SELECT value FROM meta WHERE key = 'secret'";
        self.database.read(move |db| db.query_row(select, (), |row| row.get(0))).await
    }
}
