//! How many nonces an address uses up at once: the servers remember each for the whole of their window.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, PoisonError};

use super::super::{Mark, Refusal};
use crate::address::Address;

/// How many may live at once of one address, at this node, and of all.
const QUOTA: usize = 1024;
const ALL: usize = 1 << 20;

/// When the nonces die that this node has taken, by address.
#[derive(Default)]
pub(super) struct Quota(Mutex<Lives>);

#[derive(Default)]
struct Lives {
    of: HashMap<Address, Vec<i64>>,
    count: usize,
    swept_at: i64,
}

impl Quota {
    /// Takes a place until `dies_at`, or tells why there is none. Times are unix seconds.
    pub(super) fn take(&self, address: Address, dies_at: i64, now: i64) -> Result<(), Refusal> {
        if dies_at < now {
            return Err(Refusal::Expired);
        }
        let mut lives = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lives.sweep(address, now);
        if lives.count >= ALL && lives.swept_at < now {
            lives.swept_at = now;
            lives.of.keys().copied().collect::<Vec<_>>().into_iter().for_each(|address| lives.sweep(address, now));
        }
        if lives.count >= ALL {
            return Err(Refusal::Full);
        }
        let of = lives.of.entry(address).or_default();
        if of.len() >= QUOTA {
            let first = of.iter().copied().min().unwrap_or(now);
            let seconds = first.saturating_sub(now).saturating_add(1).unsigned_abs();
            return Err(Refusal::TooMany { mark: Mark::Nonce, quota: QUOTA, seconds });
        }
        of.push(dies_at);
        lives.count += 1;
        Ok(())
    }
}

impl Lives {
    fn sweep(&mut self, address: Address, now: i64) {
        let Entry::Occupied(mut of) = self.of.entry(address) else { return };
        let before = of.get().len();
        of.get_mut().retain(|dies_at| *dies_at >= now);
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
        for _ in 0..QUOTA {
            quota.take(alice, 130, 100).unwrap();
        }
        let full = Refusal::TooMany { mark: Mark::Nonce, quota: QUOTA, seconds: 31 };
        assert_eq!(quota.take(alice, 130, 100), Err(full));
        assert_eq!(quota.take(Address::from_bytes([2; 20]), 130, 100), Ok(()), "others have their own");
        assert_eq!(quota.take(alice, 200, 131), Ok(()));
        assert_eq!(quota.take(alice, 130, 131), Err(Refusal::Expired));
    }
}
