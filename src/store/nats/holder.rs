//! The sessions and tickets of an address, in one document, by their ids in hex. Times are in milliseconds.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::sessions::{
    HOLD, IDLE, RECONNECT, SESSION, SESSIONS, STREAMS, TICKET, TICKETS, TOUCH, after, before,
};
use super::keys;
use crate::secret::{Kept, Pass, Secret, SecretId};

/// What a newer program has written beside that stays.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Holder {
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    sessions: BTreeMap<String, Session>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tickets: BTreeMap<String, Ticket>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Session {
    /// In hex.
    hash: String,
    created_at: i64,
    used_at: i64,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Ticket {
    /// In hex.
    hash: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<String>,
    created_at: i64,
    /// Until when it is good; this moves on while a stream uses it.
    connect_by: i64,
    /// The newest connection that uses it.
    connection: i64,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl Holder {
    /// Begins a session; the oldest give way.
    pub(super) fn begin(&mut self, secret: &Secret, now: Timestamp) {
        self.forget_ended(now);
        give_way(&mut self.sessions, SESSIONS, |session| session.created_at);
        let at = now.as_millisecond();
        let session = Session { hash: hash(secret), created_at: at, used_at: at, rest: Map::new() };
        self.sessions.insert(keys::id(secret.id), session);
    }

    /// Whether this is a session that lasts and, if it is, whether it is to be written down that it was used.
    pub(super) fn session(&self, secret: &Secret, now: Timestamp) -> Option<bool> {
        let session = self.sessions.get(&keys::id(secret.id))?;
        (is(secret, &session.hash) && session.lasts(now)).then(|| session.used_at < before(now, TOUCH))
    }

    /// Writes down that a session is used, unless somebody has done so just now.
    pub(super) fn touch(&mut self, id: SecretId, now: Timestamp) {
        if let Some(session) = self.sessions.get_mut(&keys::id(id))
            && session.used_at < before(now, TOUCH)
        {
            session.used_at = now.as_millisecond();
        }
    }

    /// Ends one session, or all, and their tickets; with all of them also the tickets that had none.
    pub(super) fn end(&mut self, only: Option<SecretId>) {
        if let Some(id) = only.map(keys::id) {
            self.sessions.remove(&id);
            self.tickets.retain(|_, ticket| ticket.session.as_ref() != Some(&id));
        } else {
            self.sessions.clear();
            self.tickets.clear();
        }
    }

    /// Gives out a ticket; the oldest give way.
    pub(super) fn issue(&mut self, session: Option<SecretId>, secret: &Secret, now: Timestamp) {
        self.forget_ended(now);
        give_way(&mut self.tickets, TICKETS, |ticket| ticket.created_at);
        let ticket = Ticket {
            hash: hash(secret),
            session: session.map(keys::id),
            created_at: now.as_millisecond(),
            connect_by: after(now, TICKET),
            connection: 0,
            rest: Map::new(),
        };
        self.tickets.insert(keys::id(secret.id), ticket);
    }

    pub(super) fn has_ticket(&self, secret: &Secret) -> bool {
        self.tickets.get(&keys::id(secret.id)).is_some_and(|ticket| is(secret, &ticket.hash))
    }

    /// Lets a new connection use a ticket, if it is good.
    pub(super) fn redeem(&mut self, secret: &Secret, now: Timestamp) -> Option<Pass> {
        let ticket = self.tickets.get(&keys::id(secret.id)).filter(|ticket| is(secret, &ticket.hash))?;
        let connection = ticket.connection + 1;
        let is_good = ticket.connect_by > now.as_millisecond() && self.hold_ticket(secret.id, connection, now);
        is_good.then_some(Pass::Ticket { id: secret.id, connection })
    }

    /// Says that a stream is open; whether it may go on.
    pub(super) fn hold(&mut self, pass: Pass, now: Timestamp) -> bool {
        match pass {
            Pass::Session(id) => self.hold_session(&keys::id(id), now),
            Pass::Ticket { id, connection } => {
                let is_newest = |ticket: &Ticket| ticket.connection == connection;
                self.tickets.get(&keys::id(id)).is_some_and(is_newest) && self.hold_ticket(id, connection, now)
            }
        }
    }

    /// The keys under which its sessions and tickets are found.
    pub(super) fn keys(&self) -> impl Iterator<Item = String> {
        let sessions = self.sessions.keys().map(|id| keys::session(id));
        sessions.chain(self.tickets.keys().map(|id| keys::ticket(id)))
    }

    fn hold_session(&mut self, id: &str, now: Timestamp) -> bool {
        let Some(session) = self.sessions.get_mut(id).filter(|session| session.lasts(now)) else { return false };
        session.used_at = now.as_millisecond();
        true
    }

    /// Lets a connection use a ticket, if it and its session last.
    fn hold_ticket(&mut self, id: SecretId, connection: i64, now: Timestamp) -> bool {
        let id = keys::id(id);
        let Some(ticket) = self.tickets.get(&id).filter(|ticket| ticket.created_at > before(now, STREAMS)) else {
            return false;
        };
        if let Some(session) = ticket.session.clone()
            && !self.hold_session(&session, now)
        {
            return false;
        }
        let Some(ticket) = self.tickets.get_mut(&id) else { return false };
        // Should the process die, its last word may be as old as one interval.
        ticket.connect_by = after(now, RECONNECT + HOLD);
        ticket.connection = connection;
        true
    }

    fn forget_ended(&mut self, now: Timestamp) {
        self.sessions.retain(|_, session| session.used_at > before(now, IDLE));
        self.tickets.retain(|_, ticket| ticket.connect_by > now.as_millisecond());
    }
}

impl Session {
    fn lasts(&self, now: Timestamp) -> bool {
        self.created_at > before(now, SESSION) && self.used_at > before(now, IDLE)
    }
}

/// Makes room for one more, where there are `most` already.
fn give_way<T>(all: &mut BTreeMap<String, T>, most: usize, created_at: impl Fn(&T) -> i64) {
    while all.len() >= most {
        let oldest = all.iter().min_by_key(|(_, one)| created_at(one)).map(|(id, _)| id.clone());
        let Some(oldest) = oldest else { return };
        all.remove(&oldest);
    }
}

fn hash(secret: &Secret) -> String {
    hex::encode(secret.kept().0)
}

fn is(secret: &Secret, hash: &str) -> bool {
    let mut kept = [0; 32];
    hex::decode_to_slice(hash, &mut kept).is_ok() && secret.is(&Kept(kept))
}
