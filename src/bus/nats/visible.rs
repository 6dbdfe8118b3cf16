//! Who waits until an event of the log is visible to the streams of this node.

use std::collections::BTreeMap;
use std::mem::replace;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot::{self, Receiver, Sender};
use tokio::time::timeout;

/// How long is waited. A log that cannot be followed is not waited for: streams see the event later.
const PATIENCE: Duration = Duration::from_millis(500);

pub(super) struct Visible(Mutex<Places>);

struct Places {
    newest: u64,
    /// By the event that they wait for, which each has written: there is one for each.
    waiting: BTreeMap<u64, Sender<()>>,
}

impl Visible {
    /// For a log whose newest event is `newest`.
    pub(super) fn up_to(newest: u64) -> Self {
        Self(Mutex::new(Places { newest, waiting: BTreeMap::new() }))
    }

    /// Tells that all events up to this one are visible.
    pub(super) fn reach(&self, sequence: u64) {
        let mut places = self.lock();
        places.newest = sequence;
        let later = places.waiting.split_off(&(sequence + 1));
        let reached = replace(&mut places.waiting, later);
        drop(places);
        for waits in reached.into_values() {
            // Whoever waited may have gone away.
            let _ = waits.send(());
        }
    }

    /// Waits until an event is visible, so that whoever is answered after that, and then opens a stream, does not hear it as if it
    /// came just now.
    pub(super) async fn wait_for(&self, sequence: u64) {
        let Some(reached) = self.join(sequence) else { return };
        if timeout(PATIENCE, reached).await.is_err() {
            self.lock().waiting.remove(&sequence);
        }
    }

    fn join(&self, sequence: u64) -> Option<Receiver<()>> {
        let mut places = self.lock();
        if places.newest >= sequence {
            return None;
        }
        let (waits, reached) = oneshot::channel();
        places.waiting.insert(sequence, waits);
        Some(reached)
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        // Nothing in here panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_goes_on_when_its_event_or_a_later_one_is_there() {
        let visible = Visible::up_to(3);
        assert_eq!(visible.wait_for(3).now_or_never(), Some(()));
        let (first, second) = (visible.join(4).unwrap(), visible.join(6).unwrap());
        visible.reach(5);
        assert!(first.now_or_never().is_some() && second.now_or_never().is_none());
        visible.wait_for(9).await;
        assert_eq!(visible.lock().waiting.len(), 1, "who gives up leaves nothing");
    }
}
