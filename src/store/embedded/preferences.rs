use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, types};
use serde_json::{Map, Value};

use super::super::Preferences;
use super::Embedded;
use crate::address::Address;
use crate::error::Result;

#[async_trait]
impl Preferences for Embedded {
    async fn preferences(&self, address: Address) -> Result<Map<String, Value>> {
        self.database.read(move |db| find(db, address)).await
    }

    async fn replace_preferences(&self, address: Address, overrides: &Map<String, Value>) -> Result<()> {
        let overrides = (!overrides.is_empty()).then(|| Value::from(overrides.clone()).to_string());
        let change = move |db: &Connection| match overrides {
            Some(overrides) => {
                let upsert = "INSERT INTO preferences (address, overrides) VALUES (?1, ?2)
                              ON CONFLICT DO UPDATE SET overrides = excluded.overrides";
                db.prepare_cached(upsert)?.execute((address.as_bytes(), overrides)).map(drop)
            }
            None => forget(db, address),
        };
        self.database.write(change, |()| ()).await
    }
}

/// Leaves nothing of `address`.
pub(super) fn forget(db: &Connection, address: Address) -> rusqlite::Result<()> {
    db.prepare_cached("DELETE FROM preferences WHERE address = ?1")?.execute([address.as_bytes()]).map(drop)
}

fn find(db: &Connection, address: Address) -> rusqlite::Result<Map<String, Value>> {
    let select = "SELECT overrides FROM preferences WHERE address = ?1";
    let overrides = db.prepare_cached(select)?.query_row([address.as_bytes()], |row| {
        serde_json::from_str(row.get_ref(0)?.as_str()?)
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, types::Type::Text, error.into()))
    });
    Ok(overrides.optional()?.unwrap_or_default())
}
