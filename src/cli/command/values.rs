//! How a word becomes a value, as the server reads it.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::parser::ValueSource;
use clap::{Arg, Command, Error};
use serde_json::Value;

use crate::command::Kind;

/// What reads the words of one argument; of a list each word is an item, and a variable has them with commas between.
#[derive(Clone)]
pub(super) struct Words {
    item: Kind,
    is_list: bool,
}

impl Words {
    pub(super) fn of(kind: &Kind) -> Self {
        match kind {
            Kind::List(item) => Self { item: (**item).clone(), is_list: true },
            kind => Self { item: kind.clone(), is_list: false },
        }
    }

    /// All that it may be, where that can be listed. Variables mostly say 1 and 0 where a word says true and false.
    fn choices(&self) -> Option<Vec<PossibleValue>> {
        match &self.item {
            Kind::Choice(choices) => Some(choices.iter().map(PossibleValue::new).collect()),
            Kind::Boolean => {
                let numbers = ["1", "0"].map(|number| PossibleValue::new(number).hide(true));
                Some(["true", "false"].map(PossibleValue::new).into_iter().chain(numbers).collect())
            }
            _ => None,
        }
    }
}

impl TypedValueParser for Words {
    type Value = Value;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, word: &OsStr) -> Result<Value, Error> {
        let Some(choices) = self.choices() else {
            let item = self.item.clone();
            let read = move |word: &str| item.read(word);
            return read.parse_ref(command, arg, word);
        };
        let word = PossibleValuesParser::new(choices).parse_ref(command, arg, word)?;
        Ok(match &self.item {
            Kind::Boolean => Value::Bool(word == "true" || word == "1"),
            _ => word.into(),
        })
    }

    fn parse_ref_(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        word: &OsStr,
        source: ValueSource,
    ) -> Result<Value, Error> {
        match word.to_str().filter(|_| self.is_list && source == ValueSource::EnvVariable) {
            Some(items) => items.split(',').map(|item| self.parse_ref(command, arg, item.trim().as_ref())).collect(),
            None => self.parse_ref(command, arg, word),
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        self.choices().map(|choices| Box::new(choices.into_iter()) as Box<dyn Iterator<Item = PossibleValue>>)
    }
}

pub(super) fn placeholder(kind: &Kind) -> &'static str {
    match kind {
        Kind::Integer { .. } | Kind::Number { .. } => "N",
        Kind::Text { .. } => "TEXT",
        Kind::Slug { .. } => "NAME",
        Kind::Choice(_) | Kind::Boolean => "WORD",
        Kind::Json => "JSON",
        Kind::List(item) => placeholder(item),
    }
}
