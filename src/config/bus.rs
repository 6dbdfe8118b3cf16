//! Where the log stands, and all that is remembered.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use async_nats::ServerAddr;
use clap::Args;

#[derive(Args, Clone, Debug)]
#[expect(clippy::doc_markdown, reason = "these comments are help texts and the text of a file, where URLs stand bare")]
#[command(next_help_heading = "Bus")]
pub struct Bus {
    /// Where the log stands, and all that is remembered: `embedded` in the folder of the data, for one machine; or in NATS
    /// JetStream, for any number of them, by the URLs of its servers, separated by commas: nats://host:4222, tls://host:4222,
    /// with user:password@ or token@ before the host where they ask for it.
    #[arg(
        long = "bus",
        env = "NEXUS_BUS",
        value_name = "embedded|URL,URL",
        default_value = "embedded",
        hide_env_values = true
    )]
    pub engine: Engine,

    /// By what this deployment's subjects and streams begin in NATS; another deployment on the same servers has another.
    #[arg(long, env = "NEXUS_NATS_PREFIX", value_name = "NAME", default_value = "nexus", value_parser = parse_prefix)]
    pub nats_prefix: String,

    /// On how many NATS servers each record stands, for streams that are made; with 3 of them one may fail.
    #[arg(long, env = "NEXUS_NATS_REPLICAS", value_name = "1|3|5", default_value_t = 1, value_parser = parse_replicas)]
    pub nats_replicas: usize,

    /// A file of credentials (.creds) for NATS.
    #[arg(long, env = "NEXUS_NATS_CREDENTIALS", value_name = "FILE")]
    pub nats_credentials: Option<PathBuf>,

    /// A file with the seed of an NKey for NATS.
    #[arg(long, env = "NEXUS_NATS_NKEY", value_name = "FILE", conflicts_with = "nats_credentials")]
    pub nats_nkey: Option<PathBuf>,

    /// A file with the certificates (PEM) of those who vouch for the NATS servers, where the system does not know them.
    #[arg(long, env = "NEXUS_NATS_CA", value_name = "FILE")]
    pub nats_ca: Option<PathBuf>,

    /// The URLs of the NATS servers' monitoring ports, to see at start whether they write through to their disks.
    #[arg(long, env = "NEXUS_NATS_MONITOR", value_name = "URL,URL", value_delimiter = ',')]
    pub nats_monitor: Vec<String>,
}

impl Bus {
    /// The settings of NATS that somebody has made, by their variables.
    pub(super) fn of_nats(&self) -> Vec<&'static str> {
        let made = [
            ("NEXUS_NATS_PREFIX", self.nats_prefix != "nexus"),
            ("NEXUS_NATS_REPLICAS", self.nats_replicas != 1),
            ("NEXUS_NATS_CREDENTIALS", self.nats_credentials.is_some()),
            ("NEXUS_NATS_NKEY", self.nats_nkey.is_some()),
            ("NEXUS_NATS_CA", self.nats_ca.is_some()),
            ("NEXUS_NATS_MONITOR", !self.nats_monitor.is_empty()),
        ];
        made.into_iter().filter_map(|(variable, is_made)| is_made.then_some(variable)).collect()
    }
}

/// What the bus and the store are made of.
#[derive(Clone)]
pub enum Engine {
    Embedded,
    Nats(Servers),
}

/// The servers of a NATS cluster, any of which will do.
#[derive(Clone)]
pub struct Servers(pub Vec<ServerAddr>);

impl FromStr for Engine {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "embedded" {
            return Ok(Self::Embedded);
        }
        let servers: Result<Vec<_>, _> = text.split(',').map(|url| parse_server(url.trim())).collect();
        Ok(Self::Nats(Servers(servers?)))
    }
}

/// Without the words by which it is let in.
impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Embedded => f.write_str("embedded"),
            Self::Nats(servers) => fmt::Display::fmt(servers, f),
        }
    }
}

impl fmt::Display for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, server) in self.0.iter().enumerate() {
            let comma = if place > 0 { "," } else { "" };
            write!(f, "{comma}{}://{}:{}", server.scheme(), server.host(), server.port())?;
        }
        Ok(())
    }
}

fn parse_server(url: &str) -> Result<ServerAddr, String> {
    if !url.starts_with("nats://") && !url.starts_with("tls://") {
        return Err("it is neither `embedded` nor a list of URLs that begin with nats:// or tls://".to_owned());
    }
    url.parse().map_err(|_| "one of its URLs cannot be read".to_owned())
}

/// A name that is a token of a subject and a part of the name of a stream.
fn parse_prefix(text: &str) -> Result<String, String> {
    let is_name = (1..=32).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if is_name { Ok(text.to_owned()) } else { Err("it is no name of a-z, 0-9 and -, 32 characters at most".to_owned()) }
}

fn parse_replicas(text: &str) -> Result<usize, String> {
    match text {
        "1" => Ok(1),
        "3" => Ok(3),
        "5" => Ok(5),
        _ => Err("it is none of 1, 3 and 5".to_owned()),
    }
}
