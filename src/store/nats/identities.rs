use async_trait::async_trait;

use super::super::{Identities, Identity};
use super::belongings::Belongings;
use super::{Remote, in_time, keys};
use crate::address::Address;
use crate::error::Result;

#[async_trait]
impl Identities for Remote {
    async fn identity(&self, address: Address) -> Result<Option<Identity>> {
        Ok(self.belongings(address).await?.identity(address))
    }

    async fn create_identity(
        &self,
        address: Address,
        replayed: bool,
        visible: Box<dyn FnOnce(Identity, bool) + Send>,
    ) -> Result<Option<(Identity, bool)>> {
        let (here, now) = (self.clone(), self.clock.now());
        let create = move |belongings: &mut Belongings| {
            if replayed && belongings.was_deleted() {
                return None;
            }
            let is_new = belongings.create(now);
            belongings.identity(address).map(|identity| (identity, is_new))
        };
        let tell = |created: &Option<(Identity, bool)>| {
            if let Some((identity, is_new)) = created {
                visible(*identity, *is_new);
            }
        };
        self.see_through(async move { here.lasting.write(&keys::belongings(address), create, tell).await }).await
    }

    async fn delete_identity(&self, address: Address, visible: Box<dyn FnOnce(bool) + Send>) -> Result<bool> {
        let (here, now) = (self.clone(), self.clock.now());
        let work = async move {
            let key = keys::belongings(address);
            // First the sessions: where it goes no further, the identity is still there, and it is tried again.
            if here.lasting.read::<Belongings>(&key).await?.identity(address).is_some() {
                here.end_all(address).await?;
            }
            let delete = move |belongings: &mut Belongings| belongings.delete(now);
            let deleted = here.lasting.write(&key, delete, |deleted| visible(deleted.is_some())).await?;
            let Some(texts) = deleted else { return Ok(false) };
            // Those too that have begun in between.
            here.end_all(address).await?;
            here.lasting.sweep(texts.iter().map(|id| keys::text(address, id)).collect()).await;
            Ok(true)
        };
        self.see_through(work).await
    }

    async fn was_deleted(&self, address: Address) -> Result<bool> {
        Ok(self.belongings(address).await?.was_deleted())
    }
}

impl Remote {
    pub(super) async fn belongings(&self, address: Address) -> Result<Belongings> {
        in_time(self.lasting.read(&keys::belongings(address))).await
    }
}
