//! The one shape of everything that is said about a command.

use serde::Serialize;
use serde_json::value::to_raw_value;
use uuid::Uuid;

use crate::command::{Data, Reply};
use crate::error::{Code, Error};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Success,
    Error,
}

/// `{status, message, data?, code?, hint?, run_id?}`: the body of an answer, and the `result` of an event.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    pub status: Status,
    /// A sentence for people; never empty.
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<Uuid>,
}

impl From<Reply<Data>> for Answer {
    fn from(reply: Reply<Data>) -> Self {
        let message = if reply.message.is_empty() { "Done.".to_owned() } else { reply.message.into_owned() };
        Self { status: Status::Success, message, data: reply.data, code: None, hint: None, run_id: None }
    }
}

impl From<&Error> for Answer {
    fn from(error: &Error) -> Self {
        Self {
            status: Status::Error,
            message: error.message.to_string(),
            data: error.data.as_ref().and_then(|data| to_raw_value(data).ok()),
            code: Some(error.code),
            hint: error.hint.as_ref().map(ToString::to_string),
            run_id: None,
        }
    }
}
