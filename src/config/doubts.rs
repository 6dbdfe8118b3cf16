//! Settings that work and are hardly meant.

use super::{Config, Environment};

impl Config {
    /// What in production gives away more than it seems to, each as a sentence that says what to do.
    pub fn doubts(&self) -> Vec<String> {
        if self.env != Environment::Production {
            return Vec::new();
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
        proxies.chain(origins).collect()
    }
}
