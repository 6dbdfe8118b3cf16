//! Who may do something how often, in memory that no number of callers makes larger.
//!
//! [`Budget`] counts signatures that prove nothing: a check costs more than all else that a request does.

use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::error::{Code, Error, Limit, Result};

/// How many accounts there are. Callers share them, by a hash that nobody outside can know.
const ACCOUNTS: usize = 1 << 14;

/// An account is the time until which it is spent (the generic cell rate algorithm, ITU-T I.371): it goes forward by one
/// interval each time, and may be so much ahead of the clock.
#[derive(Debug)]
pub struct Accounts {
    accounts: Box<[AtomicU64]>,
    hasher: RandomState,
    start: Instant,
    interval: u64,
    ahead: u64,
}

/// What was paid for.
#[must_use = "what was not used up is given back"]
pub struct Spent<'a> {
    account: &'a AtomicU64,
    interval: u64,
}

impl Accounts {
    /// Once in each `interval`, and as often at once as fits into `ahead`.
    pub fn new(interval: Duration, ahead: Duration, start: Instant) -> Self {
        let accounts = (0..ACCOUNTS).map(|_| AtomicU64::new(0)).collect();
        Self {
            accounts,
            hasher: RandomState::new(),
            start,
            interval: nanoseconds(interval).max(1),
            ahead: nanoseconds(ahead),
        }
    }

    /// Fails with the time to wait.
    pub fn spend(&self, caller: &impl Hash, now: Instant) -> Result<Spent<'_>, Duration> {
        let account = self.account(caller).ok_or(Duration::ZERO)?;
        let now = nanoseconds(now.saturating_duration_since(self.start));
        let paid = |until: u64| {
            let until = until.max(now).saturating_add(self.interval);
            (until <= now.saturating_add(self.ahead)).then_some(until)
        };
        match account.fetch_update(Ordering::Relaxed, Ordering::Relaxed, paid) {
            Ok(_) => Ok(Spent { account, interval: self.interval }),
            Err(until) => {
                let wait = until.saturating_add(self.interval).saturating_sub(now.saturating_add(self.ahead));
                Err(Duration::from_nanos(wait))
            }
        }
    }

    /// Gives back what the caller has spent last.
    pub fn give_back(&self, caller: &impl Hash) {
        if let Some(account) = self.account(caller) {
            Spent { account, interval: self.interval }.give_back();
        }
    }

    fn account(&self, caller: &impl Hash) -> Option<&AtomicU64> {
        let place = self.hasher.hash_one(caller) % ACCOUNTS as u64;
        usize::try_from(place).ok().and_then(|place| self.accounts.get(place))
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

impl Spent<'_> {
    pub fn give_back(self) {
        let less = |until: u64| Some(until.saturating_sub(self.interval));
        // It cannot fail: there is always a next value.
        let _ = self.account.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

/// How many signatures that prove nothing a peer may have checked.
pub struct Budget {
    peers: Accounts,
    /// Checks a second.
    rate: usize,
}

const SECOND: Duration = Duration::from_secs(1);

impl Budget {
    /// `rate` checks a second for each peer, and as many at once.
    pub fn new(rate: usize, start: Instant) -> Self {
        let interval = SECOND / u32::try_from(rate).unwrap_or(u32::MAX).max(1);
        Self { peers: Accounts::new(interval, SECOND, start), rate }
    }

    /// Pays for a check, which is given back if the signature was good. Fails with `rate_limited`.
    pub fn spend(&self, peer: IpAddr, now: Instant) -> Result<Spent<'_>> {
        self.peers.spend(&peer, now).map_err(|_wait| {
            Error::new(Code::RateLimited, "Too many signatures came from your network address that prove nothing.")
                .with_hint("Mend what signs; signatures that are good are not counted.")
                .at_limit(Limit { policy: "bad-signatures", quota: self.rate, seconds: 1 })
        })
    }
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn whoever_comes_too_soon_is_told_how_long_to_wait() {
        let start = crate::clock::Clock::default().instant();
        let accounts = Accounts::new(Duration::from_secs(10), Duration::from_secs(10), start);
        let _ = accounts.spend(&1, start).unwrap();
        assert_eq!(accounts.spend(&1, start + Duration::from_secs(4)).err(), Some(Duration::from_secs(6)));
        assert!(accounts.spend(&1, start + Duration::from_secs(10)).is_ok());
    }
}
