//! What a command may know and touch.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::{Entry, Registry};
use crate::address::Address;
use crate::bus::{Bus, Signal};
use crate::clock::Clock;
use crate::error::{Code, Error, Result};
use crate::store::{Identity, Store};

/// The world as one execution sees it.
pub struct Context {
    caller: Option<Address>,
    received: Instant,
    registry: Arc<Registry>,
    store: Arc<Store>,
    bus: Arc<dyn Bus>,
    clock: Clock,
}

impl Context {
    /// For a caller who has proven `caller` by a request that reached us at `received`.
    pub(crate) fn new(
        caller: Option<Address>,
        received: Instant,
        registry: Arc<Registry>,
        store: Arc<Store>,
        bus: Arc<dyn Bus>,
        clock: Clock,
    ) -> Self {
        Self { caller, received, registry, store, bus, clock }
    }

    /// The address that the caller has proven. Fails with `identity_required`; a command whose definition requires a
    /// signature or an identity never sees that.
    pub fn caller(&self) -> Result<Address> {
        self.caller.ok_or_else(|| Error::new(Code::IdentityRequired, "This needs a caller who has proven an address."))
    }

    /// The time of day.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// How long ago the request reached us.
    pub fn elapsed(&self) -> Duration {
        self.clock.instant().duration_since(self.received)
    }

    /// Every command there is, in the order of their names.
    pub fn commands(&self) -> &[Entry] {
        self.registry.entries()
    }

    /// The caller's identity, if there is a record of it.
    pub async fn identity(&self) -> Result<Option<Identity>> {
        self.store.identity(self.caller()?).await
    }

    /// Makes the caller's identity unless there is one, and tells the caller's streams. Returns it, and whether it is new.
    pub async fn create_identity(&self) -> Result<(Identity, bool)> {
        let bus = Arc::clone(&self.bus);
        self.store
            .create_identity(self.caller()?, move |identity, is_new| {
                if is_new {
                    bus.announce(identity.address, Signal::Visitor(false));
                }
            })
            .await
    }

    /// Removes the record of the caller's identity, not the log, and tells the caller's streams. Returns whether there was
    /// one.
    pub async fn delete_identity(&self) -> Result<bool> {
        let address = self.caller()?;
        let bus = Arc::clone(&self.bus);
        self.store
            .delete_identity(address, move |deleted| {
                if deleted {
                    bus.announce(address, Signal::Visitor(true));
                }
            })
            .await
    }
}
