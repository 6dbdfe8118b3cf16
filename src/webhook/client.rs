//! What webhooks are called with.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::Client;
use reqwest::redirect::Policy;

use super::resolver::{Lookup, Resolver};
use super::target::Reach;
use crate::config::Allowance;

/// Connections to one host that are kept for the next call, and for how long.
const IDLE: usize = 2;
const IDLE_TIME: Duration = Duration::from_secs(30);

/// How long a host may take to be reached; one of several addresses that is silent leaves time for the others.
const REACH: Duration = Duration::from_secs(5);

/// A client for what is checked and one for what the operator has named: a resolver is told a name and not for whom. They are
/// made when they are first needed, because that reads the certificates of the machine.
pub(super) struct Clients {
    allowance: Arc<Allowance>,
    lookup: Lookup,
    checked: OnceLock<Client>,
    named: OnceLock<Client>,
}

impl Clients {
    pub(super) fn new(allowance: Allowance, lookup: Lookup) -> Self {
        Self { allowance: Arc::new(allowance), lookup, checked: OnceLock::new(), named: OnceLock::new() }
    }

    /// Fails where the machine has no certificates to trust.
    pub(super) fn get(&self, reach: Reach) -> reqwest::Result<&Client> {
        let place = match reach {
            Reach::Checked => &self.checked,
            Reach::Named => &self.named,
        };
        if let Some(client) = place.get() {
            return Ok(client);
        }
        let client = self.build(reach)?;
        Ok(place.get_or_init(|| client))
    }

    fn build(&self, reach: Reach) -> reqwest::Result<Client> {
        let resolver = Resolver { lookup: Arc::clone(&self.lookup), allowance: Arc::clone(&self.allowance), reach };
        Client::builder()
            .user_agent(concat!("nexus/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(resolver))
            // A proxy would look names up for us, and connect to what it finds.
            .no_proxy()
            .connect_timeout(REACH)
            .redirect(Policy::none())
            .https_only(reach == Reach::Checked)
            .referer(false)
            .pool_max_idle_per_host(IDLE)
            .pool_idle_timeout(IDLE_TIME)
            .build()
    }
}
