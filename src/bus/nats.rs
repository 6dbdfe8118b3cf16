//! The bus of many machines: the log is a JetStream stream, and every node hands what stands there to the streams of its own
//! browsers.
//!
//! A result is published under the id of its run, so it stands in the log once whoever writes it, and a request is taken under
//! the hash of its nonce: the servers' answer that they know it is the check. Each node follows the whole log by one
//! consumer, and drops what nobody here reads. Progress and other words that are in no log go from node to node as they come.

mod admission;
mod follow;
mod keys;
mod nodes;
mod open;
mod quota;
mod replay;
mod signals;

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join3};

use self::nodes::Admitted;
use self::open::Open;
use self::quota::Quota;
use self::signals::Outbox;
use super::fanout::Fanout;
use super::{Abandoned, Bus, Obstacle, Page, Refusal, Signal, Subscription};
use uuid::Uuid;

use crate::address::Address;
use crate::clock::Clock;
use crate::error::Result;
use crate::event::EventId;
use crate::nats::Nats;
use crate::ongoing::Ongoing;
use crate::run::{Ended, Nonce, Once, Opened};

/// The bus of one node.
pub struct Clustered(Arc<Node>);

struct Node {
    nats: Nats,
    clock: Clock,
    streams: Arc<Fanout>,
    /// What this node runs, as others may ask it to cancel.
    ongoing: Arc<Ongoing>,
    open: Open,
    quota: Quota,
    outbox: Outbox,
    admitted: Admitted,
    /// How many results of one key the log keeps.
    events_per_key: u32,
}

impl Clustered {
    pub fn new(nats: Nats, ongoing: Arc<Ongoing>, events_per_key: u32, clock: Clock) -> Self {
        let newest = EventId { epoch: nats.epoch(), sequence: nats.newest_at_start() };
        let streams = Arc::new(Fanout::new(newest));
        let (open, quota, outbox) = (Open::default(), Quota::default(), Outbox::new());
        let admitted = Admitted::default();
        Self(Arc::new(Node { nats, clock, streams, ongoing, open, quota, outbox, admitted, events_per_key }))
    }
}

impl Bus for Clustered {
    fn open(&self, run: Opened, once: Once) -> BoxFuture<'static, Result<Option<Obstacle>>> {
        let node = Arc::clone(&self.0);
        async move { admission::open(&node, run, once).await }.boxed()
    }

    fn known(&self, address: Address, once: Once) -> BoxFuture<'static, Result<Option<Obstacle>>> {
        let node = Arc::clone(&self.0);
        async move { admission::known(&node, address, &once).await }.boxed()
    }

    fn spend(&self, address: Address, nonce: Nonce) -> BoxFuture<'static, Result<Option<Refusal>>> {
        let node = Arc::clone(&self.0);
        async move { admission::spend(&node, address, nonce).await }.boxed()
    }

    fn append(&self, ended: Ended) -> BoxFuture<'static, Result<Option<EventId>>> {
        let node = Arc::clone(&self.0);
        async move { admission::append(&node, ended).await }.boxed()
    }

    fn announce(&self, address: Address, signal: Signal) {
        self.0.outbox.post(Some(address), &signal);
        self.0.streams.announce(address, signal);
    }

    fn announce_to_all(&self, signal: Signal) {
        self.0.outbox.post(None, &signal);
        self.0.streams.announce_to_all(&signal);
    }

    fn subscribe(&self, address: Address) -> Subscription {
        Fanout::subscribe(&self.0.streams, address)
    }

    fn has(&self, sequence: u64) -> BoxFuture<'static, bool> {
        let node = Arc::clone(&self.0);
        async move { node.nats.newest().await.is_ok_and(|newest| sequence <= newest) }.boxed()
    }

    fn replay(&self, address: Address, after: u64, through: u64) -> BoxFuture<'static, Result<Page>> {
        let node = Arc::clone(&self.0);
        async move { replay::page(&node, address, after, through).await }.boxed()
    }

    fn trim(&self) -> BoxFuture<'static, Result<bool>> {
        let node = Arc::clone(&self.0);
        async move { nodes::forget(&node).await.map(|()| false) }.boxed()
    }

    fn abandoned(&self) -> BoxFuture<'static, Result<Vec<Abandoned>>> {
        let node = Arc::clone(&self.0);
        async move { Ok(nodes::abandoned(&node)) }.boxed()
    }

    fn cancel(&self, address: Address, run: Uuid) {
        self.0.outbox.post_cancel(address, run);
    }

    fn attend(&self) -> BoxFuture<'static, ()> {
        let node = Arc::clone(&self.0);
        async move { join3(follow::follow(&node), signals::exchange(&node), nodes::stay(&node)).map(|_| ()).await }
            .boxed()
    }
}
