//! What a command gives back.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::error::{Error, Result};

/// JSON that is written once and then only copied, into the answer and into the event.
pub type Data = Box<RawValue>;

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
    /// The largest `data` in bytes; a result travels on every stream of its key.
    const LARGEST: usize = 256 * 1024;

    /// Writes the data down. Fails with `command_failed` when message and data together are too large to be sent.
    pub(super) fn encode(self) -> Result<Reply<Data>> {
        let data = self.data.map(|data| to_raw_value(&data)).transpose().map_err(Error::internal)?;
        if self.message.len() + data.as_ref().map_or(0, |data| data.get().len()) > Self::LARGEST {
            return Err(Error::failed("The result is larger than 256 KiB and was dropped.")
                .with_hint("Ask for less at a time."));
        }
        Ok(Reply { message: self.message, data })
    }
}
