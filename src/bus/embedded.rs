//! The bus of a single machine: a table in the SQLite file, and streams in this process.

use std::ops::RangeInclusive;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rusqlite::Connection;

use super::fanout::Fanout;
use super::{Bus, Signal, Subscription};
use crate::address::Address;
use crate::clock::Clock;
use crate::database::Database;
use crate::error::Result;
use crate::event::{Epoch, Event, EventId, EventName};

/// A page of the log ends after so many events, or with the one that makes it so many bytes long.
const PAGE_EVENTS: usize = 64;
const PAGE_BYTES: usize = 256 * 1024;

pub struct Embedded {
    database: Database,
    clock: Clock,
    streams: Arc<Fanout>,
}

impl Embedded {
    pub fn new(database: Database, clock: Clock) -> Self {
        let streams = Arc::new(Fanout::new(database.newest_at_start()));
        Self { database, clock, streams }
    }
}

impl Bus for Embedded {
    fn append(&self, address: Address, name: EventName, data: String) -> BoxFuture<'static, Result<EventId>> {
        let database = self.database.clone();
        let streams = Arc::clone(&self.streams);
        let now = self.clock.now().as_second();
        let epoch = database.epoch();
        let data: Arc<str> = data.into();
        let row = Arc::clone(&data);
        async move {
            database
                .write(
                    move |db| {
                        let insert = "INSERT INTO events (address, name, data, recorded_at) VALUES (?1, ?2, ?3, ?4)";
                        let row = (address.as_bytes(), name.as_str(), &*row, now);
                        let sequence = db.prepare_cached(insert)?.insert(row)?.cast_unsigned();
                        Ok(EventId { epoch, sequence })
                    },
                    move |id| {
                        streams.publish(address, *id, || Event::from_json(Some(*id), name, &data));
                    },
                )
                .await
        }
        .boxed()
    }

    fn announce(&self, address: Address, signal: Signal) {
        self.streams.announce(address, signal);
    }

    fn subscribe(&self, address: Address) -> Subscription {
        Fanout::subscribe(&self.streams, address)
    }

    fn replay(&self, address: Address, after: u64, through: u64) -> BoxFuture<'static, Result<Vec<Event>>> {
        let database = self.database.clone();
        async move {
            let epoch = database.epoch();
            database.read(move |db| page(db, epoch, address, after..=through)).await
        }
        .boxed()
    }
}

/// The first events after the start of `range` and up to its end.
fn page(db: &Connection, epoch: Epoch, address: Address, range: RangeInclusive<u64>) -> rusqlite::Result<Vec<Event>> {
    let select = "SELECT sequence, name, data FROM events
                  WHERE address = ?1 AND sequence > ?2 AND sequence <= ?3 ORDER BY sequence";
    let (after, through) = (range.start().cast_signed(), range.end().cast_signed());
    let mut statement = db.prepare_cached(select)?;
    let mut rows = statement.query((address.as_bytes(), after, through))?;
    let mut page = Vec::new();
    let mut bytes = 0;
    while page.len() < PAGE_EVENTS
        && bytes < PAGE_BYTES
        && let Some(row) = rows.next()?
    {
        let sequence = row.get::<_, i64>(0)?.cast_unsigned();
        let data: String = row.get(2)?;
        let Some(name) = EventName::of(row.get_ref(1)?.as_str()?) else { continue };
        let event = Event::from_json(Some(EventId { epoch, sequence }), name, &data);
        bytes += event.frame().len();
        page.push(event);
    }
    Ok(page)
}
