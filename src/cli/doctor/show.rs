//! Checks as people read them, or as programs do.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

use serde_json::json;

use super::super::failure::Failure;
use super::super::visible::visible;
use super::check::{Check, Outcome};
use crate::config;

/// Where the checks go: a line each, at once; or one JSON document in the end.
pub(super) struct Show {
    is_json: bool,
    has_colour: bool,
    checks: Vec<Check>,
}

impl Show {
    pub(super) fn new(is_json: bool) -> Self {
        let has_colour = io::stdout().is_terminal() && !config::no_color();
        Self { is_json, has_colour, checks: Vec::new() }
    }

    /// Fails when nobody reads.
    pub(super) fn add(&mut self, check: Check) -> Result<(), Failure> {
        if !self.is_json {
            let mut out = io::stdout().lock();
            out.write_all(self.lines(&check).as_bytes())?;
            out.flush()?;
        }
        self.checks.push(check);
        Ok(())
    }

    /// The worst of all outcomes. Fails when nobody reads.
    pub(super) fn end(self) -> Result<Outcome, Failure> {
        let worst = self.checks.iter().map(|check| check.outcome).max().unwrap_or(Outcome::Ok);
        if self.is_json {
            writeln!(io::stdout(), "{:#}", json!({ "outcome": worst, "checks": self.checks }))?;
        }
        Ok(worst)
    }

    /// `✓  port      127.0.0.1:8000 is free.`, and below it what to do.
    fn lines(&self, check: &Check) -> String {
        const INDENT: &str = "\n              ";
        let (mark, colour) = match check.outcome {
            Outcome::Ok => ("✓", "32"),
            Outcome::Warning => ("!", "33"),
            Outcome::Failed => ("✗", "31"),
            Outcome::Skipped => ("–", "90"),
        };
        let mut lines = format!("{}  {:<9}  {}", self.painted(mark, colour), check.name, visible(&check.message));
        for line in check.hint.iter().flat_map(|hint| hint.lines()) {
            lines.push_str(INDENT);
            lines.push_str(&visible(line));
        }
        lines + "\n"
    }

    fn painted<'a>(&self, text: &'a str, colour: &str) -> Cow<'a, str> {
        if self.has_colour { format!("\u{1b}[{colour}m{text}\u{1b}[0m").into() } else { text.into() }
    }
}
