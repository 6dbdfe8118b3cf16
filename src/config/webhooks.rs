//! Whom webhooks may call beyond what is public.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use clap::Args;
use ipnet::IpNet;

#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Webhooks")]
pub struct Webhooks {
    /// Hosts that webhooks may call though they are not public, and by http too, separated by commas: a host, a host with its
    /// port, or a network. By default none.
    #[arg(
        id = "webhook_allow",
        long = "webhook-allow",
        env = "NEXUS_WEBHOOK_ALLOW",
        value_name = "HOST,HOST:PORT,NETWORK",
        default_value = ""
    )]
    pub allow: Allowance,
}

impl Webhooks {
    /// What this leaves open, as a sentence.
    pub(super) fn open(&self) -> Option<&'static str> {
        let is_open = !self.allow.is_empty();
        is_open.then_some("webhooks may call hosts that are not public (NEXUS_WEBHOOK_ALLOW)")
    }
}

/// Hosts and networks, perhaps none.
#[derive(Clone, Debug, Default)]
pub struct Allowance {
    hosts: Vec<(String, Option<u16>)>,
    networks: Vec<IpNet>,
}

impl Allowance {
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty() && self.networks.is_empty()
    }

    /// Whether this host is named, alone or with this port. It is in lower case, an IPv6 address without brackets.
    pub fn names(&self, host: &str, port: u16) -> bool {
        self.hosts.iter().any(|(name, only)| name == host && only.is_none_or(|only| only == port))
    }

    /// Whether the address stands in one of the networks.
    pub fn holds(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address.to_canonical()))
    }

    fn add(&mut self, item: &str) -> Result<(), String> {
        if let Some(host) = host(item) {
            self.hosts.push(host);
        } else if let Ok(network) = item.parse() {
            self.networks.push(network);
        } else {
            let examples = "hooks.internal, localhost:8080 or 10.0.0.0/8";
            return Err(format!("`{item}` is neither a host nor a network, such as {examples}"));
        }
        Ok(())
    }
}

impl FromStr for Allowance {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut allowance = Self::default();
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).try_for_each(|item| allowance.add(item))?;
        Ok(allowance)
    }
}

/// A host, and the port if there is one.
fn host(item: &str) -> Option<(String, Option<u16>)> {
    if let Ok(address) = item.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
        return Some((address.to_string(), None));
    }
    if let Ok(address) = item.parse::<SocketAddr>() {
        return Some((address.ip().to_string(), Some(address.port())));
    }
    let (name, port) = match item.split_once(':') {
        Some((name, port)) => (name, Some(port.parse().ok()?)),
        None => (item, None),
    };
    let is_name = (1..=253).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    is_name.then(|| (name.trim_end_matches('.').to_ascii_lowercase(), port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_ports_and_networks_are_told_apart() {
        let allowance: Allowance = "Hooks.internal, localhost:8080,127.0.0.1:9,[::1],10.0.0.0/8".parse().unwrap();
        assert!(
            allowance.names("hooks.internal", 1) && allowance.names("localhost", 8080) && allowance.names("::1", 5)
        );
        assert!(
            !allowance.names("localhost", 8081) && !allowance.names("127.0.0.1", 8) && !allowance.names("10.0.0.1", 1)
        );
        assert!(allowance.holds("10.1.2.3".parse().unwrap()) && allowance.holds("::ffff:10.1.2.3".parse().unwrap()));
        assert!(!allowance.holds("127.0.0.1".parse().unwrap()) && !allowance.is_empty());
        assert!("".parse::<Allowance>().unwrap().is_empty());
        for wrong in ["http://x", "x:y", "a b", "10.0.0.0/33", "*", "x:65536", ":80"] {
            assert!(wrong.parse::<Allowance>().is_err(), "{wrong}");
        }
    }
}
