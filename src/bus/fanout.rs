//! Live streams, by key. A key without a stream has nothing here.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::Signal;
use crate::address::Address;
use crate::event::{Event, EventId};

/// How far a stream may fall behind before it is told that it missed something.
const BEHIND: usize = 256;

pub(super) struct Fanout {
    streams: Mutex<Streams>,
}

struct Streams {
    keys: HashMap<Address, broadcast::Sender<Signal>>,
    /// The newest event that was published, of any key.
    newest: EventId,
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
        streams.tell(address, || Signal::Event(event()));
    }

    /// Hands over what is not in the log.
    pub(super) fn announce(&self, address: Address, signal: Signal) {
        self.streams().tell(address, || signal);
    }

    pub(super) fn subscribe(fanout: &Arc<Self>, address: Address) -> Subscription {
        let mut streams = fanout.streams();
        let since = streams.newest;
        let receiver = match streams.keys.entry(address) {
            Entry::Occupied(key) => key.get().subscribe(),
            Entry::Vacant(key) => {
                let (sender, receiver) = broadcast::channel(BEHIND);
                key.insert(sender);
                receiver
            }
        };
        drop(streams);
        Subscription { receiver: Some(receiver), fanout: Arc::clone(fanout), address, since }
    }

    fn streams(&self) -> MutexGuard<'_, Streams> {
        // Nothing in here panics while it holds the lock, and there is no state to be left half done.
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Streams {
    fn tell(&self, address: Address, signal: impl FnOnce() -> Signal) {
        // Under the lock, which a send does not hold for long: a stream that comes now must not get another channel.
        if let Some(sender) = self.keys.get(&address) {
            // Fails when the last stream is just leaving, and then there is nobody to tell.
            drop(sender.send(signal()));
        }
    }
}

/// What a subscription has to say.
#[derive(Debug)]
pub enum Heard {
    Signal(Signal),
    /// So many signals came faster than they were read and are gone from here.
    Missed(u64),
}

/// One stream's place at its key; it leaves when dropped.
pub struct Subscription {
    receiver: Option<broadcast::Receiver<Signal>>,
    fanout: Arc<Fanout>,
    address: Address,
    since: EventId,
}

impl Subscription {
    /// The newest event that was visible when it began, of any key: what is newer is heard, what is not is written.
    pub fn since(&self) -> EventId {
        self.since
    }

    /// The newest event that is visible now.
    pub fn newest(&self) -> EventId {
        self.fanout.streams().newest
    }

    /// The next thing to tell. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Heard> {
        match self.receiver.as_mut()?.recv().await {
            Ok(signal) => Some(Heard::Signal(signal)),
            Err(RecvError::Lagged(missed)) => Some(Heard::Missed(missed)),
            Err(RecvError::Closed) => None,
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut streams = self.fanout.streams();
        self.receiver = None;
        if let Entry::Occupied(key) = streams.keys.entry(self.address)
            && key.get().receiver_count() == 0
        {
            key.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
    async fn a_slow_stream_is_told_how_much_it_missed() {
        let fanout = empty();
        let address = Address::from_bytes([1; 20]);
        let mut stream = Fanout::subscribe(&fanout, address);
        for _ in 0..BEHIND + 3 {
            fanout.announce(address, Signal::Visitor(true));
        }
        assert!(matches!(stream.next().await, Some(Heard::Missed(3))));
        assert!(matches!(stream.next().await, Some(Heard::Signal(_))));
    }
}
