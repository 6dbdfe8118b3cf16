//! How many commands each peer runs that no key stands behind.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts them. A peer that runs none is not remembered, so it never holds more than may run at once.
#[derive(Debug, Default)]
pub struct Visitors {
    runs: Mutex<HashMap<IpAddr, usize>>,
}

impl Visitors {
    /// Counts one more as long as what this returns is held; none when the peer has `quota` of them.
    pub fn enter(self: &Arc<Self>, peer: IpAddr, quota: usize) -> Option<Visitor> {
        let mut runs = self.runs();
        let count = runs.get(&peer).copied().unwrap_or_default();
        if count >= quota {
            return None;
        }
        runs.insert(peer, count + 1);
        Some(Visitor { visitors: Arc::clone(self), peer })
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        // Nothing in here panics while it holds the lock.
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of them.
#[derive(Debug)]
pub struct Visitor {
    visitors: Arc<Visitors>,
    peer: IpAddr,
}

impl Drop for Visitor {
    fn drop(&mut self) {
        let mut runs = self.visitors.runs();
        match runs.get_mut(&self.peer) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(runs.remove(&self.peer)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_runs_nothing_any_more_is_forgotten() {
        let visitors = Arc::new(Visitors::default());
        let peers = [[192, 0, 2, 1], [192, 0, 2, 2]].map(IpAddr::from);
        let held = peers.map(|peer| [(); 2].map(|()| visitors.enter(peer, 2).unwrap()));
        assert!(visitors.enter(peers[0], 2).is_none());
        drop(held);
        assert!(visitors.runs().is_empty());
    }
}
