//! One way to say a command, and how it becomes a value that can run.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;

use super::definition::{Example, Role};
use super::erased::{Build, Runnable};
use super::grammar::{Word, read_arguments};
use super::parameter::Parameter;
use crate::error::{Code, Error, Result};

/// One way to say a command: the bare command, or a subcommand of it.
#[derive(Debug)]
pub struct Form {
    /// `/identity`, or `/identity/delete`.
    pub path: String,
    pub description: String,
    pub usage: String,
    /// In the order of the declaration.
    pub parameters: Vec<Parameter>,
    /// JSON Schema 2020-12 of the arguments.
    pub schema: Value,
    pub examples: &'static [Example],
    pub requires_signature: bool,
    pub requires_identity: bool,
    pub requires_role: Option<Role>,
    pub requires_gui: bool,
    pub replay_safe: bool,
    pub timeout: Duration,
    /// A permit for each that may run at once, where that is bounded; all forms of a command share them.
    pub places: Option<Arc<Semaphore>>,
    pub(super) variant: Option<Variant>,
    pub(super) build: Option<Build>,
}

/// The variant of an enum that a form is.
#[derive(Clone, Debug)]
pub(super) struct Variant {
    pub name: String,
    pub is_unit: bool,
}

impl Form {
    /// Whether somebody in this role may run it.
    pub fn is_for(&self, role: Role) -> bool {
        self.requires_role.is_none_or(|required| role >= required)
    }

    /// Whether the server runs it.
    pub fn runs_here(&self) -> bool {
        self.build.is_some()
    }

    /// The typed arguments that stand in the words and the typed values. Fails with `invalid_arguments`.
    pub fn arguments(&self, words: Vec<Word>, typed: Map<String, Value>) -> Result<Map<String, Value>> {
        read_arguments(&self.parameters, &self.usage, words, typed)
    }

    /// Makes the command with the arguments that stand in the words and the typed values. Fails with `client_command`
    /// where only the frontend runs it, and with `invalid_arguments`.
    pub fn build(&self, words: Vec<Word>, typed: Map<String, Value>) -> Result<Box<dyn Runnable>> {
        let build = self.build.ok_or_else(|| {
            Error::new(Code::ClientCommand, format!("{} runs in the frontend, not on the server.", self.path))
                .with_hint("Type it in a frontend; there it needs no network.")
        })?;
        let arguments = self.arguments(words, typed)?;
        let arguments = match &self.variant {
            None => Value::Object(arguments),
            Some(variant) if variant.is_unit => Value::String(variant.name.clone()),
            Some(variant) => json!({ &variant.name: arguments }),
        };
        // Only a type with rules beyond its schema gets here; its words are not ours, so they go to the log.
        build(arguments).map_err(|error| {
            Error::new(Code::InvalidArguments, format!("{} does not take these arguments.", self.path))
                .with_hint(format!("Usage: {}", self.usage))
                .caused_by(error)
        })
    }
}
