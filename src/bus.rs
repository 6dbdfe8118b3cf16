//! How a result reaches the streams of its key: the durable log, and the live fan-out that follows it.
//!
//! Guaranteed: an event that [`Bus::append`] returned is in the log, and it was there before any stream saw it. Streams
//! of one key see its events in the order of their ids, each at most once. A subscription hears everything that becomes
//! visible after [`Bus::subscribe`] returned, or is told how much it missed. A [`Follower`] goes back to the log for what
//! it missed, and for what was there before it.
//!
//! Not guaranteed: that anybody listens; an order between keys; that what was only announced is heard by a stream that
//! is late, or ever again.

pub mod embedded;
mod fanout;
mod follower;

use futures_util::future::BoxFuture;

use crate::address::Address;
use crate::error::Result;
use crate::event::{Event, EventId, EventName};

pub use self::fanout::{Heard, Subscription};
pub use self::follower::Follower;

/// What the streams of a key hear.
#[derive(Clone, Debug)]
pub enum Signal {
    Event(Event),
    /// The key has gained (`false`) or lost (`true`) its identity; each stream tells it in its own words.
    Visitor(bool),
}

/// A log with live readers. All of it may be used from many tasks at once.
pub trait Bus: Send + Sync {
    /// Writes an event with `data` (one JSON text) to the log of `address`; once it is durable, all streams of the key
    /// see it, and the id is returned. Also done when the caller stops waiting. Fails with `store_unavailable`, and then
    /// nobody sees it.
    fn append(&self, address: Address, name: EventName, data: String) -> BoxFuture<'static, Result<EventId>>;

    /// Tells the streams that are there now. Nothing is written.
    fn announce(&self, address: Address, signal: Signal);

    /// Hears what becomes visible for `address` from now on.
    fn subscribe(&self, address: Address) -> Subscription;

    /// The events of `address` after the sequence `after` and up to `through`, oldest first: a page at a time, and
    /// none only when there are none left. Fails with `store_unavailable`.
    fn replay(&self, address: Address, after: u64, through: u64) -> BoxFuture<'static, Result<Vec<Event>>>;
}
