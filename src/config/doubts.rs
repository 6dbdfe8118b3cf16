//! Settings that work and are hardly meant.

use super::{Config, Engine, Environment};

impl Config {
    /// What has no effect, and what in production gives away more than it seems to; each as a sentence that says what to do.
    pub fn doubts(&self) -> Vec<String> {
        let unused = matches!(self.bus.engine, Engine::Embedded).then(|| self.bus.of_nats()).into_iter().flatten();
        let unused = unused.map(|variable| {
            format!("{variable} is set and NEXUS_BUS is not, so nothing is kept in NATS: everything is in a database of this machine.")
        });
        if self.env != Environment::Production {
            return unused.collect();
        }
        let proxies = self.limits.trusted_proxies.0.iter().filter(|network| network.prefix_len() == 0).map(|all| {
            format!(
                "NEXUS_TRUSTED_PROXIES has {all}, so every client can choose the address that it is counted by; name your proxies \
                 alone."
            )
        });
        let is_readable = |origin: &str| origin.starts_with("http://");
        let origins =
            self.allowed_origins.iter().filter(|origin| is_readable(origin.as_str()) && !origin.is_loopback());
        let origins = origins.map(|origin| {
            format!("ALLOWED_ORIGINS has {origin}, whose pages anybody on their way can change; serve them by https.")
        });
        unused.chain(proxies).chain(origins).collect()
    }
}
