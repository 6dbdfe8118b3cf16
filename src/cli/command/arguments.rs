//! From the words that were read to typed arguments.

use clap::ArgMatches;
use clap::parser::ValueSource;
use serde_json::{Map, Value};

use crate::command::{Kind, Parameter};

/// What an argument is called among all words, ours too.
pub(super) fn id_of(name: &str) -> String {
    format!("argument {name}")
}

/// What the opposite of a switch is called; none where the command has an argument of that name itself.
pub(super) fn negated(parameters: &[Parameter], name: &str) -> Option<String> {
    let opposite = format!("no_{name}");
    let is_taken = parameters.iter().any(|parameter| parameter.name.replace('-', "_") == opposite);
    (!is_taken).then(|| format!("not {}", id_of(name)))
}

/// Whether an argument takes all words that are left: the last of those that have no name, where it is a text.
pub(super) fn is_rest(parameters: &[Parameter], parameter: &Parameter) -> bool {
    let last = parameters.iter().rfind(|parameter| parameter.required && parameter.kind.is_scalar());
    last.is_some_and(|last| last.name == parameter.name) && matches!(parameter.kind, Kind::Text { .. })
}

/// What was given of these parameters, on the command line or by the environment.
pub(super) fn read(parameters: &[Parameter], matches: &ArgMatches) -> Map<String, Value> {
    let given = parameters.iter().filter_map(|parameter| {
        let id = id_of(&parameter.name);
        if is_turned_off(parameters, parameter, matches) {
            return Some((parameter.name.clone(), Value::Bool(false)));
        }
        let mut values = matches.get_many::<Value>(&id)?.cloned();
        let value = match &parameter.kind {
            // A variable has all of them in one.
            Kind::List(_) if matches.value_source(&id) == Some(ValueSource::EnvVariable) => values.next()?,
            Kind::List(_) => values.collect(),
            Kind::Text { .. } if values.len() > 1 => {
                let words: Vec<_> = values.filter_map(|word| word.as_str().map(str::to_owned)).collect();
                words.join(" ").into()
            }
            _ => values.next()?,
        };
        Some((parameter.name.clone(), value))
    });
    given.collect()
}

/// Whether a switch is turned off by the last word about it.
fn is_turned_off(parameters: &[Parameter], parameter: &Parameter, matches: &ArgMatches) -> bool {
    if parameter.kind != Kind::Boolean || parameter.required {
        return false;
    }
    let Some(off) = negated(parameters, &parameter.name) else { return false };
    let place = |id: &str| {
        let is_typed = matches.value_source(id) == Some(ValueSource::CommandLine);
        matches.indices_of(id).filter(|_| is_typed).and_then(Iterator::max)
    };
    place(&off) > place(&id_of(&parameter.name))
}
