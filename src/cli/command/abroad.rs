//! Commands that this program does not have, and the server that is called has.

use reqwest::Method;
use serde_json::Value;

use crate::cli::failure::Failure;
use crate::cli::line::Line;
use crate::cli::remote::{Remote, Trouble};
use crate::cli::visible::visible;
use crate::command::{Declared, Entry};
use crate::config::{Running, Server};
use crate::origin::Origin;

/// The command of this name from the server that is named in the words or in the environment. None where no server is named, or
/// where that has none either.
pub(in crate::cli) fn find(name: &str, line: &Line) -> Result<Option<Entry>, Failure> {
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !is_name {
        return Ok(None);
    }
    let named = line.server.clone().or_else(|| line.value_of("--nexus-server"));
    let Some(own_or_ours) = line.value_of("--server").filter(|_| named.is_none()) else {
        return ask(Running::server_of(named.as_deref())?, name);
    };
    // A command that has an argument of this name means that by it, and is looked for where the environment says.
    if let Ok(Some(server)) = Running::server_of(None)
        && let Ok(Some(entry)) = ask(Some(server), name)
        && entry.forms().any(|form| form.parameters.iter().any(|parameter| parameter.name == "server"))
    {
        return Ok(Some(entry));
    }
    ask(Running::server_of(Some(&own_or_ours))?, name)
}

fn ask(server: Option<Origin>, name: &str) -> Result<Option<Entry>, Failure> {
    let Some(server) = server else { return Ok(None) };
    let remote = Remote::new(&Server { server, audience: None })?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let request = remote.request(Method::GET, &format!("/api/v1/commands/{name}"));
    let definition: Value = match runtime.block_on(remote.ask(request)) {
        Ok(definition) => definition,
        Err(Trouble::Refused(refusal)) if refusal.status == 404 => return Ok(None),
        Err(trouble) => return Err(remote.failure(trouble)),
    };
    read(&definition, name).map(Some).map_err(|why| {
        let message = format!("The server has a command {name} that cannot be used from here: {why}");
        Failure::new(message, "Another version of this program may know how.")
    })
}

/// The command as it was asked for: of its other names only the one that was used, since here they may be taken.
fn read(definition: &Value, called: &str) -> Result<Entry, String> {
    if !is_harmless(definition) {
        return Err("its definition holds characters that play with a terminal.".to_owned());
    }
    let mut declared = Declared::from_wire(definition)?;
    declared.aliases.retain(|alias| alias == called);
    Entry::declared(declared, None).map_err(|faults| faults.join(" "))
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
