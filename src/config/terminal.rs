//! Settings of the commands of the terminal that have keys or call a server.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::{Arg, Args, Command, FromArgMatches};

use super::environment::{home_of_data, variable};
use super::{ConfigError, OutputFormat, Settings, explain};
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

/// How a command is run from the terminal.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Running it")]
pub struct Running {
    /// How the answer is printed: its message (`text`), or the whole of it as a line of JSON (`json`).
    #[arg(long, value_enum, default_value = "text")]
    pub format: OutputFormat,

    /// Print the whole of the answer as a line of JSON.
    #[arg(long)]
    pub json: bool,

    /// The server that runs it. By default this program does, without a server.
    #[arg(long, env = "NEXUS_SERVER", value_name = "ORIGIN", value_parser = parse_origin)]
    pub server: Option<Origin>,

    /// The public origin that the server is known by, where that is not the one that is called.
    #[arg(long, value_name = "ORIGIN", value_parser = parse_origin, requires = "server")]
    pub audience: Option<Origin>,

    /// The key that signs it. By default nobody does.
    #[arg(long, env = "NEXUS_KEY", value_name = "NAME")]
    pub key: Option<String>,

    /// The folder of the database, where this program runs it and a key signs it. By default ./data.
    #[arg(long, env = "NEXUS_DATA", value_name = "FOLDER")]
    pub data: Option<PathBuf>,

    #[command(flatten)]
    pub keys: Keys,
}

impl Running {
    /// The server that this word names, or without one the environment. Fails as the command line does.
    pub fn server_of(word: Option<&str>) -> Result<Option<Origin>, ConfigError> {
        let command = Self::augment_args(Command::new("server").no_binary_name(true));
        let words = word.map(|word| format!("--server={word}"));
        let matches = without_empty(command.clone()).try_get_matches_from(words);
        let read = matches.and_then(|matches| Self::from_arg_matches(&matches)).map_err(|error| {
            let complaint = || ConfigError::new(error.to_string(), "");
            explain(&error, &command).unwrap_or_else(complaint)
        })?;
        Ok(read.server)
    }

    pub fn is_json(&self) -> bool {
        self.json || self.format == OutputFormat::Json
    }
}

/// An origin, named in words that a complaint goes on with. Case means nothing in it; browsers send it in lower case.
fn parse_origin(text: &str) -> Result<Origin, String> {
    text.to_ascii_lowercase().parse().map_err(|fault| format!("it {fault}"))
}

/// The command, for which a variable that is set to nothing is not set; but those of the server, to which nothing may be a value.
pub fn without_empty(command: Command) -> Command {
    let settings = Settings::described();
    let kept: Vec<_> = settings.get_arguments().filter_map(Arg::get_env).collect();
    let is_empty = |name: &OsStr| !kept.contains(&name) && name.to_str().map(variable) == Some(Ok(String::new()));
    let read = |arg: Arg| if arg.get_env().is_some_and(is_empty) { arg.env(None::<&'static str>) } else { arg };
    command.mut_args(read).mut_subcommands(without_empty)
}
