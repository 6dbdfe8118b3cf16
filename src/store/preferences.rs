//! What a key has set of its settings, as a JSON object by their names. Which settings there are is not known here.

use async_trait::async_trait;
use serde_json::{Map, Value};

use crate::address::Address;
use crate::error::Result;

#[async_trait]
pub trait Preferences: Send + Sync {
    /// What `address` has set.
    async fn preferences(&self, address: Address) -> Result<Map<String, Value>>;

    /// Sets these for `address`, and nothing else.
    async fn replace_preferences(&self, address: Address, overrides: &Map<String, Value>) -> Result<()>;
}
