//! From words and typed values to the arguments of one form.

use std::collections::VecDeque;

use serde_json::{Map, Value};

use super::nearest::{did_you_mean, shortened};
use super::words::Word;
use crate::command::faults::Faults;
use crate::command::parameter::{Kind, Parameter};
use crate::error::Result;

/// Reads the arguments that `parameters` declare; their order is that of the declaration. Fails with `invalid_arguments`,
/// which lists every fault.
pub fn read(
    parameters: &[Parameter],
    usage: &str,
    words: Vec<Word>,
    typed: Map<String, Value>,
) -> Result<Map<String, Value>> {
    let mut reader = Reader { parameters, given: Map::new(), faults: Faults::default() };
    reader.read_typed(typed);
    let positionals = reader.read_named(words);
    reader.fill(positionals);
    reader.check_required();
    reader.faults.into_result(usage)?;
    Ok(reader.given)
}

struct Reader<'a> {
    parameters: &'a [Parameter],
    given: Map<String, Value>,
    faults: Faults,
}

impl<'a> Reader<'a> {
    fn read_typed(&mut self, typed: Map<String, Value>) {
        for (name, value) in typed {
            match self.parameters.iter().find(|parameter| parameter.name == name) {
                None => self.unknown(&name, ""),
                Some(_) if value.is_null() => {}
                Some(parameter) => match parameter.kind.check(value) {
                    Ok(value) => drop(self.given.insert(name, value)),
                    Err(fault) => self.fault(parameter, fault),
                },
            }
        }
    }

    /// Takes the words that name an argument, with their values, and gives back the others.
    fn read_named(&mut self, words: Vec<Word>) -> VecDeque<String> {
        let mut positionals = VecDeque::new();
        let mut words = VecDeque::from(words);
        while let Some(word) = words.pop_front() {
            if word.plain() == Some("--") {
                positionals.extend(words.drain(..).map(Word::into_text));
            } else if let Some(option) = word.strip_plain("--") {
                match option.split_once('=') {
                    Some((name, value)) => self.option(name, Some(value), &mut words),
                    None => self.option(option, None, &mut words),
                }
            } else if let Some((parameter, value)) = self.pair(&word) {
                self.give(parameter, value);
            } else if word.strip_plain("-").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic())) {
                self.unknown(word.text(), "");
            } else {
                positionals.push_back(word.into_text());
            }
        }
        positionals
    }

    fn option(&mut self, name: &str, value: Option<&str>, words: &mut VecDeque<Word>) {
        let Some(parameter) = self.find(name) else {
            let negated = name.strip_prefix("no-").and_then(|name| self.find(name));
            match (negated, value) {
                (Some(parameter), None) if parameter.kind == Kind::Boolean => self.give(parameter, "false"),
                _ => self.unknown(name, "--"),
            }
            return;
        };
        match value {
            Some(value) => self.give(parameter, value),
            None if parameter.kind == Kind::Boolean => self.give(parameter, "true"),
            None => match words.pop_front_if(|next| next.strip_plain("--").is_none()) {
                Some(next) => self.give(parameter, next.text()),
                None => self.fault(parameter, "needs a value".to_owned()),
            },
        }
    }

    /// `key:value`, where `key` is an argument.
    fn pair<'w>(&self, word: &'w Word) -> Option<(&'a Parameter, &'w str)> {
        let (name, value) = word.plain()?.split_once(':')?;
        Some((self.find(name)?, value))
    }

    fn fill(&mut self, mut positionals: VecDeque<String>) {
        let mut open = self
            .parameters
            .iter()
            .filter(|parameter| parameter.required && parameter.kind.is_scalar())
            .filter(|parameter| !self.given.contains_key(&parameter.name))
            .collect::<VecDeque<_>>();
        while let Some(parameter) = open.pop_front() {
            let is_last_text = open.is_empty() && matches!(parameter.kind, Kind::Text { .. });
            if is_last_text && positionals.len() > 1 {
                let text = positionals.drain(..).collect::<Vec<_>>().join(" ");
                self.give(parameter, &text);
            } else if let Some(word) = positionals.pop_front() {
                self.give(parameter, &word);
            }
        }
        if let Some(word) = positionals.pop_front() {
            self.faults.add_stray(&shortened(&word), "is a word too many");
            let hint = if self.parameters.is_empty() {
                "It takes no arguments."
            } else {
                "Quote a text of several words, and name an optional argument."
            };
            self.faults.suggest(hint.to_owned());
        }
    }

    fn check_required(&mut self) {
        for parameter in self.parameters.iter().filter(|parameter| parameter.required) {
            if !self.given.contains_key(&parameter.name) && !self.faults.has(&parameter.name) {
                self.fault(parameter, "is missing".to_owned());
            }
        }
    }

    /// Reads one value, once, or once more for a list.
    fn give(&mut self, parameter: &Parameter, word: &str) {
        let value = match parameter.kind.read(word) {
            Ok(value) => value,
            Err(fault) => return self.fault(parameter, fault),
        };
        let value = match (self.given.get_mut(&parameter.name), &parameter.kind) {
            (Some(Value::Array(items)), Kind::List(_)) => return items.push(value),
            (Some(_), _) => return self.fault(parameter, "is given twice".to_owned()),
            (None, Kind::List(_)) => Value::Array(vec![value]),
            (None, _) => value,
        };
        self.given.insert(parameter.name.clone(), value);
    }

    /// Words may write a hyphen where the name has an underscore.
    fn find(&self, name: &str) -> Option<&'a Parameter> {
        let underscored = name.replace('-', "_");
        self.parameters.iter().find(|parameter| parameter.name == name || parameter.name == underscored)
    }

    fn unknown(&mut self, name: &str, prefix: &str) {
        let names = self.parameters.iter().map(|parameter| parameter.name.as_str());
        if let Some(question) = did_you_mean(name, names, prefix) {
            self.faults.suggest(question);
        }
        self.faults.add_stray(&shortened(name), "is no argument of this command");
    }

    fn fault(&mut self, parameter: &Parameter, fault: String) {
        self.faults.add(&parameter.name, fault);
    }
}
