//! Who may hold how many streams.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::address::Address;
use crate::config::Limits;
use crate::error::{Code, Error, Limit, Result};
use crate::secret::SecretId;

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
    /// The place of each ticket.
    tickets: HashMap<SecretId, Place>,
    /// How many places there were so far.
    places: u64,
}

/// By what a stream is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visit {
    Anonymous,
    /// By a session or a signature.
    Proven,
    /// By a ticket, for which the stream that it has opened before is about to be closed: its place is taken over.
    Ticket(SecretId),
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    key: Address,
    peer: IpAddr,
    visit: Visit,
    number: u64,
}

impl Seats {
    pub fn new(limits: Limits) -> Self {
        Self { limits, taken: Mutex::default() }
    }

    /// How many streams are open.
    pub fn open(&self) -> usize {
        self.taken().all
    }

    /// A place for a stream of `key`. Fails with `too_many_streams`.
    pub fn take(self: &Arc<Self>, key: Address, peer: IpAddr, visit: Visit) -> Result<Seat> {
        let mut taken = self.taken();
        let before = match visit {
            Visit::Ticket(id) => taken.tickets.get(&id).copied(),
            Visit::Anonymous | Visit::Proven => None,
        };
        if let Some(before) = before {
            taken.leave(before);
        }
        if let Err(error) = taken.check(&self.limits, key, peer, visit) {
            if let Some(before) = before {
                taken.enter(before);
            }
            return Err(error);
        }
        taken.places += 1;
        let place = Place { key, peer, visit, number: taken.places };
        taken.enter(place);
        Ok(Seat { seats: Arc::clone(self), place })
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        // Nothing in here panics while it holds the lock.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    fn check(&self, limits: &Limits, key: Address, peer: IpAddr, visit: Visit) -> Result<()> {
        let count = |count: Option<&usize>| count.copied().unwrap_or_default();
        let visits = if visit == Visit::Anonymous { count(self.visits.get(&(key, peer))) } else { 0 };
        for (policy, held, quota, who) in [
            ("streams", self.all, limits.max_streams, "This server"),
            ("streams-per-key", count(self.keys.get(&key)), limits.max_streams_per_key, "This key"),
            ("streams-per-peer", count(self.peers.get(&peer)), limits.max_streams_per_peer, "Your address"),
            ("streams-per-key-and-peer", visits, limits.max_anonymous_streams, "Your address, for this key,"),
        ] {
            if held >= quota {
                return Err(Error::new(Code::TooManyStreams, format!("{who} holds all the {quota} streams it may."))
                    .with_hint("Close a stream that you do not need; one stream can serve all tabs of a browser.")
                    .at_limit(Limit { policy, quota, seconds: 1 }));
            }
        }
        Ok(())
    }

    fn enter(&mut self, place: Place) {
        let Place { key, peer, visit, .. } = place;
        self.all += 1;
        *self.keys.entry(key).or_default() += 1;
        *self.peers.entry(peer).or_default() += 1;
        match visit {
            Visit::Anonymous => *self.visits.entry((key, peer)).or_default() += 1,
            Visit::Proven => {}
            Visit::Ticket(id) => drop(self.tickets.insert(id, place)),
        }
    }

    fn leave(&mut self, place: Place) {
        let Place { key, peer, visit, .. } = place;
        match visit {
            Visit::Anonymous => decrease(&mut self.visits, (key, peer)),
            Visit::Proven => {}
            // Another stream has the place now.
            Visit::Ticket(id) if self.tickets.get(&id) != Some(&place) => return,
            Visit::Ticket(id) => drop(self.tickets.remove(&id)),
        }
        self.all = self.all.saturating_sub(1);
        decrease(&mut self.keys, key);
        decrease(&mut self.peers, peer);
    }
}

/// Held as long as the stream is open.
pub struct Seat {
    seats: Arc<Seats>,
    place: Place,
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.seats.taken().leave(self.place);
    }
}

fn decrease<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: K) {
    if let Some(count) = counts.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}
