use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use super::super::Sessions;
use super::super::sessions::{
    HOLD, IDLE, RECONNECT, SESSION, SESSIONS, STREAMS, TICKET, TICKETS, TOUCH, after, before,
};
use super::Embedded;
use crate::address::Address;
use crate::error::Result;
use crate::secret::{Kept, Pass, Secret, SecretId};

#[async_trait]
impl Sessions for Embedded {
    async fn begin_session(&self, address: Address, secret: &Secret) -> Result<Timestamp> {
        let now = self.clock.now();
        let (id, Kept(hash)) = (secret.id, secret.kept());
        let change = move |db: &Connection| {
            give_way(db, "sessions", address, SESSIONS)?;
            let insert = "INSERT INTO sessions (id, address, hash, created_at, used_at) VALUES (?1, ?2, ?3, ?4, ?4)";
            db.prepare_cached(insert)?.execute((id, address.as_bytes(), hash, now.as_millisecond()))
        };
        self.database.write(change, |_| ()).await?;
        Ok(now.saturating_add(SESSION).unwrap_or(now))
    }

    async fn session(&self, secret: &Secret) -> Result<Option<Address>> {
        let (id, now) = (secret.id, self.clock.now());
        let Some(session) = self.database.read(move |db| find_session(db, id)).await? else { return Ok(None) };
        if !secret.is(&session.kept) || !session.lasts(now) {
            return Ok(None);
        }
        if session.used_at < before(now, TOUCH) {
            self.database.write(move |db| touch_session(db, id, now), |_| ()).await?;
        }
        Ok(Some(session.address))
    }

    async fn end_sessions(
        &self,
        address: Address,
        only: Option<SecretId>,
        visible: Box<dyn FnOnce() + Send>,
    ) -> Result<()> {
        self.database.write(move |db| end_sessions(db, address, only), |()| visible()).await
    }

    async fn issue_ticket(&self, address: Address, session: Option<SecretId>, secret: &Secret) -> Result<()> {
        let now = self.clock.now();
        let (id, Kept(hash)) = (secret.id, secret.kept());
        let change = move |db: &Connection| {
            give_way(db, "tickets", address, TICKETS)?;
            let insert = "INSERT INTO tickets (id, address, hash, session, created_at, connect_by, connection)
                          VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)";
            let row = (id, address.as_bytes(), hash, session, now.as_millisecond(), after(now, TICKET));
            db.prepare_cached(insert)?.execute(row)
        };
        self.database.write(change, |_| ()).await.map(drop)
    }

    async fn ticket_owner(&self, secret: &Secret) -> Result<Option<Address>> {
        let id = secret.id;
        let ticket = self.database.read(move |db| find_ticket(db, id)).await?;
        Ok(ticket.filter(|ticket| secret.is(&ticket.kept)).map(|ticket| ticket.address))
    }

    async fn redeem_ticket(&self, secret: &Secret, visible: Box<dyn FnOnce(Pass) + Send>) -> Result<Option<Pass>> {
        let (secret, now) = (secret.clone(), self.clock.now());
        let change = move |db: &Connection| {
            let Some(ticket) = find_ticket(db, secret.id)?.filter(|ticket| secret.is(&ticket.kept)) else {
                return Ok(None);
            };
            let connection = ticket.connection + 1;
            let is_good =
                ticket.connect_by > now.as_millisecond() && hold_ticket(db, secret.id, &ticket, connection, now)?;
            Ok(is_good.then_some(Pass::Ticket { id: secret.id, connection }))
        };
        self.database
            .write(change, |redeemed| {
                if let Some(pass) = redeemed {
                    visible(*pass);
                }
            })
            .await
    }

    async fn hold(&self, pass: Pass) -> Result<bool> {
        let now = self.clock.now();
        let change = move |db: &Connection| match pass {
            Pass::Session(id) => hold_session(db, id, now),
            Pass::Ticket { id, connection } => match find_ticket(db, id)? {
                Some(ticket) if ticket.connection == connection => hold_ticket(db, id, &ticket, connection, now),
                _ => Ok(false),
            },
        };
        self.database.write(change, |_| ()).await
    }

    async fn forget_ended(&self) -> Result<bool> {
        let now = self.clock.now();
        let any = "SELECT EXISTS (SELECT 1 FROM sessions WHERE used_at <= ?1)
                       OR EXISTS (SELECT 1 FROM tickets WHERE connect_by <= ?2)";
        let bounds = (before(now, IDLE), now.as_millisecond());
        if !self.database.read(move |db| db.prepare_cached(any)?.query_row(bounds, |row| row.get(0))).await? {
            return Ok(false);
        }
        let change = move |db: &Connection| {
            let (idle_since, now) = bounds;
            let sessions = "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE used_at <= ?1 LIMIT 256)";
            let tickets = "DELETE FROM tickets WHERE id IN (SELECT id FROM tickets WHERE connect_by <= ?1 LIMIT 256)";
            Ok(db.prepare_cached(sessions)?.execute([idle_since])? + db.prepare_cached(tickets)?.execute([now])? > 0)
        };
        self.database.write(change, |_| ()).await
    }
}

/// Ends one session of an address, or all of them, and their tickets; with all of them also the tickets that had none.
pub(super) fn end_sessions(db: &Connection, address: Address, only: Option<SecretId>) -> rusqlite::Result<()> {
    let address = address.as_bytes();
    if let Some(id) = only {
        db.prepare_cached("DELETE FROM sessions WHERE id = ?1")?.execute([id])?;
        db.prepare_cached("DELETE FROM tickets WHERE address = ?1 AND session = ?2")?.execute((address, id))?;
    } else {
        db.prepare_cached("DELETE FROM sessions WHERE address = ?1")?.execute([address])?;
        db.prepare_cached("DELETE FROM tickets WHERE address = ?1")?.execute([address])?;
    }
    Ok(())
}

struct Session {
    address: Address,
    kept: Kept,
    created_at: i64,
    used_at: i64,
}

impl Session {
    fn lasts(&self, now: Timestamp) -> bool {
        self.created_at > before(now, SESSION) && self.used_at > before(now, IDLE)
    }
}

fn find_session(db: &Connection, id: SecretId) -> rusqlite::Result<Option<Session>> {
    let select = "SELECT address, hash, created_at, used_at FROM sessions WHERE id = ?1";
    let session = db.prepare_cached(select)?.query_row([id], |row| {
        let (address, kept) = (Address::from_bytes(row.get(0)?), Kept(row.get(1)?));
        Ok(Session { address, kept, created_at: row.get(2)?, used_at: row.get(3)? })
    });
    session.optional()
}

fn touch_session(db: &Connection, id: SecretId, now: Timestamp) -> rusqlite::Result<usize> {
    db.prepare_cached("UPDATE sessions SET used_at = ?2 WHERE id = ?1")?.execute((id, now.as_millisecond()))
}

/// Uses a session, if it lasts.
fn hold_session(db: &Connection, id: SecretId, now: Timestamp) -> rusqlite::Result<bool> {
    match find_session(db, id)?.filter(|session| session.lasts(now)) {
        Some(_) => touch_session(db, id, now).map(|touched| touched > 0),
        None => Ok(false),
    }
}

struct Ticket {
    address: Address,
    kept: Kept,
    session: Option<SecretId>,
    created_at: i64,
    connect_by: i64,
    connection: i64,
}

fn find_ticket(db: &Connection, id: SecretId) -> rusqlite::Result<Option<Ticket>> {
    let select = "SELECT address, hash, session, created_at, connect_by, connection FROM tickets WHERE id = ?1";
    let ticket = db.prepare_cached(select)?.query_row([id], |row| {
        Ok(Ticket {
            address: Address::from_bytes(row.get(0)?),
            kept: Kept(row.get(1)?),
            session: row.get(2)?,
            created_at: row.get(3)?,
            connect_by: row.get(4)?,
            connection: row.get(5)?,
        })
    });
    ticket.optional()
}

/// Lets a connection use a ticket, if it and its session last.
fn hold_ticket(
    db: &Connection,
    id: SecretId,
    ticket: &Ticket,
    connection: i64,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    if ticket.created_at <= before(now, STREAMS) {
        return Ok(false);
    }
    if let Some(session) = ticket.session
        && !hold_session(db, session, now)?
    {
        return Ok(false);
    }
    // Should the process die, its last word may be as old as one interval.
    let connect_by = after(now, RECONNECT + HOLD);
    let update = "UPDATE tickets SET connect_by = ?2, connection = ?3 WHERE id = ?1";
    db.prepare_cached(update)?.execute((id, connect_by, connection)).map(|held| held > 0)
}

/// Makes room for one more, where an address has `most` already.
fn give_way(db: &Connection, table: &'static str, address: Address, most: usize) -> rusqlite::Result<()> {
    let delete = format!(
        "DELETE FROM {table} WHERE id IN (SELECT id FROM {table} WHERE address = ?1 ORDER BY created_at DESC LIMIT -1 OFFSET ?2)"
    );
    db.prepare_cached(&delete)?.execute((address.as_bytes(), i64::try_from(most - 1).unwrap_or(i64::MAX))).map(drop)
}
