//! The store of any number of machines: documents in two buckets of NATS `JetStream`.
//!
//! What belongs to an address is one document in the bucket of what lasts, and its sessions and tickets are one in the bucket of
//! what passes by itself. What must hold together stands in one document, so each change is whole or not there, and what two
//! nodes do to it at once is done one after the other. Beside them stand only what no reader finds before its document names it,
//! the texts of prompts, and by which a document is found, the holders of sessions and tickets.
//!
//! Every method has ended after 2 s. What failed may be done all the same, later.

mod belongings;
mod bucket;
mod commands;
mod documents;
mod holder;
mod identities;
mod keys;
mod preferences;
mod prompts;
mod runs;
mod sessions;

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::time::timeout;

use self::commands::Followed;
use self::documents::Documents;
use super::Store;
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::nats::{Nats, unavailable};
use crate::runtime::Runtime;

/// How long a method may take.
const PATIENCE: Duration = Duration::from_millis(1900);

/// A handle to what all nodes of a deployment remember.
#[derive(Clone)]
pub struct Remote {
    nats: Nats,
    lasting: Arc<Documents>,
    passing: Arc<Documents>,
    /// How many bytes the bucket of what lasts may have when a prompt is set.
    prompt_bytes: usize,
    followed: Arc<Mutex<Followed>>,
    clock: Clock,
    runtime: Runtime,
}

impl Remote {
    /// `prompt_bytes` bounds the prompts of all keys together, and not exactly: what else lasts counts too, and what several
    /// nodes place at once may go beyond it.
    pub fn new(nats: Nats, prompt_bytes: usize, clock: Clock, runtime: Runtime) -> Self {
        let [lasting, passing] =
            [nats.lasting(), nats.passing()].map(|bucket| Arc::new(Documents::new(nats.clone(), bucket)));
        Self { nats, lasting, passing, prompt_bytes, followed: Arc::default(), clock, runtime }
    }

    /// Does `work` to its end, also when the caller stops waiting: what is stored becomes visible.
    async fn see_through<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        self.runtime.see_through(in_time(work)).await
    }
}

/// Fails with `store_unavailable` where `work` takes too long.
async fn in_time<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    timeout(PATIENCE, work).await.unwrap_or_else(|late| Err(unavailable(late)))
}

/// What belongs to no address.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
struct Deployment {
    /// In hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[async_trait]
impl Store for Remote {
    async fn secret(&self) -> Result<[u8; 32]> {
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(Error::internal)?;
        let choose = |deployment: &mut Deployment| deployment.secret.get_or_insert_with(|| hex::encode(random)).clone();
        let chosen = in_time(self.lasting.write(keys::SECRET, choose, |_| ())).await?;
        hex::decode_to_slice(chosen, &mut random).map_err(unavailable)?;
        Ok(random)
    }
}
