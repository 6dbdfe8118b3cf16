//! The newest events of the log, and whose they are: what a server must have that is to be believed when it says that there are
//! no more. One that lags behind would make a reader miss what its node has told to others.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::address::Address;

/// How many are remembered, in about 3 MiB.
pub(super) const MOST: usize = 1 << 16;

#[derive(Default)]
pub(super) struct Recent(Mutex<BTreeMap<u64, Address>>);

impl Recent {
    pub(super) fn note(&self, sequence: u64, address: Address) {
        let mut recent = self.lock();
        recent.insert(sequence, address);
        if recent.len() > MOST {
            recent.pop_first();
        }
    }

    /// The newest event of an address that is not after `through`, where it is remembered.
    pub(super) fn newest(&self, address: Address, through: u64) -> Option<u64> {
        let recent = self.lock();
        recent.range(..=through).rev().find(|(_, whose)| **whose == address).map(|(sequence, _)| *sequence)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Address>> {
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
            recent.note(sequence, whose);
        }
        assert_eq!(recent.newest(alice, 9), Some(8));
        assert_eq!(recent.newest(alice, 7), Some(3));
        assert_eq!(recent.newest(bob, 4), None);
    }

    #[test]
    fn it_stays_small() {
        let (recent, alice) = (Recent::default(), Address::from_bytes([1; 20]));
        (0..2 * MOST as u64).for_each(|sequence| recent.note(sequence, alice));
        assert_eq!(recent.lock().len(), MOST);
    }
}
