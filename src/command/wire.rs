//! A definition as the wire has it: an entry of `GET /api/v1/commands`, and what is sent to register a command.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::declared::{Declared, Saying};
use super::definition::{Definition, Demands, Handler, SERVICE};

/// What belongs to a command and not to its subcommands.
#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Whole {
    #[serde(default)]
    handler: Handler,
    #[serde(default)]
    subcommands: Vec<One>,
    #[serde(default)]
    aliases: Vec<String>,
    renderer: Option<String>,
    timeout: Option<f64>,
    #[serde(default)]
    deprecated: bool,
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct One {
    name: String,
    description: String,
    #[serde(default)]
    examples: Vec<String>,
    #[serde(flatten)]
    demands: Demands,
    #[serde(default = "nothing")]
    parameters: Value,
}

fn nothing() -> Value {
    json!({ "type": "object", "properties": {} })
}

impl From<One> for Saying {
    fn from(one: One) -> Self {
        let One { name, description, examples, demands, parameters } = one;
        // An endpoint is mounted where its command is defined, when the server starts.
        Self { name, description, examples, demands, endpoint: None, parameters }
    }
}

impl Declared {
    /// Reads what [`Entry::document`](super::Entry) says. `usage` is made of the parameters, and not believed. Fails with a
    /// sentence.
    pub fn from_wire(definition: &Value) -> Result<Self, String> {
        let fault = |error: serde_json::Error| format!("The definition cannot be read: {error}.");
        let one = One::deserialize(definition).map_err(fault)?;
        let Whole { handler, subcommands, aliases, renderer, timeout, deprecated } =
            Whole::deserialize(definition).map_err(fault)?;
        let timeout = match timeout {
            None => Definition::DEFAULT_TIMEOUT,
            Some(seconds) => {
                Duration::try_from_secs_f64(seconds).map_err(|_| "`timeout` is no number of seconds.".to_owned())?
            }
        };
        Ok(Self {
            is_service: one.name.ends_with(SERVICE),
            handler,
            aliases,
            renderer,
            timeout,
            at_once: None,
            cooldown: Duration::ZERO,
            deprecated,
            bare: one.into(),
            subcommands: subcommands.into_iter().map(Saying::from).collect(),
        })
    }
}

const OF_ONE: [&str; 10] = [
    "name",
    "description",
    "usage",
    "examples",
    "requiresSignature",
    "requiresIdentity",
    "requiresRole",
    "requiresGUI",
    "replaySafe",
    "parameters",
];
const OF_WHOLE: [&str; 6] = ["handler", "subcommands", "aliases", "renderer", "timeout", "deprecated"];

/// The members of a definition that mean nothing to a server that is to take it: a slip in a name must not be a demand that is
/// not made.
pub fn strays(definition: &Value) -> Vec<String> {
    let members =
        |value: &Value| value.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let is_stray = |name: &String| !OF_ONE.contains(&&**name);
    let whole = members(definition).into_iter().filter(|name| is_stray(name) && !OF_WHOLE.contains(&&**name));
    let subcommands = definition.get("subcommands").and_then(Value::as_array).into_iter().flatten();
    whole.chain(subcommands.flat_map(members).filter(is_stray)).collect()
}
