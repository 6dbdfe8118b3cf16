//! The terminal: what the words of the command line mean, and what the process ends with.

mod doctor;
mod failure;
mod healthcheck;
mod keys;
mod openapi;
mod remote;
mod serve;
mod sign;
mod statement;
mod unlock;
mod verify;
mod visible;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::config::{self, Settings};

/// A command server: define a command once, in one file; list it, sign it, run it, stream its result.
///
/// Without a subcommand it serves. Settings are taken from flags, then the environment, then `.env`.
#[derive(Parser)]
#[command(name = "nexus", version, after_help = "Try it: nexus, then curl http://127.0.0.1:8000/api/v1/commands")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    /// Ask the server with these settings whether it is well, and end with 0 or 1.
    #[arg(long)]
    healthcheck: bool,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until SIGTERM or Ctrl-C; a second one ends at once.
    Serve,
    /// Write the OpenAPI document of this program, without a server.
    Openapi {
        /// Where to; `-` is standard output.
        #[arg(default_value = "openapi/openapi.json")]
        file: PathBuf,
    },
    Doctor(doctor::Doctor),
    Keys(keys::Keys),
    Sign(sign::Sign),
    Verify(verify::Verify),
    Watch(watch::Watch),
}

/// The subcommands that serve nothing: the settings of the server are no business of theirs.
const CLIENTS: [&str; 4] = ["keys", "sign", "verify", "watch"];

/// Wrong usage, wrong settings.
const USAGE: u8 = 2;
const INTERRUPTED: u8 = 130;

/// Reads the command line and does what it says. The process ends with 0, with 1 after a failure, with 2 when the command
/// line or the settings cannot be used, and with 130 when it was interrupted:
/// a server for the second time.
pub fn run() -> ExitCode {
    if let Err(error) = config::load_dotenv() {
        return refuse(&error);
    }
    let parsed = words().try_get_matches_from(config::arguments()).and_then(|matches| Cli::from_arg_matches(&matches));
    let Cli { command, healthcheck, settings } = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            if let Some(explained) = config::explain(&error) {
                return refuse(&explained);
            }
            // Help and version come this way too; clap knows which stream each belongs to.
            let _ = error.print();
            return if error.use_stderr() { USAGE.into() } else { ExitCode::SUCCESS };
        }
    };
    match command {
        Some(Command::Openapi { file }) => return openapi::openapi(&file),
        Some(Command::Doctor(words)) => return failure::end(doctor::doctor(&words, &settings)),
        Some(Command::Keys(words)) => return failure::end(keys::keys(&words)),
        Some(Command::Sign(words)) => return failure::end(sign::sign(&words)),
        Some(Command::Verify(words)) => return failure::end(verify::verify(&words)),
        Some(Command::Watch(words)) => return failure::end(watch::watch(&words)),
        Some(Command::Serve) | None => {}
    }
    let (format, filter) = (settings.log_format(), settings.log.clone());
    let config = match settings.check() {
        Ok(config) => config,
        Err(error) => return refuse(&error),
    };
    if healthcheck {
        return healthcheck::healthcheck(config.address);
    }
    serve::serve(config, format, filter)
}

/// The command line as clap reads it.
fn words() -> clap::Command {
    let mut words = Cli::command();
    // Then every subcommand has the settings, and can hide them.
    words.build();
    CLIENTS.iter().fold(words, |words, name| words.mut_subcommand(name, without_settings))
}

fn without_settings(command: clap::Command) -> clap::Command {
    let command = command.mut_args(|arg| if arg.is_global_set() { arg.hide(true) } else { arg });
    command.mut_subcommands(without_settings)
}

#[expect(clippy::print_stderr, reason = "there is no log before there are settings")]
fn refuse(error: &config::ConfigError) -> ExitCode {
    eprintln!("nexus: {error}");
    USAGE.into()
}
