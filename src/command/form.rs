//! One way to say a command, and how it becomes a value that can run.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::declared::{Declared, Saying};
use super::definition::{Demands, Endpoint, Role};
use super::erased::{Build, Runnable};
use super::grammar::{Word, read_arguments};
use super::meter::Meter;
use super::parameter::{Enforced, Kind, Parameter};
use super::turns::Turns;
use super::usage::usage;
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
    pub examples: Vec<String>,
    pub demands: Demands,
    pub endpoint: Option<Endpoint>,
    pub timeout: Duration,
    /// How many may run at once, and how often; all forms of a command share it.
    pub turns: Arc<Turns>,
    pub meter: Meter,
    /// None where only the frontend runs it.
    maker: Option<Maker>,
}

/// What makes a command of its arguments.
#[derive(Clone)]
pub(super) enum Maker {
    /// A type; its own rules are the last check.
    Typed {
        build: Build,
        variant: Option<Variant>,
    },
    Any(Make),
}

/// Makes a command of arguments that the grammar has read. Fails with `invalid_arguments`.
pub type Make = Arc<dyn Fn(Map<String, Value>) -> Result<Box<dyn Runnable>> + Send + Sync>;

impl fmt::Debug for Maker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Maker")
    }
}

/// The variant of an enum that a form is.
#[derive(Clone, Debug)]
pub(super) struct Variant {
    pub name: String,
    pub is_unit: bool,
}

impl Form {
    /// Fails with all that words cannot say of its arguments, each as a sentence.
    pub(super) fn of(
        declared: &Declared,
        saying: &Saying,
        turns: Arc<Turns>,
        maker: Option<Maker>,
        enforced: Enforced,
    ) -> Result<Self, Vec<String>> {
        let path = declared.path(saying);
        if saying.parameters.get("type").is_none_or(|kind| kind != "object") {
            let hint = match enforced {
                Enforced::ByKind => "a type is a struct with named fields, or an enum of such",
                Enforced::BySchema | Enforced::Elsewhere => "they are arguments by name, which stand in `properties`",
            };
            return Err(vec![format!("{path} has parameters that are not of `\"type\": \"object\"`; {hint}.")]);
        }
        let parameters = parameters(&path, &saying.parameters, enforced)?;
        Ok(Self {
            usage: usage(&path, &parameters),
            path,
            description: saying.description.clone(),
            schema: closed(&saying.parameters),
            parameters,
            examples: saying.examples.clone(),
            demands: saying.demands,
            endpoint: saying.endpoint,
            timeout: declared.timeout,
            turns,
            meter: Meter::default(),
            maker,
        })
    }

    /// Whether somebody in this role may run it.
    pub fn is_for(&self, role: Role) -> bool {
        self.demands.requires_role.is_none_or(|required| role >= required)
    }

    /// Whether the server runs it.
    pub fn runs_here(&self) -> bool {
        self.maker.is_some()
    }

    /// The typed arguments that stand in the words and the typed values. Fails with `invalid_arguments`.
    pub fn arguments(&self, words: Vec<Word>, typed: Map<String, Value>) -> Result<Map<String, Value>> {
        read_arguments(&self.parameters, &self.usage, words, typed)
    }

    /// Makes the command with the arguments that stand in the words and the typed values. Fails with `client_command`
    /// where only the frontend runs it, and with `invalid_arguments`.
    pub fn build(&self, words: Vec<Word>, typed: Map<String, Value>) -> Result<Box<dyn Runnable>> {
        let maker = self.maker.as_ref().ok_or_else(|| {
            Error::new(Code::ClientCommand, format!("{} runs in the frontend, not on the server.", self.path))
                .with_hint("Type it in a frontend; there it needs no network.")
        })?;
        let arguments = self.arguments(words, typed)?;
        let (build, arguments) = match maker {
            Maker::Any(make) => return make(arguments).map_err(|error| self.with_usage(error)),
            Maker::Typed { build, variant: None } => (build, Value::Object(arguments)),
            Maker::Typed { build, variant: Some(variant) } if variant.is_unit => {
                (build, Value::String(variant.name.clone()))
            }
            Maker::Typed { build, variant: Some(variant) } => (build, json!({ &variant.name: arguments })),
        };
        // Only a type with rules beyond its schema gets here; its words are not ours, so they go to the log.
        build(arguments).map_err(|error| {
            let message = format!("{} does not take these arguments.", self.path);
            self.with_usage(Error::new(Code::InvalidArguments, message)).caused_by(error)
        })
    }

    fn with_usage(&self, error: Error) -> Error {
        if error.hint.is_some() { error } else { error.with_hint(format!("Usage: {}", self.usage)) }
    }
}

fn parameters(path: &str, schema: &Value, enforced: Enforced) -> Result<Vec<Parameter>, Vec<String>> {
    let required: Vec<_> = schema.get("required").and_then(Value::as_array).into_iter().flatten().collect();
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let (mut parameters, mut faults) = (Vec::<Parameter>::new(), Vec::new());
    for (name, schema) in properties {
        if !is_name(name) {
            faults.push(format!(
                "{path} has the argument `{name}`, which words cannot name; a name is [A-Za-z][A-Za-z0-9_-]{{0,63}}."
            ));
        }
        let in_words = |name: &str| name.replace('-', "_");
        if let Some(other) = parameters.iter().find(|other| in_words(&other.name) == in_words(name)) {
            faults.push(format!(
                "{path} has the arguments `{}` and `{name}`, which words cannot tell apart.",
                other.name
            ));
        }
        match Kind::of_schema(schema, enforced) {
            Ok(kind) => parameters.push(Parameter {
                name: name.clone(),
                kind,
                required: required.contains(&&Value::from(&**name)),
            }),
            Err(fault) => faults.push(format!("{path} has the argument `{name}`, which {fault}.")),
        }
    }
    if faults.is_empty() { Ok(parameters) } else { Err(faults) }
}

fn is_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

/// The schema, with its properties and with the word that there are no others.
fn closed(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(schema) = schema.as_object_mut() {
        schema.entry("properties").or_insert_with(|| json!({}));
        schema.shift_remove("additionalProperties");
        schema.insert("additionalProperties".to_owned(), false.into());
    }
    schema
}
