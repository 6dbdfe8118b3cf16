//! Which addresses have a record of their identity.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::address::Address;
use crate::error::Result;

/// The record that makes a visitor a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    pub address: Address,
    pub created_at: Timestamp,
}

#[async_trait]
pub trait Identities: Send + Sync {
    /// The record of `address`, if it has one.
    async fn identity(&self, address: Address) -> Result<Option<Identity>>;

    /// Makes the record of `address` unless there is one. Returns it, and whether it is new; `visible` hears the same as
    /// soon as it is durable, in the order of the changes.
    ///
    /// None for an address that deleted its identity, where the word for it is one that can be `replayed`: that mark outlives
    /// the record, and a new one.
    async fn create_identity(
        &self,
        address: Address,
        replayed: bool,
        visible: Box<dyn FnOnce(Identity, bool) + Send>,
    ) -> Result<Option<(Identity, bool)>>;

    /// Removes the record of `address` with all its sessions, tickets, settings and prompts, and marks the address as one that was
    /// deleted. Returns whether there was a record; `visible` hears the same as soon as it is durable, in the order of the changes.
    async fn delete_identity(&self, address: Address, visible: Box<dyn FnOnce(bool) + Send>) -> Result<bool>;

    /// Whether `address` ever deleted its identity.
    async fn was_deleted(&self, address: Address) -> Result<bool>;
}
