//! How a result reaches the streams of its key: the durable log of runs, and the live fan-out that follows it.
//!
//! Guaranteed: what [`Bus::open`] and [`Bus::append`] returned is in the log, and it was there before any stream saw it. A
//! run that was opened ends once: it has one event, however often its end is handed in. Streams of one key see its events
//! in the order of their ids, each at most once. A subscription hears everything that becomes visible after
//! [`Bus::subscribe`] returned, or is told that it missed something. A [`Follower`] goes back to the log for what it missed,
//! and for what was there before it; what the log has forgotten by then is told as such.
//!
//! Not guaranteed: that anybody listens; an order between keys; that what was only announced is heard by a stream that
//! is late, or ever again.

pub mod embedded;
mod fanout;
mod follower;
mod join;
pub mod nats;
mod ring;

use futures_util::future::BoxFuture;
use uuid::Uuid;

use crate::address::Address;
use crate::error::Result;
use crate::event::{Event, EventId};
use crate::run::{Ended, Nonce, Once, Opened};
use crate::secret::Pass;

pub use self::fanout::Subscription;
pub use self::follower::{After, Follower};
pub use self::ring::Heard;

/// What the streams of a key hear.
#[derive(Clone, Debug)]
pub enum Signal {
    Event(Event),
    /// The key has gained (`false`) or lost (`true`) its identity; each stream tells it in its own words.
    Visitor(bool),
    /// Sessions of the key have ended, and what was opened by them is to end too.
    Revoked,
    /// A stream of the key was opened by this ticket; the one that it has opened before is to be closed.
    Opened(Pass),
    /// There are other commands than before.
    Commands,
}

/// Why a run does not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The same request came before and led to this run.
    Repeated(Mark, Uuid),
    Refused(Refusal),
}

/// By what a request is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Nonce,
    IdempotencyKey,
}

/// Why the mark of a request is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It stands for another request.
    Reused(Mark),
    /// The address has as many that live as it may, the first of which dies in so many seconds.
    TooMany { mark: Mark, quota: usize, seconds: u64 },
    /// All addresses together have as many that live as they may.
    Full,
    /// It is of a time of which nobody knows any more what was used.
    Expired,
}

/// A piece of the log of a key, oldest first.
#[derive(Debug, Default)]
pub struct Page {
    pub events: Vec<Event>,
    /// Whether there are no more of what was asked for.
    pub is_last: bool,
    /// The sequence up to which the log of the key has forgotten events.
    pub trimmed: u64,
}

/// A run that nobody runs any more, and that has no end in the log.
#[derive(Clone, Debug)]
pub struct Abandoned {
    pub run: Opened,
    /// Whether it may have begun.
    pub begun: bool,
}

/// A log with live readers. All of it may be used from many tasks at once.
pub trait Bus: Send + Sync {
    /// Writes down that a run begins, and returns none; or returns why it must not. Durable when it returns, and also done when
    /// the caller stops waiting. Fails with `store_unavailable`, and then the run must not begin either.
    fn open(&self, run: Opened, once: Once) -> BoxFuture<'static, Result<Option<Obstacle>>>;

    /// What [`Bus::open`] would say of a request that has come before; none for one that is new. Fails with
    /// `store_unavailable`.
    fn known(&self, address: Address, once: Once) -> BoxFuture<'static, Result<Option<Obstacle>>>;

    /// Uses up the nonce of a request that is no run, and returns none; or returns why it cannot be used. Durable when it
    /// returns. Fails with `store_unavailable`.
    fn spend(&self, address: Address, nonce: Nonce) -> BoxFuture<'static, Result<Option<Refusal>>>;

    /// Writes the end of a run to the log of its address; once it is durable, all streams of the key see it, and the id is
    /// returned. None when the run has ended before, or was never opened. Also done when the caller stops waiting. Fails
    /// with `store_unavailable`, and then nobody sees it.
    fn append(&self, ended: Ended) -> BoxFuture<'static, Result<Option<EventId>>>;

    /// Tells the streams that are there now. Nothing is written.
    fn announce(&self, address: Address, signal: Signal);

    /// The same to the streams of every key.
    fn announce_to_all(&self, signal: Signal);

    /// Hears what becomes visible for `address` from now on.
    fn subscribe(&self, address: Address) -> Subscription;

    /// Whether an event is in the log that is not visible here yet: it came from another node. Fails with `store_unavailable`.
    fn has(&self, sequence: u64) -> BoxFuture<'static, Result<bool>>;

    /// The events of `address` after the sequence `after` and up to `through`: a page at a time. Fails with `store_unavailable`.
    fn replay(&self, address: Address, after: u64, through: u64) -> BoxFuture<'static, Result<Page>>;

    /// Forgets a little of what is to be kept no longer, and says whether there is more of it. Whoever writes meanwhile is
    /// not held up. Fails with `store_unavailable`.
    fn trim(&self) -> BoxFuture<'static, Result<bool>>;

    /// The runs that were left by processes that are gone: they are to be ended, by [`Bus::append`]. Each is handed to one of those
    /// who ask. Fails with `store_unavailable`.
    fn abandoned(&self) -> BoxFuture<'static, Result<Vec<Abandoned>>>;

    /// Cancels a run where another process runs it, if one does.
    fn cancel(&self, address: Address, run: Uuid);

    /// What a server does for it as long as it serves. Returns only when the log is gone: then a server has to begin anew.
    fn attend(&self) -> BoxFuture<'static, ()>;
}
