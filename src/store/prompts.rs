//! Prompts: texts that a key keeps under names.

use async_trait::async_trait;
use jiff::Timestamp;

use crate::address::Address;
use crate::error::Result;

/// How many prompts a key has at most.
pub const PROMPTS: usize = 100;

/// What is known of a prompt beside its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    pub name: String,
    /// Of its text, in code points.
    pub size: u64,
    pub changed_at: Timestamp,
}

/// What became of a prompt that was to be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placed {
    Created(Prompt),
    Replaced(Prompt),
    /// There are [`PROMPTS`] others of the same key.
    Full,
    /// All keys together have all the bytes that there may be.
    NoRoom,
}

#[async_trait]
pub trait Prompts: Send + Sync {
    /// The prompts of `address`, in the order of their names.
    async fn prompts(&self, address: Address) -> Result<Vec<Prompt>>;

    /// A prompt of `address` with its text.
    async fn prompt(&self, address: Address, name: String) -> Result<Option<(Prompt, String)>>;

    /// Creates or replaces a prompt of `address`.
    async fn set_prompt(&self, address: Address, name: String, text: String) -> Result<Placed>;

    /// Deletes a prompt of `address`. Returns whether there was one.
    async fn delete_prompt(&self, address: Address, name: String) -> Result<bool>;
}
