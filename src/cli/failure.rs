//! How a command of the terminal says that it failed.

use std::fmt::Display;
use std::io;
use std::process::ExitCode;

use super::USAGE;
use crate::config::ConfigError;
use crate::error::Error;
use crate::keystore::KeyError;

/// Why a command ended without what it was for.
#[derive(Debug)]
pub(super) enum Failure {
    /// What went wrong, and what to do.
    Said { message: String, hint: String, code: u8 },
    /// Whoever read our output has enough, which is no failure.
    Unread,
}

impl Failure {
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Said { message: message.into(), hint: hint.into(), code: 1 }
    }

    /// The words of the command line cannot be used.
    pub(super) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Said { message: message.into(), hint: hint.into(), code: USAGE }
    }

    fn end(self) -> ExitCode {
        match self {
            Self::Said { message, hint, code } => {
                tell(format_args!("{message}\n  {hint}"));
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
    fn from(error: Error) -> Self {
        Self::new(format!("{}: {}", error.code.as_str(), error.message), error.hint.unwrap_or_default())
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
