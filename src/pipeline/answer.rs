//! The one shape of everything that is said about a command.

use serde::{Deserialize, Serialize};
use serde_json::value::to_raw_value;
use uuid::Uuid;

use crate::command::{Data, Reply};
use crate::error::{Code, Error, Result};
use crate::run::Status;

/// `{status, message, data?, code?, hint?, run_id?}`: the body of an answer, and the `result` of an event.
#[derive(Clone, Debug, Serialize, Deserialize)]
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
    /// Whether it was given before, to a request that came before.
    #[serde(skip)]
    pub replayed: bool,
}

impl Answer {
    /// The largest message, hint and data together, in bytes: an answer travels on every stream of its key.
    const LARGEST: usize = 256 * 1024;

    /// What is said of a run that has ended: of bounded size, and never without a message.
    pub fn of(outcome: Result<Reply<Data>>) -> Self {
        let mut answer = outcome.map_or_else(|error| Self::from(&error), Self::from);
        if answer.message.is_empty() {
            answer.message.push_str(if answer.code.is_some() { "The command failed." } else { "Done." });
        }
        if answer.size() > Self::LARGEST {
            let error = Error::failed("The result is larger than 256 KiB and was dropped.")
                .with_hint("Ask for less at a time.");
            answer = Self::from(&error);
        }
        answer
    }

    /// What is said to whoever does not want to wait.
    pub fn pending(run_id: Uuid) -> Self {
        Self {
            status: Status::Pending,
            message: "The command runs.".to_owned(),
            data: None,
            code: None,
            hint: Some(format!(
                "GET /api/v1/runs/{run_id} tells what becomes of it, and so do the streams of your key."
            )),
            run_id: Some(run_id),
            replayed: false,
        }
    }

    fn size(&self) -> usize {
        let texts = [Some(&self.message), self.hint.as_ref()];
        // A character takes six bytes at most when it is escaped; only what could be too long is looked at.
        let escaped = |text: &String| match text.len() {
            short if short < Self::LARGEST / 32 => short,
            _ => serde_json::to_string(text).map_or(usize::MAX, |json| json.len()),
        };
        let texts: usize = texts.into_iter().flatten().map(escaped).sum();
        texts + self.data.as_ref().map_or(0, |data| data.get().len())
    }
}

impl From<Reply<Data>> for Answer {
    fn from(reply: Reply<Data>) -> Self {
        let message = reply.message.into_owned();
        Self {
            status: Status::Success,
            message,
            data: reply.data,
            code: None,
            hint: None,
            run_id: None,
            replayed: false,
        }
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
            replayed: false,
        }
    }
}
