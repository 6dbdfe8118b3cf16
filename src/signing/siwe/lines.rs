//! The lines of a message, taken from the first to the last.

use std::iter::Peekable;
use std::str::Split;

use super::fault::Fault;
use super::grammar;

/// What of the text has not been read yet.
pub struct Lines<'a>(Peekable<Split<'a, char>>);

impl<'a> Lines<'a> {
    pub fn of(text: &'a str) -> Self {
        Self(text.split('\n').peekable())
    }

    /// The next line, which is `label` and what `read` takes.
    pub fn required<T>(&mut self, label: &str, fault: Fault, read: fn(&'a str) -> Option<T>) -> Result<T, Fault> {
        self.0.next().and_then(|line| line.strip_prefix(label)).and_then(read).ok_or(fault)
    }

    /// The same, if the next line begins with `label`.
    pub fn optional<T>(
        &mut self,
        label: &str,
        fault: Fault,
        read: fn(&'a str) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        let is_there = self.0.peek().is_some_and(|line| line.starts_with(label));
        is_there.then(|| self.required(label, fault, read)).transpose()
    }

    /// A blank line, the statement if there is one, and a blank line. Where the second line is blank, the third tells no
    /// statement from an empty one.
    pub fn statement(&mut self) -> Result<Option<String>, Fault> {
        self.blank()?;
        let statement = self.required("", Fault::Statement, grammar::statement)?;
        if statement.is_empty() && self.0.peek().is_some_and(|line| !line.is_empty()) {
            return Ok(None);
        }
        self.blank()?;
        Ok(Some(statement))
    }

    /// The line `Resources:` and all that follow it, if it is the next.
    pub fn resources(&mut self) -> Result<Vec<String>, Fault> {
        let mut resources = Vec::new();
        if self.0.next_if_eq(&"Resources:").is_some() {
            while self.0.peek().is_some() {
                resources.push(self.required("- ", Fault::Resources, grammar::uri)?);
            }
        }
        Ok(resources)
    }

    pub fn end(mut self) -> Result<(), Fault> {
        self.0.next().map_or(Ok(()), |_| Err(Fault::Order))
    }

    fn blank(&mut self) -> Result<(), Fault> {
        self.required("", Fault::Statement, |line| line.is_empty().then_some(()))
    }
}
