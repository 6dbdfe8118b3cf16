//! What stands in the two streams of runs, and how it is read again.

use async_nats::{HeaderMap, HeaderValue};
use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Names, unavailable};
use crate::address::Address;
use crate::error::{Code, Error, Result};
use crate::run::{Ended, Opened, Status};

const RUN: &str = "Nexus-Run";
const COMMAND: &str = "Nexus-Command";
const STATUS: &str = "Nexus-Status";
const CODE: &str = "Nexus-Code";
const OPENED: &str = "Nexus-Opened";
const FINISHED: &str = "Nexus-Finished";

/// What is written down when a request is taken: that a run begins or, without one, that a nonce is used up.
#[derive(Debug, Serialize, Deserialize)]
pub struct Admission {
    /// Names this taking among all: who reads its own name has taken it, whatever became of the acknowledgement.
    pub id: Uuid,
    pub instance: Uuid,
    /// Of the request, in hex, where it is recognised by a nonce.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<Begun>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Begun {
    pub command: String,
    pub text: String,
    /// In milliseconds since 1970.
    pub at: i64,
    /// An event of the log that was there before it; its own end comes later.
    pub after: u64,
}

impl Admission {
    pub fn encode(&self) -> Result<Bytes> {
        serde_json::to_vec(self).map(Bytes::from).map_err(Error::internal)
    }

    pub fn read(payload: &[u8]) -> Result<Self> {
        serde_json::from_slice(payload).map_err(unavailable)
    }

    /// The run that it opens, if it opens one.
    pub fn opened(&self, address: Address) -> Option<Opened> {
        let begun = self.run.clone()?;
        Some(Opened { id: self.id, address, command: begun.command, text: begun.text, at: time(begun.at) })
    }
}

impl Begun {
    pub fn of(run: &Opened) -> Self {
        Self { command: run.command.clone(), text: run.text.clone(), at: run.at.as_millisecond(), after: 0 }
    }
}

/// What the headers of an event say of the run that has ended.
#[derive(Clone, Debug)]
pub struct Headline {
    pub run: Uuid,
    pub command: String,
    pub status: Status,
    pub code: Option<Code>,
    pub opened_at: Timestamp,
    pub finished_at: Timestamp,
}

impl Headline {
    pub fn encode(opened: &Opened, ended: &Ended) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(RUN, ended.id.to_string());
        headers.insert(COMMAND, opened.command.as_str());
        headers.insert(STATUS, ended.status.as_str());
        if let Some(code) = ended.code {
            headers.insert(CODE, code.as_str());
        }
        headers.insert(OPENED, opened.at.as_millisecond().to_string());
        headers.insert(FINISHED, ended.at.as_millisecond().to_string());
        headers
    }

    /// The run whose end an event is; none for a record that none of us has written.
    pub fn run(headers: &HeaderMap) -> Option<Uuid> {
        headers.get(RUN)?.as_str().parse().ok()
    }

    /// As above.
    pub fn read(headers: &HeaderMap) -> Option<Self> {
        let text = |name: &str| headers.get(name).map(HeaderValue::as_str);
        let at = |name| text(name).and_then(|millisecond| millisecond.parse().ok()).map(time);
        Some(Self {
            run: Self::run(headers)?,
            command: text(COMMAND)?.to_owned(),
            status: Status::of(text(STATUS)?)?,
            code: text(CODE).and_then(Code::of),
            opened_at: at(OPENED)?,
            finished_at: at(FINISHED)?,
        })
    }
}

/// A record of either stream with whose it is.
pub fn address(subject: &str) -> Result<Address> {
    Names::address_of(subject).ok_or_else(|| unavailable("a record is nobody's"))
}

fn time(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap_or(Timestamp::UNIX_EPOCH)
}
