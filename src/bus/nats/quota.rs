//! How many nonces an address uses up at once: the servers remember each for the whole of their window.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::{Mark, Refusal};
use crate::address::Address;

/// How many may live at once of one address, at this node, and of all.
const QUOTA: usize = 1024;
const ALL: usize = 1 << 20;

/// When the nonces die that came to this node, by address and by their names.
#[derive(Default)]
pub(super) struct Quota(Mutex<Lives>);

#[derive(Default)]
struct Lives {
    of: HashMap<Address, HashMap<[u8; 32], i64>>,
    count: usize,
    swept_at: i64,
}

impl Quota {
    /// Takes a place until `dies_at`, or tells why there is none. One that has a place has it. Times are unix seconds.
    pub(super) fn take(&self, address: Address, name: [u8; 32], dies_at: i64, now: i64) -> Result<(), Refusal> {
        if dies_at < now {
            return Err(Refusal::Expired);
        }
        let mut lives = self.lock();
        if lives.of.get(&address).is_some_and(|of| of.contains_key(&name)) {
            return Ok(());
        }
        if lives.of.get(&address).is_some_and(|of| of.len() >= QUOTA) {
            lives.sweep(address, now);
        }
        if lives.count >= ALL && lives.swept_at < now {
            lives.swept_at = now;
            lives.sweep_all(now);
        }
        if lives.count >= ALL {
            return Err(Refusal::Full);
        }
        let of = lives.of.entry(address).or_default();
        if of.len() >= QUOTA {
            let first = of.values().copied().min().unwrap_or(now);
            let seconds = first.saturating_sub(now).saturating_add(1).unsigned_abs();
            return Err(Refusal::TooMany { mark: Mark::Nonce, quota: QUOTA, seconds });
        }
        of.insert(name, dies_at);
        lives.count += 1;
        Ok(())
    }

    /// Gives the places of the dead back.
    pub(super) fn sweep(&self, now: i64) {
        self.lock().sweep_all(now);
    }

    fn lock(&self) -> MutexGuard<'_, Lives> {
        // Nothing in here panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lives {
    fn sweep_all(&mut self, now: i64) {
        self.of.keys().copied().collect::<Vec<_>>().into_iter().for_each(|address| self.sweep(address, now));
    }

    fn sweep(&mut self, address: Address, now: i64) {
        let Entry::Occupied(mut of) = self.of.entry(address) else { return };
        let before = of.get().len();
        of.get_mut().retain(|_, dies_at| *dies_at >= now);
        self.count -= before - of.get().len();
        if of.get().is_empty() {
            of.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_so_many_until_they_die() {
        let (quota, alice) = (Quota::default(), Address::from_bytes([1; 20]));
        let name = |number: usize| std::array::from_fn(|place| number.to_le_bytes().get(place).copied().unwrap_or(0));
        for number in 0..QUOTA {
            quota.take(alice, name(number), 130, 100).unwrap();
        }
        let full = Refusal::TooMany { mark: Mark::Nonce, quota: QUOTA, seconds: 31 };
        assert_eq!(quota.take(alice, name(QUOTA), 130, 100), Err(full));
        assert_eq!(quota.take(alice, name(0), 130, 100), Ok(()), "a copy takes no place");
        assert_eq!(quota.take(Address::from_bytes([2; 20]), name(QUOTA), 130, 100), Ok(()), "others have their own");
        assert_eq!(quota.take(alice, name(QUOTA), 200, 131), Ok(()));
        assert_eq!(quota.take(alice, name(0), 130, 131), Err(Refusal::Expired));
    }
}
