//! What a check has found.

use std::borrow::Cow;

use serde::Serialize;

use super::super::failure::Failure;

/// How it went; the later the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Outcome {
    /// There was nothing to look at.
    Skipped,
    Ok,
    /// It works, and may not for long.
    Warning,
    Failed,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) outcome: Outcome,
    /// What was found.
    pub(super) message: String,
    /// What to do; always there when the check failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hint: Option<Cow<'static, str>>,
}

impl Check {
    pub(super) fn ok(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, outcome: Outcome::Ok, message: message.into(), hint: None }
    }

    pub(super) fn skipped(name: &'static str, message: impl Into<String>) -> Self {
        Self { outcome: Outcome::Skipped, ..Self::ok(name, message) }
    }

    pub(super) fn warning(name: &'static str, message: impl Into<String>, hint: impl Into<Cow<'static, str>>) -> Self {
        Self { outcome: Outcome::Warning, ..Self::ok(name, message) }.hint(hint)
    }

    pub(super) fn failed(name: &'static str, message: impl Into<String>, hint: impl Into<Cow<'static, str>>) -> Self {
        Self { outcome: Outcome::Failed, ..Self::ok(name, message) }.hint(hint)
    }

    /// Failed, as a command would have said it.
    pub(super) fn of_failure(name: &'static str, failure: Failure) -> Self {
        match failure {
            Failure::Said { message, hint, .. } => Self::failed(name, message, hint),
            Failure::Unread => Self::skipped(name, "Nobody listens."),
        }
    }

    pub(super) fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
