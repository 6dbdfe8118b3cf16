//! Settings of the commands of the terminal that have keys or call a server.

use std::path::PathBuf;

use clap::Args;

use super::environment::home_of_data;
use crate::origin::Origin;

/// Where keys are kept, and how they are opened.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Keys")]
pub struct Keys {
    /// The folder of the keys. By default nexus/keys in the folder where programs keep their data (`$XDG_DATA_HOME`, or
    /// `~/.local/share`).
    #[arg(long, env = "NEXUS_KEYS", value_name = "FOLDER")]
    keys: Option<PathBuf>,

    /// A file whose first line is the passphrase, for scripts. By default it is asked for on the terminal.
    #[arg(long, env = "NEXUS_PASSPHRASE_FILE", value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

impl Keys {
    /// None when no folder is named and there is no home to look for one.
    pub fn folder(&self) -> Option<PathBuf> {
        self.keys.clone().or_else(|| Some(home_of_data()?.join("nexus/keys")))
    }
}

/// Which server is called.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Server")]
pub struct Server {
    /// The server to call: scheme, host, and the port where it is not the scheme's own.
    #[arg(long, env = "NEXUS_SERVER", value_name = "ORIGIN", default_value = "http://127.0.0.1:8000", value_parser = parse_origin)]
    pub server: Origin,

    /// The public origin that the server is known by, where that is not the one that is called.
    #[arg(long, value_name = "ORIGIN", value_parser = parse_origin)]
    pub audience: Option<Origin>,
}

/// An origin, named in words that a complaint goes on with.
fn parse_origin(text: &str) -> Result<Origin, String> {
    text.parse().map_err(|fault| format!("it {fault}"))
}
