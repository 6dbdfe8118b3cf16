//! What a command may know and touch.

use std::any::{Any, type_name};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use serde_json::{Map, Value};
use tokio::time::sleep;
use tracing::error;
use uuid::Uuid;

use super::{Entry, Registry, Services};
use crate::address::Address;
use crate::bus::{Bus, Signal};
use crate::clock::Clock;
use crate::config::{self, Absent};
use crate::error::{Code, Error, Result};
use crate::gauges::{Gauge, Gauges};
use crate::ongoing::Control;
use crate::run::Progress;
use crate::store::{Identity, Placed, Prompt, Runs, Store, Tally, Wanted};

/// What is the same for every execution.
pub struct World {
    pub registry: Arc<ArcSwap<Registry>>,
    pub store: Arc<dyn Store>,
    pub bus: Arc<dyn Bus>,
    pub gauges: Arc<Gauges>,
    pub clock: Clock,
    /// What the program shares with its commands.
    pub services: Services,
}

/// What is known of the caller of one execution.
#[derive(Clone, Copy, Debug)]
pub enum Proof {
    None,
    /// The caller has proven this address.
    Good(Address),
    /// The same, by a signature that somebody else may have sent again.
    Replayable(Address),
}

/// The world as one execution sees it.
pub struct Context {
    run_id: Uuid,
    proof: Proof,
    received: Instant,
    control: Arc<Control>,
    world: Arc<World>,
    /// The gauges that it exports.
    exported: Mutex<BTreeSet<&'static str>>,
}

impl Context {
    /// For a request that reached us at `received`.
    pub(crate) fn new(run_id: Uuid, proof: Proof, received: Instant, control: Arc<Control>, world: Arc<World>) -> Self {
        Self { run_id, proof, received, control, world, exported: Mutex::default() }
    }

    /// What this execution is called in answers, events and lists.
    pub fn run_id(&self) -> Uuid {
        self.run_id
    }

    /// The address that the caller has proven. Fails with `identity_required`; a command whose definition requires a
    /// signature or an identity never sees that.
    pub fn caller(&self) -> Result<Address> {
        match self.proof {
            Proof::Good(address) | Proof::Replayable(address) => Ok(address),
            Proof::None => Err(Error::new(Code::IdentityRequired, "This needs a caller who has proven an address.")),
        }
    }

    /// The time of day.
    pub fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    pub(crate) fn clock(&self) -> Clock {
        self.world.clock
    }

    /// What the program shares with its commands by this type. Fails with `internal` when it shares none.
    pub fn service<T: Any + Send + Sync>(&self) -> Result<&T> {
        self.world.services.get().ok_or_else(|| {
            Error::internal(format!("no {} was provided when the server was put together", type_name::<T>()))
        })
    }

    /// The value of an environment variable, or of `.env`, that the command needs; to be asked for in `init`, so that nothing has
    /// begun where it is missing. Fails with `command_failed`, which names the variable.
    pub fn variable(&self, name: &str) -> Result<String> {
        config::variable(name).map_err(|absent| match absent {
            Absent::NotSet => Error::failed(format!("The environment variable {name} is not set.")).with_hint(format!(
                "Set {name} in the environment, or in the .env, of the program that runs the command."
            )),
            Absent::Garbled => Error::failed(format!("The environment variable {name} is not UTF-8 text."))
                .with_hint("Write it anew; its value holds bytes that are no characters."),
        })
    }

    /// How long ago the request reached us.
    pub fn elapsed(&self) -> Duration {
        self.world.clock.instant().duration_since(self.received)
    }

    /// Every command there is, in the order of their names.
    pub fn commands(&self) -> Vec<Arc<Entry>> {
        self.world.registry.load().entries().to_vec()
    }

    /// Tells how far the command has come: the run's owner finds the newest, and the streams of the key are told ten times a
    /// second at most. A message and data of more than 64 KiB together are left out.
    pub fn progress(&self, progress: Progress) {
        self.control.report(progress.bounded());
    }

    /// Returns once the run is cancelled. A command that has asked this has five seconds from then on to end by itself, in
    /// a result of its own; one that never asked is dropped where it waits.
    pub async fn cancelled(&self) {
        self.control.heed().await;
    }

    /// Returns once the server begins to stop. What runs still has some time, so this is for what would never end.
    pub async fn draining(&self) {
        self.control.draining().await;
    }

    /// Waits. Fails with `cancelled` as soon as the run is cancelled.
    pub async fn wait(&self, time: Duration) -> Result<()> {
        tokio::select! {
            () = self.cancelled() => Err(Error::cancelled()),
            () = sleep(time) => Ok(()),
        }
    }

    /// Exports a number at `/metrics`, until the command has cleaned up. The name is of `[a-z_]`, begins with `nexus_`, and
    /// ends with its unit.
    /// What has another name is a mistake in the command, and is logged instead.
    pub fn gauge(&self, name: &'static str, help: &'static str, value: f64) {
        if !is_gauge(name) || help.contains(['\n', '\\']) {
            error!(
                name,
                "a command exports a number under a name that it may not have, or with a help of several lines"
            );
            return;
        }
        self.exported.lock().unwrap_or_else(PoisonError::into_inner).insert(name);
        self.world.gauges.set(name, Gauge { help, value });
    }

    /// A command's path as runs have it: `/Identity delete` is `identity/delete`, and an alias is its name.
    pub fn canonical(&self, path: &str) -> String {
        self.world.registry.load().canonical(path)
    }

    /// The caller's runs, the newest first: `limit` at most, and fewer where they are large.
    pub async fn runs(&self, wanted: Wanted, limit: usize) -> Result<Runs> {
        self.world.store.runs(self.caller()?, wanted, limit).await
    }

    /// How the caller's runs went that have ended: one tally for each command and outcome.
    pub async fn tallies(&self, wanted: Wanted) -> Result<Vec<Tally>> {
        self.world.store.tallies(self.caller()?, wanted).await
    }

    /// The caller's identity, if there is a record of it.
    pub async fn identity(&self) -> Result<Option<Identity>> {
        self.world.store.identity(self.caller()?).await
    }

    /// Makes the caller's identity unless there is one, and tells the caller's streams. Returns it, and whether it is new. Fails
    /// with `replay_protection_required` where the caller has deleted it, and this may be what was sent before that.
    pub async fn create_identity(&self) -> Result<(Identity, bool)> {
        let bus = Arc::clone(&self.world.bus);
        let is_replayable = matches!(self.proof, Proof::Replayable(_));
        let created = self.world.store.create_identity(
            self.caller()?,
            is_replayable,
            Box::new(move |identity, is_new| {
                if is_new {
                    bus.announce(identity.address, Signal::Visitor(false));
                }
            }),
        );
        created.await?.ok_or_else(|| {
            let message = "This address has deleted its identity; a bare signature cannot bring it back.";
            Error::new(Code::ReplayProtectionRequired, message)
                .with_hint("Sign it as Signed Command v1 (docs/protocol.md).")
        })
    }

    /// Removes the record of the caller's identity with settings and prompts, not the log, and tells the caller's streams. Returns
    /// whether there was one.
    pub async fn delete_identity(&self) -> Result<bool> {
        let address = self.caller()?;
        let bus = Arc::clone(&self.world.bus);
        self.world
            .store
            .delete_identity(
                address,
                Box::new(move |deleted| {
                    if deleted {
                        bus.announce(address, Signal::Visitor(true));
                    }
                }),
            )
            .await
    }

    /// What the caller has set of the settings of `/config`, by their names.
    pub async fn preferences(&self) -> Result<Map<String, Value>> {
        self.world.store.preferences(self.caller()?).await
    }

    /// Sets these for the caller, and nothing else.
    pub async fn replace_preferences(&self, overrides: &Map<String, Value>) -> Result<()> {
        self.world.store.replace_preferences(self.caller()?, overrides).await
    }

    /// The caller's prompts, in the order of their names.
    pub async fn prompts(&self) -> Result<Vec<Prompt>> {
        self.world.store.prompts(self.caller()?).await
    }

    /// One of the caller's prompts, with its text.
    pub async fn prompt(&self, name: &str) -> Result<Option<(Prompt, String)>> {
        self.world.store.prompt(self.caller()?, name.to_owned()).await
    }

    /// Creates or replaces one of the caller's prompts.
    pub async fn set_prompt(&self, name: &str, text: &str) -> Result<Placed> {
        self.world.store.set_prompt(self.caller()?, name.to_owned(), text.to_owned()).await
    }

    /// Deletes one of the caller's prompts. Returns whether there was one.
    pub async fn delete_prompt(&self, name: &str) -> Result<bool> {
        self.world.store.delete_prompt(self.caller()?, name.to_owned()).await
    }
}

/// The server's own numbers have these names already.
const TAKEN: [&str; 4] = ["nexus_streams_open", "nexus_runs_running", "nexus_runs", "nexus_run_seconds"];

fn is_gauge(name: &str) -> bool {
    name.starts_with("nexus_") && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') && !TAKEN.contains(&name)
}

impl Drop for Context {
    fn drop(&mut self) {
        let exported = self.exported.get_mut().unwrap_or_else(PoisonError::into_inner);
        for name in exported.iter() {
            self.world.gauges.remove(name);
        }
    }
}
