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
mod visible;

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join};

use self::nodes::Admitted;
use self::open::Open;
use self::quota::Quota;
use self::signals::Outbox;
use self::visible::Visible;
use super::fanout::Fanout;
use super::{Abandoned, Bus, Obstacle, Page, Refusal, Signal, Subscription};
use uuid::Uuid;

use crate::address::Address;
use crate::clock::Clock;
use crate::error::Result;
use crate::event::{Event, EventId, EventName};
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
    visible: Visible,
    /// How many results of one key the log keeps.
    events_per_key: u32,
}

impl Clustered {
    pub fn new(nats: Nats, ongoing: Arc<Ongoing>, events_per_key: u32, clock: Clock) -> Self {
        let newest = EventId { epoch: nats.epoch(), sequence: nats.newest_at_start() };
        let streams = Arc::new(Fanout::new(newest));
        let (open, quota, outbox) = (Open::default(), Quota::default(), Outbox::new());
        let (admitted, visible) = (Admitted::default(), Visible::up_to(newest.sequence));
        Self(Arc::new(Node { nats, clock, streams, ongoing, open, quota, outbox, admitted, visible, events_per_key }))
    }
}

impl Node {
    /// Cancels a run, and says whether it runs here.
    fn cancel(&self, address: Address, run: Uuid) -> bool {
        self.ongoing.control(address, run).inspect(|control| control.cancel()).is_some()
    }

    /// What stands in the log.
    fn event(&self, sequence: u64, data: &[u8]) -> Event {
        let id = EventId { epoch: self.nats.epoch(), sequence };
        Event::from_json(Some(id), EventName::CommandResult, &String::from_utf8_lossy(data))
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
        async move {
            let appended = admission::append(&node, ended).await?;
            if let Some(id) = appended {
                node.visible.wait_for(id.sequence).await;
            }
            Ok(appended)
        }
        .boxed()
    }

    fn announce(&self, address: Address, signal: Signal) {
        self.0.outbox.post(address, &signal);
        self.0.streams.announce(address, signal);
    }

    /// Here: what concerns all, every node finds out and tells by itself.
    fn announce_to_all(&self, signal: Signal) {
        self.0.streams.announce_to_all(&signal);
    }

    fn subscribe(&self, address: Address) -> Subscription {
        Fanout::subscribe(&self.0.streams, address)
    }

    fn has(&self, sequence: u64) -> BoxFuture<'static, Result<bool>> {
        let node = Arc::clone(&self.0);
        async move { node.nats.has(sequence).await }.boxed()
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
        async move { nodes::abandoned(&node).await }.boxed()
    }

    fn cancel(&self, address: Address, run: Uuid) {
        self.0.outbox.post_cancel(address, run);
    }

    fn attend(&self) -> BoxFuture<'static, ()> {
        let node = Arc::clone(&self.0);
        async move {
            tokio::select! {
                () = follow::follow(&node) => {}
                _ = join(signals::exchange(&node), nodes::stay(&node)) => {}
            }
        }
        .boxed()
    }
}
