//! A command as it was declared: what `register!` hands in, or what was sent while the server runs, in one shape.

use std::time::Duration;

use serde_json::Value;

use super::definition::{Demands, Endpoint, Handler};

/// What is said of a command, before anybody has checked it.
#[derive(Clone, Debug)]
pub struct Declared {
    pub handler: Handler,
    pub aliases: Vec<String>,
    pub renderer: Option<String>,
    pub is_service: bool,
    pub timeout: Duration,
    pub at_once: Option<usize>,
    pub cooldown: Duration,
    pub deprecated: bool,
    /// Called like the command.
    pub bare: Saying,
    pub subcommands: Vec<Saying>,
}

/// One way to say it: the bare command, or a subcommand.
#[derive(Clone, Debug)]
pub struct Saying {
    pub name: String,
    pub description: String,
    pub examples: Vec<String>,
    pub demands: Demands,
    pub endpoint: Option<Endpoint>,
    /// JSON Schema 2020-12 of the arguments.
    pub parameters: Value,
}

impl Declared {
    pub fn name(&self) -> &str {
        &self.bare.name
    }

    /// The name, then the aliases, but for one that is the name.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let aliases = self.aliases.iter().map(|alias| &**alias);
        [self.name()].into_iter().chain(aliases.filter(|alias| *alias != self.name()))
    }

    /// The bare command, then its subcommands.
    pub fn sayings(&self) -> impl Iterator<Item = &Saying> {
        [&self.bare].into_iter().chain(&self.subcommands)
    }

    /// `/identity`, or `/identity/delete`.
    pub fn path(&self, saying: &Saying) -> String {
        match self.name() {
            name if name == saying.name => format!("/{name}"),
            name => format!("/{name}/{}", saying.name),
        }
    }
}
