//! Who may hold how many streams.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::address::Address;
use crate::config::Limits;
use crate::error::{Code, Error, Limit, Result};

/// Counts open streams. What it remembers is bounded by the number of streams that may be open.
pub struct Seats {
    limits: Limits,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    all: usize,
    keys: HashMap<Address, usize>,
    peers: HashMap<IpAddr, usize>,
    visits: HashMap<(Address, IpAddr), usize>,
}

impl Seats {
    pub fn new(limits: Limits) -> Self {
        Self { limits, taken: Mutex::default() }
    }

    /// How many streams are open.
    pub fn open(&self) -> usize {
        self.taken().all
    }

    /// A place for a stream of `key` that proves nothing. Fails with `too_many_streams`.
    pub fn take(self: &Arc<Self>, key: Address, peer: IpAddr) -> Result<Seat> {
        let peer = subscriber(peer);
        let limits = &self.limits;
        let mut taken = self.taken();
        let count = |count: Option<&usize>| count.copied().unwrap_or_default();
        for (policy, held, quota, who) in [
            ("streams", taken.all, limits.max_streams, "This server"),
            ("streams-per-key", count(taken.keys.get(&key)), limits.max_streams_per_key, "This key"),
            ("streams-per-peer", count(taken.peers.get(&peer)), limits.max_streams_per_peer, "Your address"),
            (
                "streams-per-key-and-peer",
                count(taken.visits.get(&(key, peer))),
                limits.max_anonymous_streams,
                "Your address, for this key,",
            ),
        ] {
            if held >= quota {
                return Err(Error::new(Code::TooManyStreams, format!("{who} holds all the {quota} streams it may."))
                    .with_hint("Close a stream that you do not need; one stream can serve all tabs of a browser.")
                    .at_limit(Limit { policy, quota, seconds: 1 }));
            }
        }
        taken.all += 1;
        *taken.keys.entry(key).or_default() += 1;
        *taken.peers.entry(peer).or_default() += 1;
        *taken.visits.entry((key, peer)).or_default() += 1;
        Ok(Seat { seats: Arc::clone(self), key, peer })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        // Nothing in here panics while it holds the lock.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Held as long as the stream is open.
pub struct Seat {
    seats: Arc<Seats>,
    key: Address,
    peer: IpAddr,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken();
        taken.all = taken.all.saturating_sub(1);
        leave(&mut taken.keys, self.key);
        leave(&mut taken.peers, self.peer);
        leave(&mut taken.visits, (self.key, self.peer));
    }
}

fn leave<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: K) {
    if let Some(count) = counts.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

/// What one subscriber of the network has: an IPv4 address, or a /64 of IPv6, in which addresses cost nothing.
fn subscriber(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}
