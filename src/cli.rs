//! The terminal: what the words of the command line mean, and what the process ends with.

mod bus;
mod command;
mod completions;
mod doctor;
mod failure;
mod healthcheck;
mod keys;
mod line;
mod log;
mod man;
mod monitor;
mod openapi;
mod remote;
mod serve;
mod service;
mod sign;
mod statement;
mod unlock;
mod verify;
mod visible;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

use self::failure::Failure;
use self::line::Line;
use crate::app::Additions;
use crate::command::Registry;
use crate::config::{self, Settings};
use crate::error::abridged;

/// A command server: define a command once, in one file; list it, sign it, run it, stream its result.
///
/// Without a subcommand it serves. Settings are taken from flags, then the environment, then `.env`.
#[derive(Parser)]
#[command(
    name = "nexus",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Try it: nexus, then curl http://127.0.0.1:8000/api/v1/commands"
)]
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
    Serve(Box<Settings>),
    /// Write the OpenAPI document of this program, without a server.
    Openapi {
        /// Where to; `-` is standard output.
        #[arg(default_value = "openapi/openapi.json")]
        file: PathBuf,
    },
    Doctor(Box<doctor::Doctor>),
    Bus(bus::Bus),
    Keys(keys::Keys),
    Sign(sign::Sign),
    Verify(verify::Verify),
    Watch(watch::Watch),
    Completions(completions::Completions),
    Man(man::Manual),
}

/// Wrong usage, wrong settings.
const USAGE: u8 = 2;
const INTERRUPTED: u8 = 130;

/// Reads the command line and does what it says. The process ends with 0, with 1 after a failure, with 2 when the command
/// line or the settings cannot be used, and with 130 when it was interrupted: a server for the second time.
pub fn run(additions: Additions) -> ExitCode {
    if let Err(error) = config::load_dotenv() {
        return refuse(&error);
    }
    let mut registry = match Registry::discover() {
        Ok(registry) => registry,
        Err(error) => return Failure::new(error.to_string(), "").end(),
    };
    let mut program = program(&registry, &additions);
    let mut line = Line::read(config::arguments(), &program);
    match borrowed(&registry, &line) {
        Ok(None) => {}
        Ok(Some(more)) => {
            (program, registry) = (self::program(&more, &additions), more);
            line = Line::read(config::arguments(), &program);
        }
        Err(failure) => return failure.end(),
    }
    let matches = match program.try_get_matches_from_mut(&line.words) {
        Ok(matches) => matches,
        Err(error) => return complain(&error, &line, &program, &registry),
    };
    if let Some((name, words)) = of_registry(&registry, &matches) {
        let name = name.to_owned();
        return failure::end(command::run(registry, additions, &name, words));
    }
    let Cli { command, healthcheck, settings } = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return complain(&error, &line, &program, &registry),
    };
    match command {
        Some(Command::Openapi { file }) => openapi::openapi(&file, &registry),
        Some(Command::Doctor(words)) => failure::end(doctor::doctor(&words, &command::variables(&registry))),
        Some(Command::Bus(words)) => failure::end(bus::bus(words)),
        Some(Command::Keys(words)) => failure::end(keys::keys(&words)),
        Some(Command::Sign(words)) => failure::end(sign::sign(&words)),
        Some(Command::Verify(words)) => failure::end(verify::verify(&words)),
        Some(Command::Watch(words)) => failure::end(watch::watch(&words)),
        Some(Command::Completions(words)) => failure::end(completions::completions(&words, program)),
        Some(Command::Man(words)) => failure::end(man::man(&words, &registry, self::program(&registry, &additions))),
        Some(Command::Serve(settings)) => serve(*settings, registry, additions, false),
        None => serve(settings, registry, additions, healthcheck),
    }
}

/// The command line as clap reads it: the program's own subcommands, then those that the commands are.
pub fn program(registry: &Registry, additions: &Additions) -> clap::Command {
    let Additions { name, version, .. } = *additions;
    let own = Cli::command().name(name).bin_name(name).version(version);
    own.mut_subcommands(config::without_empty).subcommands(command::subcommands(registry))
}

/// The commands, and with them the one that is called and that only the server has which is to run it.
fn borrowed(registry: &Registry, line: &Line) -> Result<Option<Registry>, Failure> {
    let Some(name) = &line.unknown else { return Ok(None) };
    let Some(entry) = command::find(name, line)? else { return Ok(None) };
    // Here it may be that only another name of it is missing.
    let registry = registry.without(&entry.name).map_err(|error| Failure::new(error.to_string(), ""))?;
    let more = registry.with(Arc::new(entry)).map_err(|error| Failure::new(error.to_string(), ""))?;
    Ok(Some(more))
}

/// The command that is called, with its words, where it is one of the registry.
fn of_registry<'a>(registry: &Registry, matches: &'a ArgMatches) -> Option<(&'a str, &'a ArgMatches)> {
    // No command has the name of a subcommand of ours: those are reserved.
    matches.subcommand().filter(|(name, _)| registry.entry(name).is_ok())
}

fn serve(settings: Settings, registry: Registry, additions: Additions, healthcheck: bool) -> ExitCode {
    let (format, filter) = (settings.log_format(), settings.log.clone());
    let config = match settings.check() {
        Ok(config) => config,
        Err(error) => return refuse(&error),
    };
    if healthcheck {
        return healthcheck::healthcheck(config.address);
    }
    let arguments = command::variables(&registry);
    serve::serve(config, registry, additions, &arguments, format, filter)
}

/// Says what is wrong with the command line; help and version come this way too, and are no complaint.
fn complain(error: &clap::Error, line: &Line, program: &clap::Command, registry: &Registry) -> ExitCode {
    let called = line.words.get(1).and_then(|word| program.find_subcommand(word.to_str()?));
    // A command has arguments of its own, which may be called like settings.
    let known = match called.filter(|command| registry.entry(command.get_name()).is_ok()) {
        Some(command) => command::explained(command),
        None => Settings::and_of_the_terminal(),
    };
    if let Some(explained) = config::explain(error, &known) {
        return refuse(&explained);
    }
    let words = error.to_string();
    if error.use_stderr() && abridged(&words) != words {
        say(&abridged(&words));
        return USAGE.into();
    }
    // clap knows which stream each belongs to, and its colours.
    match error.print() {
        _ if error.use_stderr() => USAGE.into(),
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => Failure::from(error).end(),
    }
}

fn refuse(error: &config::ConfigError) -> ExitCode {
    say(&format!("nexus: {}\n", abridged(&error.to_string())));
    USAGE.into()
}

#[expect(clippy::print_stderr, reason = "there is no log before there are settings")]
fn say(words: &str) {
    eprint!("{words}");
}
