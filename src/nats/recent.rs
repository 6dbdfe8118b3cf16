//! The newest events of the log: whose they are, and which runs they end. A server must have them that is to be believed when it
//! says that there are no more: one that lags behind would make a reader miss what its node has told to others.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::address::Address;

/// How many are remembered, in about 10 MiB.
pub(super) const MOST: usize = 1 << 16;

#[derive(Default)]
pub(super) struct Recent(Mutex<Events>);

/// By their places in the log, by address, and by run.
#[derive(Default)]
struct Events {
    /// Whether all that were there when this process came are among them, or too old.
    are_whole: bool,
    all: BTreeMap<u64, (Address, Uuid)>,
    of: BTreeSet<(Address, u64)>,
    ends: HashMap<Uuid, u64>,
}

impl Recent {
    pub(super) fn note(&self, sequence: u64, address: Address, run: Uuid) {
        let mut events = self.lock();
        events.all.insert(sequence, (address, run));
        events.of.insert((address, sequence));
        events.ends.insert(run, sequence);
        if events.all.len() > MOST
            && let Some((oldest, (address, run))) = events.all.pop_first()
        {
            events.of.remove(&(address, oldest));
            events.ends.remove(&run);
        }
    }

    /// Notes that no event is missing that was there when this process came.
    pub(super) fn complete(&self) {
        self.lock().are_whole = true;
    }

    pub(super) fn are_whole(&self) -> bool {
        self.lock().are_whole
    }

    /// The newest event of an address that is not after `through`, where it is remembered.
    pub(super) fn newest(&self, address: Address, through: u64) -> Option<u64> {
        self.lock().of.range((address, 0)..=(address, through)).next_back().map(|(_, sequence)| *sequence)
    }

    /// The event that a run ended with, where it is remembered.
    pub(super) fn end(&self, run: Uuid) -> Option<u64> {
        self.lock().ends.get(&run).copied()
    }

    fn lock(&self) -> MutexGuard<'_, Events> {
        // Nothing in here panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_of_an_address_up_to_a_place_is_remembered() {
        let recent = Recent::default();
        let [alice, bob] = [1, 2].map(|byte| Address::from_bytes([byte; 20]));
        for (sequence, whose) in [(8, alice), (5, bob), (3, alice)] {
            recent.note(sequence, whose, Uuid::from_u128(sequence.into()));
        }
        assert_eq!(recent.newest(alice, u64::MAX), Some(8));
        assert_eq!(recent.newest(alice, 7), Some(3));
        assert_eq!(recent.newest(bob, 4), None);
        assert_eq!(recent.end(Uuid::from_u128(5)), Some(5));
    }

    #[test]
    fn it_stays_small() {
        let (recent, alice) = (Recent::default(), Address::from_bytes([1; 20]));
        (1..=2 * MOST as u64).for_each(|sequence| recent.note(sequence, alice, Uuid::from_u128(sequence.into())));
        let Events { all, of, ends, .. } = &*recent.lock();
        assert_eq!([all.len(), of.len(), ends.len()], [MOST; 3]);
    }
}
