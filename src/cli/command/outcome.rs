//! What a command came to, as it is printed, and what the process ends with.

use std::io::{self, Write};
use std::process::ExitCode;

use serde_json::Value;

use crate::cli::failure::{Failure, tell};
use crate::cli::visible::visible;
use crate::cli::{INTERRUPTED, USAGE};
use crate::error::{Code, Error};
use crate::pipeline::Answer;

/// An answer, as it came.
pub(super) struct Outcome(pub(super) Value);

impl From<Result<Answer, Error>> for Outcome {
    fn from(answer: Result<Answer, Error>) -> Self {
        let answer = answer.unwrap_or_else(|error| Answer::from(&error));
        // Its members are texts, and JSON that was written already.
        Self(serde_json::to_value(&answer).unwrap_or_default())
    }
}

impl Outcome {
    fn text(&self, member: &str) -> &str {
        self.0.get(member).and_then(Value::as_str).unwrap_or_default()
    }

    /// What to do next; what is done here by a flag is not told as others do it.
    fn hint(&self) -> &str {
        match Code::of(self.text("code")) {
            Some(Code::SignatureRequired | Code::IdentityRequired) => {
                "Name the key that signs it: --key NAME. `nexus keys list` prints those there are, `nexus keys new` makes one."
            }
            Some(_) | None => self.text("hint"),
        }
    }

    pub(super) fn is_pending(&self) -> bool {
        self.text("status") == "pending"
    }

    pub(super) fn run_id(&self) -> Option<&str> {
        self.0.get("run_id").and_then(Value::as_str)
    }

    /// Prints the result to standard output, and what went wrong to standard error.
    pub(super) fn print(&self, as_json: bool) -> Result<(), Failure> {
        let is_failure = self.text("status") == "error";
        let mut out = io::stdout().lock();
        if as_json {
            writeln!(out, "{}", self.0)?;
        } else if !is_failure {
            writeln!(out, "{}", lines(self.text("message")))?;
        }
        if is_failure {
            let (code, message, hint) = (visible(self.text("code")), self.text("message"), self.hint());
            let hint = if hint.is_empty() { String::new() } else { format!("\n  {}", lines(hint)) };
            tell(format_args!("{code}: {}{hint}", lines(message)));
        }
        Ok(out.flush()?)
    }

    /// What the process ends with where nobody interrupted it: 2 for what the caller has typed wrong.
    pub(super) fn code(&self) -> ExitCode {
        if self.text("status") != "error" {
            return ExitCode::SUCCESS;
        }
        match Code::of(self.text("code")) {
            Some(
                Code::InvalidArguments
                | Code::UnknownCommand
                | Code::MalformedCommand
                | Code::MalformedRequest
                | Code::EmptyCommand,
            ) => USAGE.into(),
            Some(_) | None => ExitCode::FAILURE,
        }
    }

    /// What the process ends with after an interrupt: a service ends by it as it should.
    pub(super) fn code_after_interrupt(&self, is_service: bool) -> ExitCode {
        if is_service && self.text("code") != Code::Cancelled.as_str() { self.code() } else { INTERRUPTED.into() }
    }
}

/// A text of several lines that cannot play with the terminal.
fn lines(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}
