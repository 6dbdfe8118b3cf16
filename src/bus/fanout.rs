//! Live streams, by key. A key without a stream has nothing here.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::Signal;
use crate::address::Address;

/// How far a stream may fall behind before it is told that it missed something.
const BEHIND: usize = 256;

#[derive(Default)]
pub(super) struct Fanout {
    keys: Mutex<HashMap<Address, broadcast::Sender<Signal>>>,
}

impl Fanout {
    /// Hands a signal to every stream of the key; makes it only if there is one.
    pub(super) fn publish(&self, address: Address, signal: impl FnOnce() -> Signal) {
        // Under the lock, which a send does not hold for long: a stream that comes now must not get another channel.
        if let Some(sender) = self.keys().get(&address) {
            // Fails when the last stream is just leaving, and then there is nobody to tell.
            drop(sender.send(signal()));
        }
    }

    pub(super) fn subscribe(fanout: &Arc<Self>, address: Address) -> Subscription {
        let receiver = match fanout.keys().entry(address) {
            Entry::Occupied(key) => key.get().subscribe(),
            Entry::Vacant(key) => {
                let (sender, receiver) = broadcast::channel(BEHIND);
                key.insert(sender);
                receiver
            }
        };
        Subscription { receiver: Some(receiver), fanout: Arc::clone(fanout), address }
    }

    fn keys(&self) -> MutexGuard<'_, HashMap<Address, broadcast::Sender<Signal>>> {
        // Nothing in here panics while it holds the lock, and a map of senders has no state to be left half done.
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
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
}

impl Subscription {
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
        let mut keys = self.fanout.keys();
        self.receiver = None;
        if let Entry::Occupied(key) = keys.entry(self.address)
            && key.get().receiver_count() == 0
        {
            key.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_without_streams_leaves_nothing_behind() {
        let fanout = Arc::new(Fanout::default());
        let address = Address::from_bytes([1; 20]);
        let first = Fanout::subscribe(&fanout, address);
        let second = Fanout::subscribe(&fanout, address);
        drop(first);
        assert_eq!(fanout.keys().len(), 1);
        drop(second);
        assert_eq!(fanout.keys().len(), 0);
    }

    #[tokio::test]
    async fn a_slow_stream_is_told_how_much_it_missed() {
        let fanout = Arc::new(Fanout::default());
        let address = Address::from_bytes([1; 20]);
        let mut stream = Fanout::subscribe(&fanout, address);
        for _ in 0..BEHIND + 3 {
            fanout.publish(address, || Signal::Visitor(true));
        }
        assert!(matches!(stream.next().await, Some(Heard::Missed(3))));
        assert!(matches!(stream.next().await, Some(Heard::Signal(_))));
    }
}
