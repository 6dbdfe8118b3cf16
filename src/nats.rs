//! A deployment's place in a NATS cluster with JetStream: one connection, its subjects and streams, and how something is put
//! there and read again.
//!
//! Two streams and two buckets stand under one prefix. `<prefix>-events` is the log: the ends of runs, one subject a key; the
//! sequence of this stream is that of an event's id. `<prefix>-runs` has what was admitted and by whom; its duplicate window
//! remembers nonces. The buckets keep what lasts and what passes by itself.
//!
//! Guaranteed: what [`Nats::put`] returns is stored on as many servers as the deployment asks for. A record that was put twice
//! under one id within the window stands there once. Whoever reads after that finds it: reads that must not be stale go to the
//! leader of a stream.

mod connect;
mod difference;
mod log;
mod names;
mod page;
mod provision;
mod put;
mod recent;
pub mod records;
mod runs;
mod unusable;

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::{self, Context, kv};
use async_nats::{Client, Subscriber};
use bytes::Bytes;
use futures_util::TryStreamExt;
use uuid::Uuid;

use self::provision::Provided;
use self::recent::Recent;
use crate::config;
use crate::error::{Code, Error, Result};
use crate::event::Epoch;

pub use self::difference::{Difference, remedy};
pub use self::names::Names;
pub use self::page::{Part, Stored};
pub use self::provision::{Look, Wanted};
pub use self::put::{Put, Record};
pub use self::runs::Trace;
pub use self::unusable::Unusable;

/// What one question may take.
const QUESTION: Duration = Duration::from_millis(1500);

/// A handle to it all.
#[derive(Clone)]
pub struct Nats(Arc<Place>);

struct Place {
    client: Client,
    jetstream: Context,
    names: Names,
    /// Names this process among the nodes, and no other before or after it.
    instance: Uuid,
    provided: Provided,
    window: Duration,
    recent: Recent,
}

impl Nats {
    /// What stands in the lease of a node that has stopped in order.
    pub const LEFT: &[u8] = b"left";

    /// Connects, looks whether the servers keep what they acknowledge, and makes the streams that are not there. Fails with what
    /// an operator has to change.
    pub async fn open(settings: &config::Bus, servers: &config::Servers, wanted: Wanted) -> Result<Self, Unusable> {
        let client = connect::connect(settings, servers).await?;
        let jetstream = jetstream::context::ContextBuilder::new().timeout(QUESTION).build(client.clone());
        let names = Names::new(&settings.nats_prefix);
        connect::check(&client, &jetstream).await?;
        let provided = provision::provide(&jetstream, &names, &wanted).await?;
        Ok(Self(Arc::new(Place {
            client,
            jetstream,
            names,
            instance: Uuid::now_v7(),
            provided,
            window: wanted.window,
            recent: Recent::default(),
        })))
    }

    /// Looks at what is there of a deployment, and makes and changes nothing. Fails as [`Nats::open`] does.
    pub async fn look(settings: &config::Bus, servers: &config::Servers, wanted: Wanted) -> Result<Look, Unusable> {
        let jetstream = jetstream::new(connect::connect(settings, servers).await?);
        connect::check(&jetstream.client(), &jetstream).await?;
        provision::look(&jetstream, &Names::new(&settings.nats_prefix), &wanted).await
    }

    /// Gives the streams of a deployment the settings that it needs, and tells which had others; `may_reduce` where less is kept
    /// then. Fails as [`Nats::open`] does.
    pub async fn migrate(
        settings: &config::Bus,
        servers: &config::Servers,
        wanted: Wanted,
        may_reduce: bool,
    ) -> Result<Vec<Difference>, Unusable> {
        let jetstream = jetstream::new(connect::connect(settings, servers).await?);
        connect::check(&jetstream.client(), &jetstream).await?;
        provision::migrate(&jetstream, &Names::new(&settings.nats_prefix), &wanted, may_reduce).await
    }

    pub fn names(&self) -> &Names {
        &self.0.names
    }

    pub fn instance(&self) -> Uuid {
        self.0.instance
    }

    /// Names one life of the log.
    pub fn epoch(&self) -> Epoch {
        self.0.provided.epoch
    }

    /// The newest record of the log when this process came.
    pub fn newest_at_start(&self) -> u64 {
        self.0.provided.newest
    }

    /// What lasts until it is deleted.
    pub fn lasting(&self) -> &kv::Store {
        &self.0.provided.lasting
    }

    /// What passes by itself, a day or so after it was written last.
    pub fn passing(&self) -> &kv::Store {
        &self.0.provided.passing
    }

    pub fn jetstream(&self) -> &Context {
        &self.0.jetstream
    }

    pub fn is_connected(&self) -> bool {
        self.0.client.connection_state() == State::Connected
    }

    /// Whether the servers take what is written: there is a connection, and both streams of runs have leaders that answer.
    pub async fn check(&self) -> Result<()> {
        if !self.is_connected() {
            return Err(unavailable("there is no connection to any of them"));
        }
        let runs = self.0.jetstream.get_stream(self.names().admissions()).await.map_err(unavailable)?;
        provision::check_led(runs.cached_info())?;
        self.newest().await.map(drop)
    }

    /// The newest event of the log, as its leader knows it.
    pub async fn newest(&self) -> Result<u64> {
        match self.log().await? {
            Log::Ours(newest) => Ok(newest),
            Log::Missing | Log::Another => Err(unavailable("the log is not the one that this server began with")),
        }
    }

    /// Looks at the log, as its leader knows it.
    pub async fn log(&self) -> Result<Log> {
        match self.0.jetstream.get_stream(self.names().log()).await {
            Ok(log) if provision::epoch(log.cached_info()) == Some(self.epoch()) => {
                provision::check_led(log.cached_info())?;
                Ok(Log::Ours(log.cached_info().state.last_sequence))
            }
            Ok(_) => Ok(Log::Another),
            Err(error) if provision::is_missing(&error) => Ok(Log::Missing),
            Err(error) => Err(unavailable(error)),
        }
    }

    /// Says that this node is to be missed by nobody.
    pub async fn leave(&self) -> Result<()> {
        let left = self.lasting().put(Names::lease(self.instance()), Bytes::from_static(Self::LEFT));
        left.await.map(drop).map_err(unavailable)
    }

    /// Tells whoever listens now.
    pub async fn tell(&self, subject: String, payload: Bytes) -> Result<()> {
        self.0.client.publish(subject, payload).await.map_err(unavailable)
    }

    /// Hears what is told from now on.
    pub async fn listen(&self, subject: String) -> Result<Subscriber> {
        self.0.client.subscribe(subject).await.map_err(unavailable)
    }

    /// How long the id of a record is remembered.
    pub fn window(&self) -> Duration {
        self.0.window
    }

    /// Deletes the records of a subject that stand before a place.
    pub async fn purge(&self, stream: &str, subject: &str, before: u64) -> Result<()> {
        let stream = self.0.jetstream.get_stream_no_info(stream).await.map_err(unavailable)?;
        stream.purge().filter(subject).sequence(before).await.map(drop).map_err(unavailable)
    }

    /// How many records a stream has of a subject, as its leader knows it.
    pub async fn count(&self, stream: &str, subject: &str) -> Result<Count> {
        let stream = self.0.jetstream.get_stream_no_info(stream).await.map_err(unavailable)?;
        let info = stream.info_builder().subjects(subject).fetch().await.map_err(unavailable)?;
        let first = info.info.state.first_sequence;
        let mut count = 0;
        let mut subjects = pin!(info);
        while let Some((_, records)) = subjects.try_next().await.map_err(unavailable)? {
            count += records;
        }
        Ok(Count { first, count })
    }

    /// The record of a stream with this sequence, as its leader has it.
    pub async fn record(&self, stream: &str, sequence: u64) -> Result<StreamMessage> {
        let stream = self.0.jetstream.get_stream_no_info(stream).await.map_err(unavailable)?;
        stream.raw_message_builder().sequence(sequence).send().await.map_err(unavailable)
    }
}

/// What stands where the log of this process was.
pub enum Log {
    /// It, and this is its newest event.
    Ours(u64),
    Missing,
    /// One that was made later: what we know of places in the log is wrong there.
    Another,
}

/// What a stream has of a subject.
pub struct Count {
    /// The oldest record of any subject.
    pub first: u64,
    pub count: usize,
}

/// What a request is told when NATS does not do what it is asked.
pub fn unavailable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(Code::StoreUnavailable, "The servers that keep everything do not answer.")
        .with_hint("Try again in a moment: what was signed as v1, or has an Idempotency-Key, never runs twice.")
        .caused_by(cause)
}
