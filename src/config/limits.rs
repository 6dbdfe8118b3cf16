//! Bounds on what clients can take.

use std::net::IpAddr;
use std::time::Duration;

use clap::Args;
use ipnet::IpNet;

/// Each bound is a setting, and what goes beyond it is refused with a code of its own.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Connections that are open at once; one more is answered 503 and closed.
    #[arg(long, env = "NEXUS_MAX_CONNECTIONS", value_name = "1 OR MORE", default_value_t = 16_384, value_parser = parse_count)]
    pub max_connections: usize,

    /// Commands that run at once; one more is answered 503.
    #[arg(long, env = "NEXUS_MAX_RUNS", value_name = "1 OR MORE", default_value_t = 1_024, value_parser = parse_count)]
    pub max_runs: usize,

    /// Commands that one key may run at once, if it signs; one more is answered 429.
    #[arg(long, env = "NEXUS_MAX_RUNS_PER_KEY", value_name = "1 OR MORE", default_value_t = 256, value_parser = parse_count)]
    pub max_runs_per_key: usize,

    /// Commands that one peer may run at once of which no key is proven, or only by a bare signature that can be sent again; one
    /// more is answered 429.
    #[arg(long, env = "NEXUS_MAX_RUNS_PER_PEER", value_name = "1 OR MORE", default_value_t = 512, value_parser = parse_count)]
    pub max_runs_per_peer: usize,

    /// Bytes of all prompts of all keys together; beyond that none is set.
    #[arg(long, env = "NEXUS_MAX_PROMPT_BYTES", value_name = "1 OR MORE", default_value_t = 1 << 30, value_parser = parse_count)]
    pub max_prompt_bytes: usize,

    /// Streams that are open at once; one more is answered 429, as with the three that follow.
    #[arg(long, env = "NEXUS_MAX_STREAMS", value_name = "1 OR MORE", default_value_t = 10_000, value_parser = parse_count)]
    pub max_streams: usize,

    /// Streams that one key may hold.
    #[arg(long, env = "NEXUS_MAX_STREAMS_PER_KEY", value_name = "1 OR MORE", default_value_t = 8, value_parser = parse_count)]
    pub max_streams_per_key: usize,

    /// Streams that one peer may hold; a peer is an IPv4 address, or 64 bits of an IPv6 address.
    #[arg(long, env = "NEXUS_MAX_STREAMS_PER_PEER", value_name = "1 OR MORE", default_value_t = 32, value_parser = parse_count)]
    pub max_streams_per_peer: usize,

    /// Streams of one key that one peer may hold without proving anything.
    #[arg(long, env = "NEXUS_MAX_ANONYMOUS_STREAMS", value_name = "1 OR MORE", default_value_t = 4, value_parser = parse_count)]
    pub max_anonymous_streams: usize,

    /// Signatures that prove nothing which one peer may have checked in a second; one more is answered 429. Good ones are not
    /// counted.
    #[arg(long, env = "NEXUS_MAX_BAD_SIGNATURES", value_name = "1 OR MORE", default_value_t = 200, value_parser = parse_count)]
    pub max_bad_signatures: usize,

    /// Seconds in which the headers of a request must come, and after which an idle connection is closed.
    #[arg(long, env = "NEXUS_HEADER_TIMEOUT", value_name = "SECONDS", default_value = "30",
          value_parser = parse_seconds)]
    pub header_timeout: Duration,

    /// Seconds in which the body of a request must come; then it is answered 408.
    #[arg(long, env = "NEXUS_BODY_TIMEOUT", value_name = "SECONDS", default_value = "30",
          value_parser = parse_seconds)]
    pub body_timeout: Duration,

    /// Seconds after which a connection is closed whose peer takes nothing of what is sent to it.
    #[arg(long, env = "NEXUS_STALL_TIMEOUT", value_name = "SECONDS", default_value = "30",
          value_parser = parse_seconds)]
    pub stall_timeout: Duration,

    /// Addresses or networks of proxies whose X-Forwarded-For is believed, separated by commas.
    #[arg(long, env = "NEXUS_TRUSTED_PROXIES", value_name = "IP,NETWORK", default_value = "",
          value_parser = parse_networks)]
    pub trusted_proxies: Networks,
}

/// A list of networks, which may be empty.
#[derive(Clone, Debug)]
pub struct Networks(pub Vec<IpNet>);

fn parse_count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count) if count > 0 => Ok(count),
        _ => Err("it is no whole number from 1 on".to_owned()),
    }
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    match text.parse::<u16>() {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds.into())),
        _ => Err("it is no whole number from 1 to 65535".to_owned()),
    }
}

fn parse_networks(text: &str) -> Result<Networks, String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    let network = |item: &str| {
        let address = |_| item.parse::<IpAddr>().map(IpNet::from);
        let fault = |_| format!("`{item}` is neither an address nor a network such as 10.0.0.0/8");
        item.parse().or_else(address).map_err(fault)
    };
    items.map(network).collect::<Result<_, _>>().map(Networks)
}
