//! The commands of the registry on the terminal: each is a subcommand, and goes the way that it goes by HTTP.

mod abroad;
mod arguments;
mod here;
mod meter;
mod outcome;
mod there;
mod values;
mod words;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{ArgMatches, FromArgMatches};
use serde_json::{Map, Value};

use super::failure::{Failure, tell};
use crate::app::Additions;
use crate::command::{Entry, Form, Registry, Source};
use crate::config::Running;

pub(super) use self::abroad::find;
pub(super) use self::words::{explained, subcommands, variables};

/// What is asked for: the path of a form, and typed arguments.
struct Asked {
    /// `/identity/delete`
    path: String,
    /// None where there are none.
    args: Option<Value>,
    /// Whether it goes on until it is told to end.
    is_service: bool,
    /// How long it may take.
    timeout: Duration,
}

/// Runs the command of this name with the words that were read. Fails where it does not come to an answer.
pub(super) fn run(
    registry: Registry,
    additions: Additions,
    name: &str,
    matches: &ArgMatches,
) -> Result<ExitCode, Failure> {
    let entry = Arc::clone(registry.entry(name)?);
    let (form, matches) = form_of(&entry, matches);
    let running = Running::from_arg_matches(matches)
        .map_err(|error| Failure::usage(error.to_string(), format!("nexus {name} --help explains it.")))?;
    let args = arguments::read(&form.parameters, matches);
    let asked = Asked {
        path: form.path.clone(),
        args: some(args),
        is_service: entry.declared.is_service,
        timeout: form.timeout,
    };
    if entry.declared.deprecated {
        tell(format_args!("warning: {} is deprecated: it still works, and may be gone one day", asked.path));
    }
    match &running.server {
        Some(server) => there::run(server, &running, asked),
        None if entry.source == Source::Elsewhere => Err(nowhere(&entry.name)),
        None => here::run(registry, additions, &running, asked),
    }
}

/// Our option has another name where a command has an argument of its own that is called so.
fn nowhere(name: &str) -> Failure {
    let message = format!("{name} is a command of a server, and none is named: --server is an argument of its own.");
    Failure::usage(message, "Name the server with --nexus-server or NEXUS_SERVER.")
}

fn some(args: Map<String, Value>) -> Option<Value> {
    (!args.is_empty()).then_some(Value::Object(args))
}

/// The form that was named, and its words.
fn form_of<'a>(entry: &'a Entry, matches: &'a ArgMatches) -> (&'a Form, &'a ArgMatches) {
    let named = matches.subcommand().and_then(|(name, matches)| {
        let path = format!("{}/{name}", entry.bare.path);
        Some((&**entry.subcommands.iter().find(|form| form.path == path)?, matches))
    });
    named.unwrap_or((&entry.bare, matches))
}
