//! The settings, and the only reader of the environment.
//!
//! A flag beats the environment, and that beats `.env` in the working directory. The doc comments in here are the help of
//! the flags and the text of `.env.example`.

mod bus;
mod choices;
mod doubts;
mod env_example;
mod environment;
mod explain;
mod limits;
mod retention;
mod terminal;
mod values;
mod webhooks;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, FromArgMatches};
use tracing_subscriber::filter::Targets;

use self::values::{parse_addresses, parse_filter, parse_origins};

pub use self::bus::{Bus, Engine, Servers};
pub use self::choices::{AnonymousStreams, Durability, Environment, LegacySignatures, LogFormat, OutputFormat};
pub use self::env_example::env_example;
pub use self::environment::{Absent, arguments, load_dotenv, no_color, setting_variables, strays, variable};
pub use self::explain::{ConfigError, explain};
pub use self::limits::{Limits, Networks};
pub use self::retention::Retention;
pub use self::terminal::{Keys, Running, Server, without_empty};
pub use self::values::{Addresses, Origins};
pub use self::webhooks::{Allowance, Webhooks};
use crate::address::Address;
use crate::origin::Origin;

/// The settings as they are written; [`Settings::check`] makes a [`Config`] of them.
#[derive(Args, Clone, Debug)]
#[expect(clippy::doc_markdown, reason = "these comments are help texts and the text of a file, where URLs stand bare")]
#[command(next_help_heading = "Settings")]
pub struct Settings {
    /// Where the server stands: `development` is open and stays on this machine, `production` is closed.
    #[arg(long, env = "NEXUS_ENV", value_enum, default_value = "development")]
    pub env: Environment,

    /// The IP address to listen on: 127.0.0.1 for this machine alone, 0.0.0.0 for all.
    #[arg(long, env = "NEXUS_HOST", value_name = "IP", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub host: IpAddr,

    /// The port to listen on; 0 takes a free one.
    #[arg(long, env = "PORT", value_name = "0-65535", default_value_t = 8000)]
    pub port: u16,

    /// The origins of frontends that may call from a browser, separated by commas. By default in development
    /// http://localhost:5173 and http://127.0.0.1:5173, in production none.
    #[arg(long, env = "ALLOWED_ORIGINS", value_name = "ORIGIN,ORIGIN", value_parser = parse_origins)]
    pub allowed_origins: Option<Origins>,

    /// The origins under which clients reach this server, separated by commas. Needed in production; by default in
    /// development http://localhost and the address that it listens on, with the port.
    #[arg(long, env = "NEXUS_PUBLIC_ORIGINS", value_name = "ORIGIN,ORIGIN", value_parser = parse_origins)]
    pub public_origins: Option<Origins>,

    /// The folder that holds the database.
    #[arg(long, env = "NEXUS_DATA", value_name = "FOLDER", default_value = "./data")]
    pub data: PathBuf,

    /// What a result survives that is told to be recorded: the end of the machine (`full`), or of the program (`normal`, which
    /// is faster).
    #[arg(long, env = "NEXUS_DURABILITY", value_enum, default_value = "full")]
    pub durability: Durability,

    /// What a stream hears that proves nothing: nothing (`off`), the key's state, or everything (`full`). By default `full`
    /// in development, `state` in production.
    #[arg(long, env = "NEXUS_ANONYMOUS_STREAMS", value_enum)]
    pub anonymous_streams: Option<AnonymousStreams>,

    /// What a bare signature is good for, which can be sent again by whoever sees it: nothing (`off`), replay-safe commands
    /// (`safe`), or every command (`all`). By default `all` in development, `safe` in production.
    #[arg(long, env = "NEXUS_LEGACY_SIGNATURES", value_enum)]
    pub legacy_signatures: Option<LegacySignatures>,

    /// The addresses of those who may run what is for admins, separated by commas.
    #[arg(long, env = "NEXUS_ADMINS", value_name = "ADDRESS,ADDRESS", default_value = "",
          value_parser = parse_addresses)]
    pub admins: Addresses,

    /// Seconds of silence after which a stream is sent a comment, so that nothing in between gives it up.
    #[arg(long, env = "NEXUS_KEEPALIVE", value_name = "1-3600", default_value_t = 15,
          value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub keepalive: u16,

    /// Seconds that running commands have to end after SIGTERM or Ctrl-C.
    #[arg(long, env = "NEXUS_DRAIN", value_name = "0-3600", default_value_t = 20,
          value_parser = clap::value_parser!(u16).range(0..=3600))]
    pub drain: u16,

    /// How the log is written. By default `text` in development, `json` in production.
    #[arg(long, env = "NEXUS_LOG_FORMAT", value_enum)]
    pub log_format: Option<LogFormat>,

    /// What is logged: a level (error, warn, info, debug, trace), or several by module, as in `info,nexus::http=debug`.
    #[arg(long, env = "NEXUS_LOG", value_name = "FILTER", default_value = "info",
          value_parser = parse_filter)]
    pub log: Targets,

    /// Allow what is open, in production too. There is no variable for this: it has to be said on the command line.
    #[arg(long)]
    pub insecure: bool,

    #[command(flatten)]
    pub bus: Bus,

    #[command(flatten)]
    pub webhooks: Webhooks,

    #[command(flatten)]
    pub retention: Retention,

    #[command(flatten)]
    pub limits: Limits,
}

/// The settings, complete and in agreement with each other.
#[derive(Clone, Debug)]
pub struct Config {
    pub env: Environment,
    pub address: SocketAddr,
    pub allowed_origins: Vec<Origin>,
    pub data: PathBuf,
    pub durability: Durability,
    pub anonymous_streams: AnonymousStreams,
    pub legacy_signatures: LegacySignatures,
    pub admins: Vec<Address>,
    pub keepalive: Duration,
    pub drain: Duration,
    pub bus: Bus,
    pub webhooks: Webhooks,
    pub retention: Retention,
    pub limits: Limits,
    public_origins: Option<Vec<Origin>>,
}

impl Config {
    /// The origins under which clients reach us, where `port` is the one we got.
    pub fn public_origins(&self, port: u16) -> Vec<Origin> {
        if let Some(origins) = &self.public_origins {
            return origins.clone();
        }
        let address = SocketAddr::new(self.address.ip(), port);
        let names = [format!("http://localhost:{port}"), format!("http://{address}")];
        names.iter().filter_map(|origin| origin.parse().ok()).collect()
    }

    /// What this configuration leaves open, each as a sentence.
    pub fn open(&self) -> Vec<&'static str> {
        let streams = (self.anonymous_streams == AnonymousStreams::Full)
            .then_some("anyone may read the stream of any key (NEXUS_ANONYMOUS_STREAMS=full)");
        let signatures = (self.legacy_signatures == LegacySignatures::All)
            .then_some("a signature once seen can be sent again (NEXUS_LEGACY_SIGNATURES=all)");
        streams.into_iter().chain(signatures).chain(self.webhooks.open()).collect()
    }
}

impl Settings {
    /// The settings as the environment and `.env` have them, for what has no flags for them.
    pub fn of_environment() -> Result<Self, ConfigError> {
        let matches = Self::described().no_binary_name(true).try_get_matches_from([""; 0]);
        matches.and_then(|matches| Self::from_arg_matches(&matches)).map_err(|error| {
            let complaint = || ConfigError::new(error.to_string(), "`nexus serve --help` explains the settings.");
            explain(&error, &Self::described()).unwrap_or_else(complaint)
        })
    }

    /// The settings as clap knows them, and with them those of the terminal.
    pub fn and_of_the_terminal() -> clap::Command {
        Running::augment_args(Server::augment_args(Self::described()))
    }

    /// The settings as clap knows them: names, variables, help, defaults.
    fn described() -> clap::Command {
        Self::augment_args(clap::Command::new("settings"))
    }

    pub fn log_format(&self) -> LogFormat {
        self.log_format.unwrap_or(match self.env {
            Environment::Development => LogFormat::Text,
            Environment::Production => LogFormat::Json,
        })
    }

    /// Fills in what depends on the environment, and refuses what does not go together.
    pub fn check(self) -> Result<Config, ConfigError> {
        let config = self.complete();
        match config.env {
            Environment::Development => config.check_development()?,
            Environment::Production => config.check_production(self.insecure)?,
        }
        Ok(config)
    }

    /// Fills in what depends on the environment; whether it goes together is another question.
    pub fn complete(&self) -> Config {
        let in_development = self.env == Environment::Development;
        let given = |origins: &Option<Origins>| origins.as_ref().map(|Origins(origins)| origins.clone());
        let frontends = || ["http://localhost:5173", "http://127.0.0.1:5173"];
        let (streams, signatures) = if in_development {
            (AnonymousStreams::Full, LegacySignatures::All)
        } else {
            (AnonymousStreams::State, LegacySignatures::Safe)
        };
        Config {
            env: self.env,
            address: SocketAddr::new(self.host, self.port),
            allowed_origins: given(&self.allowed_origins).unwrap_or_else(|| {
                frontends().iter().filter(|_| in_development).filter_map(|origin| origin.parse().ok()).collect()
            }),
            data: self.data.clone(),
            durability: self.durability,
            anonymous_streams: self.anonymous_streams.unwrap_or(streams),
            legacy_signatures: self.legacy_signatures.unwrap_or(signatures),
            admins: self.admins.0.clone(),
            keepalive: Duration::from_secs(self.keepalive.into()),
            drain: Duration::from_secs(self.drain.into()),
            bus: self.bus.clone(),
            webhooks: self.webhooks.clone(),
            retention: self.retention.clone(),
            limits: self.limits.clone(),
            public_origins: given(&self.public_origins).filter(|origins| !origins.is_empty()),
        }
    }
}

impl Config {
    fn check_development(&self) -> Result<(), ConfigError> {
        let hint = "Development is open to whoever reaches it. Set NEXUS_ENV=production and NEXUS_PUBLIC_ORIGINS to serve others.";
        if !self.address.ip().is_loopback() {
            return Err(ConfigError::new(
                format!("NEXUS_HOST is {}, which others can reach, and NEXUS_ENV is development.", self.address.ip()),
                hint,
            ));
        }
        match self.public_origins.iter().flatten().find(|origin| !origin.is_loopback()) {
            None => Ok(()),
            Some(origin) => Err(ConfigError::new(
                format!("NEXUS_PUBLIC_ORIGINS has {origin}, which is not this machine, and NEXUS_ENV is development."),
                hint,
            )),
        }
    }

    fn check_production(&self, insecure: bool) -> Result<(), ConfigError> {
        if self.public_origins.is_none() {
            return Err(ConfigError::new(
                "NEXUS_PUBLIC_ORIGINS is not set, and NEXUS_ENV is production.".to_owned(),
                "Name the origins under which clients reach this server, such as https://cmd.example.com.",
            ));
        }
        match self.open().first() {
            Some(open) if !insecure => Err(ConfigError::new(
                format!("In production {open}."),
                "Take the setting out, or start with --insecure if that is what you want.",
            )),
            _ => Ok(()),
        }
    }
}
