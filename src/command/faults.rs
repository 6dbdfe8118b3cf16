//! What is wrong with the arguments of a command, as its caller is told.

use serde_json::{Map, Value};

use crate::error::{Code, Error};

/// What is wrong with the arguments, all of it, by argument.
#[derive(Debug, Default)]
pub struct Faults {
    by_argument: Map<String, Value>,
    /// Of how many arguments nothing is said.
    unlisted: usize,
    hint: Option<String>,
}

impl Faults {
    /// A request may hold more wrong arguments than anybody reads; beyond these they are not listed.
    const LISTED: usize = 32;
    /// Of these the message speaks.
    const SPOKEN: usize = 5;

    /// What is wrong with a word that a client made up, of which there may be many; see [`Faults::add`].
    pub(super) fn add_stray(&mut self, argument: &str, fault: &'static str) {
        if self.by_argument.len() < Self::LISTED || self.has(argument) {
            self.add(argument, fault);
        } else {
            self.unlisted += 1;
        }
    }

    /// `fault` is the second half of a sentence that begins with the argument's name.
    pub(super) fn add(&mut self, argument: &str, fault: impl Into<String>) {
        let faults = self.by_argument.entry(argument).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(faults) = faults {
            faults.push(fault.into().into());
        }
    }

    /// The first hint is the one that is given.
    pub(super) fn suggest(&mut self, hint: String) {
        self.hint.get_or_insert(hint);
    }

    pub(super) fn has(&self, argument: &str) -> bool {
        self.by_argument.contains_key(argument)
    }

    /// Fails with `invalid_arguments` if there are any.
    pub(super) fn into_result(self, usage: &str) -> Result<(), Error> {
        if self.by_argument.is_empty() {
            return Ok(());
        }
        let sentences = self.by_argument.iter().map(|(argument, faults)| {
            let first = faults.get(0).and_then(Value::as_str).unwrap_or_default();
            format!("`{argument}` {first}.")
        });
        let more = self.by_argument.len().saturating_sub(Self::SPOKEN) + self.unlisted;
        let more = (more > 0).then(|| format!("{more} more arguments are wrong."));
        let message = sentences.take(Self::SPOKEN).chain(more).collect::<Vec<_>>().join(" ");
        let hint = self.hint.into_iter().chain([format!("Usage: {usage}")]).collect::<Vec<_>>().join(" ");
        Err(Error::new(Code::InvalidArguments, message).with_hint(hint).with_data(Value::Object(self.by_argument)))
    }
}
