//! Commands that this program does not have, and the server that is called has.

use reqwest::Method;
use serde_json::Value;

use crate::cli::failure::Failure;
use crate::cli::remote::{Remote, Trouble};
use crate::cli::visible::visible;
use crate::command::{Declared, Entry};
use crate::config::{self, Server};

/// The command with the name that stands first among these words, from the server that is named in them or in the environment.
/// None where no server is named, or where that has none either.
pub(in crate::cli) fn find(words: &[String]) -> Result<Option<Entry>, Failure> {
    let named = words.iter().enumerate().find_map(|(place, word)| match word.strip_prefix("--server") {
        Some("") => words.get(place + 1).cloned(),
        Some(origin) => origin.strip_prefix('=').map(str::to_owned),
        None => None,
    });
    let server = named.or_else(|| config::variable("NEXUS_SERVER").ok()).and_then(|origin| origin.parse().ok());
    let (Some(name), Some(server)) = (words.first(), server) else { return Ok(None) };
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !is_name {
        return Ok(None);
    }
    let remote = Remote::new(&Server { server, audience: None })?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let request = remote.request(Method::GET, &format!("/api/v1/commands/{name}"));
    let definition: Value = match runtime.block_on(remote.ask(request)) {
        Ok(definition) => definition,
        Err(Trouble::Refused(refusal)) if refusal.status == 404 => return Ok(None),
        Err(trouble) => return Err(remote.failure(trouble)),
    };
    read(&definition).map(Some).map_err(|why| {
        let message = format!("The server has a command {name} that cannot be used from here: {why}");
        Failure::new(message, "Another version of this program may know how.")
    })
}

fn read(definition: &Value) -> Result<Entry, String> {
    if !is_harmless(definition) {
        return Err("its definition holds characters that play with a terminal.".to_owned());
    }
    Entry::declared(Declared::from_wire(definition)?, None).map_err(|faults| faults.join(" "))
}

/// Whether all of it can be shown on a terminal.
fn is_harmless(value: &Value) -> bool {
    let is_seen = |text: &str| text.lines().all(|line| visible(line) == line);
    match value {
        Value::String(text) => is_seen(text),
        Value::Array(items) => items.iter().all(is_harmless),
        Value::Object(members) => members.iter().all(|(name, value)| is_seen(name) && is_harmless(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}
