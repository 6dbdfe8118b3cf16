//! Why NATS cannot be used, for the operator.

use std::fmt;

/// What is wrong, and what would be right.
#[derive(Debug)]
pub struct Unusable {
    pub message: String,
    pub hint: String,
}

impl Unusable {
    pub(super) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Unusable {}
