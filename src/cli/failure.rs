//! How a command of the terminal says that it failed.

use std::error::Error as StdError;
use std::fmt::Display;
use std::io;
use std::iter::successors;
use std::process::ExitCode;

use tracing::error;

use super::USAGE;
use crate::config::ConfigError;
use crate::error::{Error, abridged};
use crate::keystore::KeyError;

/// Why a command ended without what it was for.
#[derive(Debug)]
pub(super) enum Failure {
    /// What went wrong, and what to do.
    Said { message: String, hint: String, code: u8, cause: Option<Cause> },
    /// Whoever read our output has enough, which is no failure.
    Unread,
}

type Cause = Box<dyn StdError + Send + Sync>;

impl Failure {
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Said { message: message.into(), hint: hint.into(), code: 1, cause: None }
    }

    /// The words of the command line cannot be used.
    pub(super) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Said { message: message.into(), hint: hint.into(), code: USAGE, cause: None }
    }

    /// The machine does not give us what every program is given.
    pub(super) fn of_the_machine(error: io::Error) -> Self {
        Self::new("The system refuses what every program needs.", "Look at its limits (ulimit -a).").caused_by(error)
    }

    pub(super) fn caused_by(self, error: impl Into<Cause>) -> Self {
        match self {
            Self::Said { message, hint, code, .. } => Self::Said { message, hint, code, cause: Some(error.into()) },
            Self::Unread => Self::Unread,
        }
    }

    /// Tells it on the terminal.
    pub(super) fn end(self) -> ExitCode {
        match &self {
            Self::Said { code, .. } => {
                tell(abridged(&self.words()));
                (*code).into()
            }
            Self::Unread => ExitCode::SUCCESS,
        }
    }

    /// What is told: what went wrong, what to do, and all that led to it.
    fn words(&self) -> String {
        let Self::Said { message, hint, cause, .. } = self else { return String::new() };
        let mut words = message.clone();
        if !hint.is_empty() {
            words.push_str(&format!("\n  {hint}"));
        }
        let first = cause.as_ref().map(|cause| cause.as_ref() as &dyn StdError);
        for cause in successors(first, |error| (**error).source()) {
            words.push_str(&format!("\n  because: {cause}"));
        }
        words
    }

    /// Writes it into the log, where there is one.
    pub(super) fn log(self) -> ExitCode {
        match self {
            Self::Said { message, code, cause: Some(cause), .. } => {
                error!(error = cause.as_ref() as &dyn StdError, "{}", abridged(&message));
                code.into()
            }
            Self::Said { message, code, cause: None, .. } => {
                error!("{}", abridged(&message));
                code.into()
            }
            Self::Unread => ExitCode::SUCCESS,
        }
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        Self::new(error.message, error.hint)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.message, error.hint)
    }
}

impl From<Error> for Failure {
    fn from(mut error: Error) -> Self {
        let hint = error.hint.take().unwrap_or_default();
        let failure = Self::new(format!("{}: {}", error.code.as_str(), error.message), hint);
        match error.into_source() {
            Some(cause) => failure.caused_by(cause),
            None => failure,
        }
    }
}

/// Of standard output: all that is read says itself what could not be read.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::Unread;
        }
        Self::new(format!("Standard output cannot be written: {error}."), "Look at where it goes to.")
    }
}

/// What the process ends with; a failure is told.
pub(super) fn end(outcome: Result<ExitCode, Failure>) -> ExitCode {
    outcome.unwrap_or_else(Failure::end)
}

/// A word to the user, beside what the command prints.
#[expect(clippy::print_stderr, reason = "this is where it is said")]
pub(super) fn tell(words: impl Display) {
    eprintln!("nexus: {words}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_led_to_a_failure_is_told() {
        let disk = io::Error::other("the disk is gone");
        let failure = Failure::from(Error::store_unavailable(Error::internal(disk)));
        let words = failure.words();
        let lines: Vec<_> = words.lines().skip(2).collect();
        assert!(words.starts_with("store_unavailable: The server cannot reach its database.\n  Try again"), "{words}");
        assert_eq!(lines, ["  because: Something went wrong on the server.", "  because: the disk is gone"]);
    }
}
