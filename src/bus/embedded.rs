//! The bus of a single machine: a table in the SQLite file, and streams in this process.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::fanout::Fanout;
use super::{Bus, Signal, Subscription};
use crate::address::Address;
use crate::clock::Clock;
use crate::database::Database;
use crate::error::Result;
use crate::event::{Event, EventId, EventName};

pub struct Embedded {
    database: Database,
    clock: Clock,
    streams: Arc<Fanout>,
}

impl Embedded {
    pub fn new(database: Database, clock: Clock) -> Self {
        Self { database, clock, streams: Arc::default() }
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
                        streams.publish(address, || Signal::Event(Event::from_json(Some(*id), name, &data)));
                    },
                )
                .await
        }
        .boxed()
    }

    fn announce(&self, address: Address, signal: Signal) {
        self.streams.publish(address, || signal);
    }

    fn subscribe(&self, address: Address) -> Subscription {
        Fanout::subscribe(&self.streams, address)
    }
}
