//! Beside the holder of a session or ticket stands whose it is, because whoever shows it says no more. What ends is swept there;
//! what is left passes by itself, and so does a holder whom nobody has used for a day.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::try_join;

use super::super::Sessions;
use super::super::sessions::SESSION;
use super::holder::Holder;
use super::{Remote, in_time, keys};
use crate::address::Address;
use crate::error::Result;
use crate::secret::{Pass, Secret, SecretId};

/// Whose a session or a ticket is.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
struct Owner {
    /// In hex.
    address: String,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[async_trait]
impl Sessions for Remote {
    async fn begin_session(&self, address: Address, secret: &Secret) -> Result<Timestamp> {
        let now = self.clock.now();
        let owned = keys::session(&keys::id(secret.id));
        let begin = self.change(address, |holder| holder.begin(secret, now), |()| ());
        in_time(async { try_join!(self.own(&owned, address), begin) }).await?;
        Ok(now.saturating_add(SESSION).unwrap_or(now))
    }

    async fn session(&self, secret: &Secret) -> Result<Option<Address>> {
        let now = self.clock.now();
        let find = async {
            let Some(address) = self.owner(&keys::session(&keys::id(secret.id))).await? else { return Ok(None) };
            let holder: Holder = self.passing.read(&keys::holder(address)).await?;
            let Some(is_unwritten) = holder.session(secret, now) else { return Ok(None) };
            if is_unwritten {
                self.change(address, |holder| holder.touch(secret.id, now), |()| ()).await?;
            }
            Ok(Some(address))
        };
        in_time(find).await
    }

    async fn end_sessions(
        &self,
        address: Address,
        only: Option<SecretId>,
        visible: Box<dyn FnOnce() + Send>,
    ) -> Result<()> {
        let here = self.clone();
        let end = move |holder: &mut Holder| holder.end(only);
        self.see_through(async move { here.change(address, end, |()| visible()).await }).await
    }

    async fn issue_ticket(&self, address: Address, session: Option<SecretId>, secret: &Secret) -> Result<()> {
        let now = self.clock.now();
        let owned = keys::ticket(&keys::id(secret.id));
        let issue = self.change(address, |holder| holder.issue(session, secret, now), |()| ());
        in_time(async { try_join!(self.own(&owned, address), issue) }).await.map(drop)
    }

    async fn ticket_owner(&self, secret: &Secret) -> Result<Option<Address>> {
        let find = async {
            let Some(address) = self.owner(&keys::ticket(&keys::id(secret.id))).await? else { return Ok(None) };
            let holder: Holder = self.passing.read(&keys::holder(address)).await?;
            Ok(holder.has_ticket(secret).then_some(address))
        };
        in_time(find).await
    }

    async fn redeem_ticket(&self, secret: &Secret, visible: Box<dyn FnOnce(Pass) + Send>) -> Result<Option<Pass>> {
        let (here, secret, now) = (self.clone(), secret.clone(), self.clock.now());
        let redeem = async move {
            let Some(address) = here.owner(&keys::ticket(&keys::id(secret.id))).await? else { return Ok(None) };
            let tell = |redeemed: &Option<Pass>| {
                if let Some(pass) = redeemed {
                    visible(*pass);
                }
            };
            here.change(address, |holder| holder.redeem(&secret, now), tell).await
        };
        self.see_through(redeem).await
    }

    async fn hold(&self, pass: Pass) -> Result<bool> {
        let now = self.clock.now();
        let key = match pass {
            Pass::Session(id) => keys::session(&keys::id(id)),
            Pass::Ticket { id, .. } => keys::ticket(&keys::id(id)),
        };
        let hold = async {
            let Some(address) = self.owner(&key).await? else { return Ok(false) };
            self.change(address, |holder| holder.hold(pass, now), |_| ()).await
        };
        in_time(hold).await
    }

    /// There is never any: all of it passes by itself.
    async fn forget_ended(&self) -> Result<bool> {
        Ok(false)
    }
}

impl Remote {
    pub(super) async fn end_all(&self, address: Address) -> Result<()> {
        self.change(address, |holder| holder.end(None), |()| ()).await
    }

    /// Changes what an address holds, and sweeps by what that was found which it holds no longer.
    async fn change<R: Send>(
        &self,
        address: Address,
        mut change: impl FnMut(&mut Holder) -> R + Send,
        visible: impl FnOnce(&R) + Send,
    ) -> Result<R> {
        let change = |holder: &mut Holder| {
            let before: BTreeSet<_> = holder.keys().collect();
            let said = change(holder);
            let after: BTreeSet<_> = holder.keys().collect();
            (said, before.difference(&after).cloned().collect::<Vec<_>>())
        };
        let (said, gone) = self.passing.write(&keys::holder(address), change, |(said, _)| visible(said)).await?;
        self.passing.sweep(gone).await;
        Ok(said)
    }

    async fn own(&self, key: &str, address: Address) -> Result<()> {
        let owner = Owner { address: hex::encode(address.as_bytes()), rest: Map::new() };
        self.passing.create(key, &owner).await
    }

    async fn owner(&self, key: &str) -> Result<Option<Address>> {
        let owner: Owner = self.passing.read(key).await?;
        let mut address = [0; 20];
        Ok(hex::decode_to_slice(owner.address, &mut address).is_ok().then(|| Address::from_bytes(address)))
    }
}
