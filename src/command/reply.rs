//! What a command gives back.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::to_raw_value;

use crate::error::{Error, Result};
use crate::json::Data;

/// A success: a sentence for people, and what a program reads from it.
#[derive(Clone, Debug)]
pub struct Reply<T> {
    pub message: Cow<'static, str>,
    pub data: Option<T>,
}

impl<T> Reply<T> {
    pub fn new(message: impl Into<Cow<'static, str>>, data: T) -> Self {
        Self { message: message.into(), data: Some(data) }
    }
}

impl Reply<()> {
    pub fn message(message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), data: None }
    }
}

impl<T: Serialize> Reply<T> {
    /// Writes the data down. Fails with `internal` when it has no form in JSON.
    pub(super) fn encode(self) -> Result<Reply<Data>> {
        let data = self.data.map(|data| to_raw_value(&data)).transpose().map_err(Error::internal)?;
        Ok(Reply { message: self.message, data })
    }
}
