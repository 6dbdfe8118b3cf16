//! The bus of a single machine: tables in the SQLite file, and streams in this process.

mod keys;
mod log;
mod nonces;
mod retention;

use std::future::{pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rusqlite::Connection;
use uuid::Uuid;

use self::nonces::Nonces;
use self::retention::Trimmer;
use super::fanout::Fanout;
use super::{Abandoned, Bus, Obstacle, Page, Refusal, Signal, Subscription};
use crate::address::Address;
use crate::clock::Clock;
use crate::config::Retention;
use crate::database::Database;
use crate::error::Result;
use crate::event::{Epoch, Event, EventId, EventName};
use crate::run::{Ended, Nonce, Once, Opened};

pub struct Embedded {
    database: Database,
    clock: Clock,
    streams: Arc<Fanout>,
    nonces: Arc<Nonces>,
    trimmer: Arc<Trimmer>,
    /// Whether it was asked what is abandoned.
    has_asked: AtomicBool,
}

impl Embedded {
    pub fn new(database: Database, retention: Retention, clock: Clock) -> Self {
        // Of a log that nobody has opened yet, nobody can be told anything either.
        let nothing = EventId { epoch: Epoch(0), sequence: 0 };
        let streams = Arc::new(Fanout::new(database.newest_at_start().unwrap_or(nothing)));
        let nonces = Arc::new(Nonces::default());
        let trimmer = Arc::new(Trimmer::new(database.clone(), Arc::clone(&nonces), retention, clock));
        Self { database, clock, streams, nonces, trimmer, has_asked: AtomicBool::new(false) }
    }
}

impl Bus for Embedded {
    fn open(&self, run: Opened, once: Once) -> BoxFuture<'static, Result<Option<Obstacle>>> {
        let (database, nonces, now) = (self.database.clone(), Arc::clone(&self.nonces), self.clock.now());
        async move { database.write(move |db| log::open(db, &nonces, &run, &once, now), |_| ()).await }.boxed()
    }

    fn known(&self, address: Address, once: Once) -> BoxFuture<'static, Result<Option<Obstacle>>> {
        let (database, nonces, now) = (self.database.clone(), Arc::clone(&self.nonces), self.clock.now());
        async move { database.read(move |db| log::known(db, &nonces, address, &once, now)).await }.boxed()
    }

    fn spend(&self, address: Address, nonce: Nonce) -> BoxFuture<'static, Result<Option<Refusal>>> {
        let (database, nonces, now) = (self.database.clone(), Arc::clone(&self.nonces), self.clock.now());
        let change = move |db: &Connection| nonces.take(db, address, &nonce, None, now);
        async move {
            Ok(database.write(change, |_| ()).await?.map(|obstacle| match obstacle {
                Obstacle::Refused(refusal) => refusal,
                Obstacle::Repeated(mark, _) => Refusal::Reused(mark),
            }))
        }
        .boxed()
    }

    fn append(&self, ended: Ended) -> BoxFuture<'static, Result<Option<EventId>>> {
        let database = self.database.clone();
        let streams = Arc::clone(&self.streams);
        let ended = Arc::new(ended);
        let row = Arc::clone(&ended);
        async move {
            let epoch = database.epoch()?;
            database
                .write(
                    move |db| Ok(log::append(db, &row)?.map(|sequence| EventId { epoch, sequence })),
                    move |id| {
                        if let Some(id) = *id {
                            let event = || Event::from_json(Some(id), EventName::CommandResult, &ended.data);
                            streams.publish(ended.address, id, event);
                        }
                    },
                )
                .await
        }
        .boxed()
    }

    fn announce(&self, address: Address, signal: Signal) {
        self.streams.announce(address, signal);
    }

    fn announce_to_all(&self, signal: Signal) {
        self.streams.announce_to_all(&signal);
    }

    fn subscribe(&self, address: Address) -> Subscription {
        Fanout::subscribe(&self.streams, address)
    }

    fn has(&self, _: u64) -> BoxFuture<'static, Result<bool>> {
        ready(Ok(false)).boxed()
    }

    fn replay(&self, address: Address, after: u64, through: u64) -> BoxFuture<'static, Result<Page>> {
        let database = self.database.clone();
        async move {
            let epoch = database.epoch()?;
            database.read(move |db| log::page(db, epoch, address, after..=through)).await
        }
        .boxed()
    }

    fn trim(&self) -> BoxFuture<'static, Result<bool>> {
        let trimmer = Arc::clone(&self.trimmer);
        async move { trimmer.trim().await }.boxed()
    }

    /// What is open when it is asked for the first time was left by another process: the file is one server's.
    fn abandoned(&self) -> BoxFuture<'static, Result<Vec<Abandoned>>> {
        let database = self.database.clone();
        let is_first = !self.has_asked.swap(true, Ordering::Relaxed);
        async move { if is_first { database.read(log::opened).await } else { Ok(Vec::new()) } }.boxed()
    }

    /// There is no other process.
    fn cancel(&self, _: Address, _: Uuid) {}

    fn attend(&self) -> BoxFuture<'static, ()> {
        pending().boxed()
    }
}
