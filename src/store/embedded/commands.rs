use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::Connection;
use zeroize::Zeroizing;

use super::super::{Commands, MOST_COMMANDS, Registered};
use super::Embedded;
use crate::address::Address;
use crate::error::Result;

#[async_trait]
impl Commands for Embedded {
    async fn keep_command(&self, command: Registered) -> Result<bool> {
        let now = self.clock.now().as_millisecond();
        let change = move |db: &Connection| {
            let others = "SELECT count(*) FROM commands WHERE name != ?1";
            if db.query_row(others, [&command.name], |row| row.get::<_, i64>(0))?.unsigned_abs() >= MOST_COMMANDS as u64
            {
                return Ok(false);
            }
            let insert =
                "INSERT OR REPLACE INTO commands (name, definition, url, secret, created_by, created_at, expires_at)
                          VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
            let secret = command.secret.as_ref().map(|secret| secret.as_str());
            let expires_at = command.expires_at.map(Timestamp::as_millisecond);
            let Registered { name, definition, url, created_by, .. } = &command;
            db.execute(insert, (name, definition, url, secret, created_by.as_bytes(), now, expires_at))?;
            Ok(true)
        };
        self.database.write(change, |_| ()).await
    }

    async fn forget_command(&self, name: String) -> Result<bool> {
        let delete = "DELETE FROM commands WHERE name = ?1";
        self.database.write(move |db| Ok(db.execute(delete, [name])? > 0), |_| ()).await
    }

    async fn refresh_commands(&self) -> Result<bool> {
        let now = self.clock.now().as_millisecond();
        let any = "SELECT EXISTS (SELECT 1 FROM commands WHERE expires_at <= ?1)";
        if !self.database.read(move |db| db.prepare_cached(any)?.query_row([now], |row| row.get(0))).await? {
            return Ok(false);
        }
        let delete = "DELETE FROM commands WHERE expires_at <= ?1";
        self.database.write(move |db| Ok(db.execute(delete, [now])? > 0), |_| ()).await
    }

    async fn registered_commands(&self) -> Result<Vec<Registered>> {
        let select = "SELECT name, definition, url, secret, created_by, expires_at FROM commands ORDER BY name";
        let read = |row: &rusqlite::Row<'_>| {
            let expires_at: Option<i64> = row.get(5)?;
            Ok(Registered {
                name: row.get(0)?,
                definition: row.get(1)?,
                url: row.get(2)?,
                secret: row.get::<_, Option<String>>(3)?.map(Zeroizing::new),
                created_by: Address::from_bytes(row.get(4)?),
                expires_at: expires_at.and_then(|at| Timestamp::from_millisecond(at).ok()),
            })
        };
        self.database.read(move |db| db.prepare(select)?.query_map((), read)?.collect()).await
    }
}
