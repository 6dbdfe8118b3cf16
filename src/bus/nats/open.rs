//! The runs that this node has opened and not ended.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::keys::Claim;
use crate::run::Opened;

/// Bounded by how many commands may run at once; those that are in doubt come from a moment in which NATS went away.
#[derive(Default)]
pub(super) struct Open(Mutex<HashMap<Uuid, Entry>>);

#[derive(Clone)]
pub(super) struct Entry {
    pub(super) run: Opened,
    pub(super) standing: Standing,
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is being written down that it begins.
    Opening,
    /// It runs; its admission stands at this sequence.
    Runs(u64),
    /// It was not begun, and may be written down all the same. Its idempotency key is given back once that is settled.
    Doubted(Option<Claim>),
    /// Another node ran it that is gone.
    Adopted,
}

impl Open {
    pub(super) fn put(&self, run: Opened, standing: Standing) {
        self.lock().insert(run.id, Entry { run, standing });
    }

    pub(super) fn stands(&self, id: Uuid, standing: Standing) {
        if let Some(entry) = self.lock().get_mut(&id) {
            entry.standing = standing;
        }
    }

    pub(super) fn get(&self, id: Uuid) -> Option<Entry> {
        self.lock().get(&id).cloned()
    }

    pub(super) fn remove(&self, id: Uuid) {
        self.lock().remove(&id);
    }

    /// Those that stand like this.
    pub(super) fn all(&self, wanted: impl Fn(&Standing) -> bool) -> Vec<Entry> {
        self.lock().values().filter(|entry| wanted(&entry.standing)).cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Entry>> {
        // Nothing in here panics while it holds the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
