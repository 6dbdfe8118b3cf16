//! What goes on: the handles by which a run is watched and cancelled while it runs.

mod visitors;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit};
use tokio::time::sleep;
use uuid::Uuid;

use crate::address::Address;
use crate::run::Progress;
use crate::runtime::Runtime;

pub use self::visitors::{Visitor, Visitors};

/// What a command that heeds its cancellation has to come to an end by itself.
const HEED: Duration = Duration::from_secs(5);

/// The runs of proven callers in this process, as many as may run at once.
#[derive(Default)]
pub struct Ongoing {
    runs: Mutex<HashMap<Uuid, (Address, Arc<Control>)>>,
}

impl Ongoing {
    /// Makes a run known as long as what this returns is held; none when the address has `quota` of them.
    pub fn enter(self: &Arc<Self>, id: Uuid, address: Address, control: Arc<Control>, quota: usize) -> Option<Entry> {
        let mut runs = self.runs();
        if runs.values().filter(|(owner, _)| *owner == address).count() >= quota {
            return None;
        }
        runs.insert(id, (address, control));
        Some(Entry { ongoing: Arc::clone(self), id })
    }

    /// The handle of a run, for its owner.
    pub fn control(&self, address: Address, id: Uuid) -> Option<Arc<Control>> {
        self.runs().get(&id).filter(|(owner, _)| *owner == address).map(|(_, control)| Arc::clone(control))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.runs().len()
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<Uuid, (Address, Arc<Control>)>> {
        // Nothing in here panics while it holds the lock.
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A run's place among those that are known.
pub struct Entry {
    ongoing: Arc<Ongoing>,
    id: Uuid,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.ongoing.runs().remove(&self.id);
    }
}

/// A place among all that run, one among those of the command where it has only so many, and one among those of the peer where
/// no key stands behind it.
pub struct Permits {
    _any: OwnedSemaphorePermit,
    _command: Option<OwnedSemaphorePermit>,
    _visitor: Option<Visitor>,
}

impl Permits {
    pub fn new(any: OwnedSemaphorePermit, command: Option<OwnedSemaphorePermit>, visitor: Option<Visitor>) -> Self {
        Self { _any: any, _command: command, _visitor: visitor }
    }
}

/// What a run and the world tell each other while it runs.
pub struct Control {
    runtime: Runtime,
    is_cancelled: AtomicBool,
    cancellation: Notify,
    /// Whether the command has asked to be told of its cancellation.
    heeds: AtomicBool,
    progress: Mutex<Option<Progress>>,
    progressed: Notify,
}

impl Control {
    pub fn new(runtime: Runtime) -> Self {
        Self {
            runtime,
            is_cancelled: AtomicBool::new(false),
            cancellation: Notify::new(),
            heeds: AtomicBool::new(false),
            progress: Mutex::default(),
            progressed: Notify::new(),
        }
    }

    pub fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Release);
        self.cancellation.notify_waiters();
    }

    /// Returns once the run is cancelled, for a command that then ends by itself.
    pub async fn heed(&self) {
        self.heeds.store(true, Ordering::Relaxed);
        self.cancelled().await;
    }

    /// Returns once the server begins to stop, with time left for what runs.
    pub async fn draining(&self) {
        self.runtime.draining().await;
    }

    /// Returns once the command is to be dropped where it waits: at its cancellation or, when it heeds that, some time after.
    pub async fn dropped(&self) {
        self.cancelled().await;
        if self.heeds.load(Ordering::Relaxed) {
            sleep(HEED).await;
        }
    }

    async fn cancelled(&self) {
        // Before the look: a cancellation that comes after it is noticed.
        let cancellation = self.cancellation.notified();
        if self.is_cancelled.load(Ordering::Acquire) {
            return;
        }
        tokio::select! {
            () = cancellation => {}
            () = self.runtime.cut() => {}
        }
    }

    pub fn report(&self, progress: Progress) {
        *self.latest() = Some(progress);
        self.progressed.notify_one();
    }

    /// What was reported last.
    pub fn progress(&self) -> Option<Progress> {
        self.latest().clone()
    }

    /// Returns once there is progress that this has not returned for.
    pub async fn progressed(&self) {
        self.progressed.notified().await;
    }

    fn latest(&self) -> MutexGuard<'_, Option<Progress>> {
        // As above.
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
