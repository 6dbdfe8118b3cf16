//! What a deployment remembers of a key: its identity, its runs, its sessions and stream tickets, its settings and prompts; and
//! the commands that were registered.
//!
//! Every method fails with `store_unavailable` and with nothing else; what a finding means is for the caller to say.

mod commands;
pub mod embedded;
mod identities;
pub mod nats;
mod preferences;
mod prompts;
mod runs;
mod sessions;

use async_trait::async_trait;

use crate::error::Result;

pub use self::commands::{Commands, MOST_COMMANDS, Registered};
pub use self::identities::{Identities, Identity};
pub use self::preferences::Preferences;
pub use self::prompts::{PROMPTS, Placed, Prompt, Prompts};
pub use self::runs::{History, Run, Runs, Tally, Wanted};
pub use self::sessions::{HOLD, Sessions, TICKET};

/// All of it may be used from many tasks at once.
#[async_trait]
pub trait Store: Identities + Sessions + History + Preferences + Prompts + Commands {
    /// What only this deployment knows.
    async fn secret(&self) -> Result<[u8; 32]>;
}
