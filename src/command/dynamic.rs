//! Commands that no type of this program stands behind: a definition that was sent says what they take, and a webhook runs
//! them.
//!
//! Their definitions keep to the rules of all others. What their arguments must be is said by JSON Schema alone, so it is
//! enforced by [`arguments`] beyond what the grammar reads of it.

mod arguments;
mod formats;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use serde_json::{Map, Value, json};

use self::arguments::Arguments;
use super::grammar::{Spoken, is_forbidden};
use super::{Context, Data, Declared, Entry, Form, Handler, Make, Reply, Runnable, strays};
use crate::error::{Error, Result};
use crate::webhook::{Secret, Target, Webhooks};

/// The largest definition, in bytes of JSON.
const LARGEST: usize = 32 * 1024;
/// What of a command's time its webhook does not have, so that what became of it is told before the time is up.
const RESERVE: Duration = Duration::from_millis(500);

/// What is called to run a command.
pub struct Hook {
    pub target: Target,
    /// What the calls are signed with.
    pub secret: Option<Secret>,
}

impl Entry {
    /// The command of a definition in the shape of the wire, which `hook` runs; without one it can be looked at and not run. Fails
    /// with all that is wrong, each as a sentence.
    pub fn of_webhook(definition: &Value, hook: Option<Hook>, webhooks: &Arc<Webhooks>) -> Result<Self, Vec<String>> {
        if definition.to_string().len() > LARGEST {
            return Err(vec![format!("The definition has more than {} KiB.", LARGEST / 1024)]);
        }
        let mut faults: Vec<_> = strays(definition).iter().map(|name| stray(name)).collect();
        if let Some(hidden) = hidden(definition) {
            faults.push(format!(
                "A text holds U+{:04X}: control and bidirectional control characters hide what it says.",
                u32::from(hidden)
            ));
        }
        let declared = match Declared::from_wire(definition) {
            Ok(declared) => declared,
            Err(fault) => return Err([faults, vec![fault]].concat()),
        };
        if declared.handler == Handler::Client {
            faults.push("`handler` is `rest`: what is registered runs by a webhook, not in a frontend.".to_owned());
        }
        if declared.is_service {
            faults.push(format!("`{}`: a webhook is called and answers; it is no service.", declared.name()));
        }
        let mut arguments = HashMap::new();
        for saying in declared.sayings() {
            let path = declared.path(saying);
            match Arguments::of(&path, &saying.parameters) {
                Ok(read) => drop(arguments.insert(path, Arc::new(read))),
                Err(more) => faults.extend(more),
            }
        }
        let (hook, timeout) = (Arc::new(hook), declared.timeout);
        let make = |path: &str| make(path, arguments.get(path).map(Arc::clone), &hook, webhooks, timeout);
        match Self::declared(declared, Some(&make)) {
            Ok(entry) if faults.is_empty() => match entry.unreadable_examples() {
                faults if faults.is_empty() => Ok(entry),
                faults => Err(faults),
            },
            Ok(_) => Err(faults),
            Err(more) => Err([faults, more].concat()),
        }
    }

    /// What is wrong with examples that nobody could send.
    fn unreadable_examples(&self) -> Vec<String> {
        let check = |form: &Arc<Form>| {
            let faults = form.examples.iter().filter_map(|example| {
                let fault = self.read(form, example).err()?;
                Some(format!("{} has the example `{example}`, which cannot be read: {}", form.path, fault.message))
            });
            faults.collect::<Vec<_>>()
        };
        self.forms().flat_map(check).collect()
    }

    fn read(&self, form: &Form, example: &str) -> Result<()> {
        let mut spoken = Spoken::parse(example, None)?;
        if spoken.subcommand.is_none() && form.path != self.bare.path {
            spoken.words.remove(0);
        }
        form.build(spoken.words, spoken.typed).map(drop)
    }
}

/// The first character in a text of it that a command text may not have. A line may end.
fn hidden(value: &Value) -> Option<char> {
    let first = |text: &str| text.chars().find(|c| *c != '\n' && is_forbidden(*c));
    match value {
        Value::String(text) => first(text),
        Value::Array(items) => items.iter().find_map(hidden),
        Value::Object(members) => members.iter().find_map(|(name, value)| first(name).or_else(|| hidden(value))),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn stray(name: &str) -> String {
    match name {
        "restOptions" => {
            "`restOptions` cannot be registered: endpoints are there from the start of the server on.".to_owned()
        }
        name => format!("`{}` means nothing in a definition.", super::grammar::shortened(name)),
    }
}

fn make(
    path: &str,
    arguments: Option<Arc<Arguments>>,
    hook: &Arc<Option<Hook>>,
    webhooks: &Arc<Webhooks>,
    timeout: Duration,
) -> Make {
    let (path, hook, webhooks): (Arc<str>, _, _) = (path.into(), Arc::clone(hook), Arc::clone(webhooks));
    let time = timeout.saturating_sub(RESERVE.min(timeout / 10));
    Arc::new(move |given| {
        let arguments =
            arguments.as_ref().ok_or_else(|| Error::internal("a definition with faults was not refused"))?;
        let arguments = arguments.check(given)?;
        let (path, hook, webhooks) = (Arc::clone(&path), Arc::clone(&hook), Arc::clone(&webhooks));
        Ok(Box::new(Call { path, arguments, hook, webhooks, time }))
    })
}

/// A call that is ready to be made.
struct Call {
    path: Arc<str>,
    arguments: Map<String, Value>,
    hook: Arc<Option<Hook>>,
    webhooks: Arc<Webhooks>,
    time: Duration,
}

impl Runnable for Call {
    fn run<'a>(&'a mut self, context: &'a Context) -> BoxFuture<'a, Result<Reply<Data>>> {
        let work = async {
            let payload = json!({
                "run_id": context.run_id(),
                "command": &*self.path,
                "args": self.arguments,
                "caller": context.caller().ok(),
            });
            let hook = self.hook.as_ref().as_ref().ok_or_else(|| Error::internal("there is nothing to call"))?;
            let (target, secret, payload) = (&hook.target, hook.secret.as_ref(), payload.to_string().into());
            let answer = self.webhooks.call(target, secret, context.run_id(), payload, self.time).await?;
            Ok(Reply { message: answer.message, data: answer.data })
        };
        work.boxed()
    }

    fn cleanup<'a>(&'a mut self, _context: &'a Context) -> BoxFuture<'a, Result<()>> {
        ready(Ok(())).boxed()
    }
}
