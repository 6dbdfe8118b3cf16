//! Commands that were registered while the server ran.

use async_trait::async_trait;
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::address::Address;
use crate::error::Result;

/// How many there are at most.
pub const MOST_COMMANDS: usize = 1_000;

/// What was sent to register a command.
pub struct Registered {
    pub name: String,
    /// JSON.
    pub definition: String,
    pub url: String,
    pub secret: Option<Zeroizing<String>>,
    pub created_by: Address,
    pub expires_at: Option<Timestamp>,
}

#[async_trait]
pub trait Commands: Send + Sync {
    /// Keeps a command, in the place of one with its name. False when there are as many as there may be, and then it is not
    /// kept.
    async fn keep_command(&self, command: Registered) -> Result<bool>;

    /// Forgets a command. Whether there was one.
    async fn forget_command(&self, name: String) -> Result<bool>;

    /// Forgets the commands whose time is over. Whether there are others than when this was asked last, be it that another node
    /// has changed them.
    async fn refresh_commands(&self) -> Result<bool>;

    /// All that are kept, in the order of their names.
    async fn registered_commands(&self) -> Result<Vec<Registered>>;
}
