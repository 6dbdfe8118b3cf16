//! Live streams, by key. A key without a stream has nothing here.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::Signal;
use super::ring::{Heard, Place, Ring};
use crate::address::Address;
use crate::event::{Event, EventId};

pub(super) struct Fanout {
    streams: Mutex<Streams>,
}

struct Streams {
    keys: HashMap<Address, Arc<Key>>,
    /// The newest event that was published, of any key.
    newest: EventId,
}

/// The readers of one key.
#[derive(Default)]
struct Key {
    ring: Mutex<Ring>,
    news: Notify,
}

impl Key {
    fn ring(&self) -> MutexGuard<'_, Ring> {
        // Nothing in here panics while it holds the lock, and there is no state to be left half done.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fanout {
    /// For a log whose newest event is `newest`.
    pub(super) fn new(newest: EventId) -> Self {
        Self { streams: Mutex::new(Streams { keys: HashMap::new(), newest }) }
    }

    /// Hands an event of the log to every stream of the key; makes it only if there is one. Events come in their order.
    pub(super) fn publish(&self, address: Address, id: EventId, event: impl FnOnce() -> Event) {
        let mut streams = self.streams();
        streams.newest = id;
        tell(streams, address, || Signal::Event(event()));
    }

    /// The newest event that was published, of any key.
    pub(super) fn newest(&self) -> EventId {
        self.streams().newest
    }

    /// Hands over what is not in the log.
    pub(super) fn announce(&self, address: Address, signal: Signal) {
        tell(self.streams(), address, || signal);
    }

    /// The same for every key. One after the other: streams that come meanwhile hear it or come after it.
    pub(super) fn announce_to_all(&self, signal: &Signal) {
        let keys: Vec<_> = self.streams().keys.values().map(Arc::clone).collect();
        for key in keys {
            key.ring().push(signal.clone());
            key.news.notify_waiters();
        }
    }

    pub(super) fn subscribe(fanout: &Arc<Self>, address: Address) -> Subscription {
        let mut streams = fanout.streams();
        let since = streams.newest;
        let key = Arc::clone(streams.keys.entry(address).or_default());
        let place = key.ring().join();
        drop(streams);
        Subscription { fanout: Arc::clone(fanout), address, key, place, since }
    }

    fn streams(&self) -> MutexGuard<'_, Streams> {
        // As with the ring.
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The signal is in the ring before the lock is given back, so that a stream that comes now either hears it or knows that it
/// was there before. Whoever waits is woken after that: many streams of one key must not hold up the other keys.
fn tell(streams: MutexGuard<'_, Streams>, address: Address, signal: impl FnOnce() -> Signal) {
    let Some(key) = streams.keys.get(&address).map(Arc::clone) else { return };
    key.ring().push(signal());
    drop(streams);
    key.news.notify_waiters();
}

/// One stream's place at its key; it leaves when dropped.
pub struct Subscription {
    fanout: Arc<Fanout>,
    address: Address,
    key: Arc<Key>,
    place: Place,
    since: EventId,
}

impl Subscription {
    /// The newest event that was visible when it began, of any key: what is newer is heard, what is not is written.
    pub fn since(&self) -> EventId {
        self.since
    }

    /// The newest event that is visible now.
    pub fn newest(&self) -> EventId {
        self.fanout.newest()
    }

    /// The next thing to tell. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Heard {
        loop {
            // Before the look into the ring: what comes after it is noticed.
            let news = self.key.news.notified();
            if let Some(heard) = self.key.ring().hear(&mut self.place) {
                return heard;
            }
            news.await;
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut streams = self.fanout.streams();
        let mut ring = self.key.ring();
        ring.leave(self.place);
        if ring.is_empty()
            && let Entry::Occupied(key) = streams.keys.entry(self.address)
        {
            key.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::ring::EVENTS;
    use crate::event::Epoch;

    fn empty() -> Arc<Fanout> {
        Arc::new(Fanout::new(EventId { epoch: Epoch(1), sequence: 0 }))
    }

    #[test]
    fn a_key_without_streams_leaves_nothing_behind() {
        let fanout = empty();
        let address = Address::from_bytes([1; 20]);
        let first = Fanout::subscribe(&fanout, address);
        let second = Fanout::subscribe(&fanout, address);
        drop(first);
        assert_eq!(fanout.streams().keys.len(), 1);
        drop(second);
        assert_eq!(fanout.streams().keys.len(), 0);
    }

    #[tokio::test]
    async fn a_noisy_key_costs_no_other_key_anything() {
        let fanout = empty();
        let [noisy, quiet] = [1, 2].map(|byte| Address::from_bytes([byte; 20]));
        let _sleeps = Fanout::subscribe(&fanout, noisy);
        let mut stream = Fanout::subscribe(&fanout, quiet);
        fanout.announce(quiet, Signal::Visitor(true));
        for _ in 0..10 * EVENTS {
            fanout.announce(noisy, Signal::Visitor(true));
        }
        assert!(matches!(stream.next().await, Heard::Signal(Signal::Visitor(true))));
    }

    #[tokio::test]
    async fn a_slow_stream_is_told_that_it_missed_something() {
        let fanout = empty();
        let address = Address::from_bytes([1; 20]);
        let mut stream = Fanout::subscribe(&fanout, address);
        for _ in 0..EVENTS + 3 {
            fanout.announce(address, Signal::Visitor(true));
        }
        assert!(matches!(stream.next().await, Heard::Missed(0)));
        assert!(matches!(stream.next().await, Heard::Signal(_)));
    }
}
