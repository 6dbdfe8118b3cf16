//! How many signatures that prove nothing a peer may have checked. A check costs more than all else that a request does.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use crate::error::{Code, Error, Limit, Result};

/// How many accounts there are. Peers share them, by a hash that nobody outside can know: it is memory that no number of
/// peers makes larger.
const ACCOUNTS: usize = 1 << 14;

/// An account is the time until which it is spent (the generic cell rate algorithm, ITU-T I.371): it goes forward by one
/// interval with each check, and may be a second ahead of the clock.
pub struct Budget {
    accounts: Box<[AtomicU64]>,
    hasher: RandomState,
    start: Instant,
    /// Checks a second.
    rate: usize,
}

/// A check that was paid for.
#[must_use = "a check that proved something is given back"]
pub struct Spent<'a> {
    account: &'a AtomicU64,
    interval: u64,
}

const SECOND: u64 = 1_000_000_000;

impl Budget {
    /// `rate` checks a second for each peer, and as many at once.
    pub fn new(rate: usize, start: Instant) -> Self {
        let accounts = (0..ACCOUNTS).map(|_| AtomicU64::new(0)).collect();
        Self { accounts, hasher: RandomState::new(), start, rate }
    }

    /// Pays for a check. Fails with `rate_limited`.
    pub fn spend(&self, peer: IpAddr, now: Instant) -> Result<Spent<'_>> {
        let place = self.hasher.hash_one(peer) % ACCOUNTS as u64;
        let account = usize::try_from(place).ok().and_then(|place| self.accounts.get(place));
        let account = account.ok_or_else(|| Error::internal("there is no such account"))?;
        let now = u64::try_from(now.saturating_duration_since(self.start).as_nanos()).unwrap_or(u64::MAX);
        let interval = (SECOND / self.rate as u64).max(1);
        let paid = |until: u64| {
            let until = until.max(now).saturating_add(interval);
            (until <= now.saturating_add(SECOND)).then_some(until)
        };
        match account.fetch_update(Ordering::Relaxed, Ordering::Relaxed, paid) {
            Ok(_) => Ok(Spent { account, interval }),
            Err(_) => Err(Error::new(
                Code::RateLimited,
                "Too many signatures came from your network address that prove nothing.",
            )
            .with_hint("Mend what signs; signatures that are good are not counted.")
            .at_limit(Limit { policy: "bad-signatures", quota: self.rate, seconds: 1 })),
        }
    }
}

impl Spent<'_> {
    /// The signature was good.
    pub fn give_back(self) {
        let less = |until: u64| Some(until.saturating_sub(self.interval));
        // It cannot fail: there is always a next value.
        let _ = self.account.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn budget(rate: usize) -> (Budget, Instant) {
        let start = crate::clock::Clock::default().instant();
        (Budget::new(rate, start), start)
    }

    #[test]
    fn what_proves_nothing_is_counted_and_comes_back_with_time() {
        let (budget, start) = budget(10);
        for _ in 0..10 {
            let _ = budget.spend(PEER, start).unwrap();
        }
        assert_eq!(budget.spend(PEER, start).err().unwrap().code, Code::RateLimited);
        assert!(budget.spend(PEER, start + Duration::from_millis(99)).is_err());
        let _ = budget.spend(PEER, start + Duration::from_millis(100)).unwrap();
        assert!(budget.spend(PEER, start + Duration::from_millis(100)).is_err());
    }

    #[test]
    fn what_proves_something_costs_nothing() {
        let (budget, start) = budget(1);
        for _ in 0..1000 {
            budget.spend(PEER, start).unwrap().give_back();
        }
    }

    #[test]
    fn one_peer_does_not_pay_for_another() {
        let (budget, start) = budget(1);
        let paid = |last: u8| budget.spend(IpAddr::from([192, 0, 2, last]), start).is_ok();
        // Two of a hundred may share an account, hardly ten.
        assert!((0..100).filter(|last| paid(*last)).count() > 90);
        assert!((0..100).all(|last| !paid(last)));
    }
}
