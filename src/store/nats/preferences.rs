use async_trait::async_trait;
use serde_json::{Map, Value};

use super::super::Preferences;
use super::belongings::Belongings;
use super::{Remote, in_time, keys};
use crate::address::Address;
use crate::error::Result;

#[async_trait]
impl Preferences for Remote {
    async fn preferences(&self, address: Address) -> Result<Map<String, Value>> {
        Ok(self.belongings(address).await?.preferences)
    }

    async fn replace_preferences(&self, address: Address, overrides: &Map<String, Value>) -> Result<()> {
        let replace = |belongings: &mut Belongings| belongings.preferences.clone_from(overrides);
        in_time(self.lasting.write(&keys::belongings(address), replace, |()| ())).await
    }
}
