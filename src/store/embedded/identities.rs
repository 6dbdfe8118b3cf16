use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use super::super::{Identities, Identity};
use super::{Embedded, preferences, prompts, sessions};
use crate::address::Address;
use crate::error::Result;

#[async_trait]
impl Identities for Embedded {
    async fn identity(&self, address: Address) -> Result<Option<Identity>> {
        self.database.read(move |db| find_identity(db, address)).await
    }

    async fn create_identity(
        &self,
        address: Address,
        replayed: bool,
        visible: Box<dyn FnOnce(Identity, bool) + Send>,
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

    async fn delete_identity(&self, address: Address, visible: Box<dyn FnOnce(bool) + Send>) -> Result<bool> {
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

    async fn was_deleted(&self, address: Address) -> Result<bool> {
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
