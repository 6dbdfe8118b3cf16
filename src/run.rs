//! A run: one execution of a command, from its admission to its one result.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::to_raw_value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::address::Address;
use crate::error::{Code, Error, Result};
use crate::json::{Data, LARGEST_INTEGER};

/// What a run has come to; also what an answer says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Pending,
    Success,
    Error,
}

impl Status {
    pub const ALL: [Self; 3] = [Self::Pending, Self::Success, Self::Error];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Success => "success",
            Self::Error => "error",
        }
    }

    /// The status with this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// What is written down of a run before it begins.
#[derive(Clone, Debug)]
pub struct Opened {
    /// A UUID of version 7: ids of later runs are larger.
    pub id: Uuid,
    /// Whose it is.
    pub address: Address,
    /// The path of the form that runs, in our words: `/identity/delete`.
    pub command: String,
    /// The command text as it was sent.
    pub text: String,
    pub at: Timestamp,
}

/// What a caller sends along so that a request that is sent twice runs once
/// (draft-ietf-httpapi-idempotency-key-header).
#[derive(Clone, Debug)]
pub struct Idempotency {
    pub key: String,
    /// Differs when what is asked for differs.
    pub fingerprint: [u8; 32],
}

/// What a signer gives a request so that nobody can send it again: the name of one request among all of its signer.
#[derive(Clone, Debug)]
pub struct Nonce {
    pub value: String,
    /// Differs when what is asked for differs.
    pub fingerprint: [u8; 32],
    /// Until when it would be good, in unix seconds.
    pub dies_at: i64,
}

/// By what a request is recognised that comes again.
#[derive(Clone, Debug, Default)]
pub struct Once {
    pub nonce: Option<Nonce>,
    pub idempotency: Option<Idempotency>,
}

impl Once {
    /// A new id for what is asked for so: a UUID of version 7 (RFC 9562), larger than those before it.
    ///
    /// Where the request has a nonce, or else an idempotency key, the id ends in the first four bytes of the SHA-256 of it, so
    /// that a client that hears of its run on a stream before it is answered knows it for its own.
    pub fn run_id(&self) -> Uuid {
        let nonce = self.nonce.as_ref().map(|nonce| &nonce.value);
        let mark = nonce.or(self.idempotency.as_ref().map(|idempotency| &idempotency.key));
        let id = Uuid::now_v7();
        let Some(mark) = mark else { return id };
        // The time and the counter that make ids rise stand before these.
        let [a, b, c, d, ..] = Sha256::digest(mark).0;
        Uuid::from_u128(id.as_u128() >> 32 << 32 | u128::from(u32::from_be_bytes([a, b, c, d])))
    }
}

/// What is written down when a run ends.
#[derive(Clone, Debug)]
pub struct Ended {
    pub id: Uuid,
    pub address: Address,
    pub status: Status,
    pub code: Option<Code>,
    pub at: Timestamp,
    /// The data of its `command_result`.
    pub data: String,
}

/// How far a command has come: `current` of `total`, counted in `unit`.
#[derive(Clone, Debug, Serialize)]
#[must_use]
pub struct Progress {
    pub current: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<&'static str>,
    /// A sentence for people.
    #[serde(skip)]
    pub message: Option<Cow<'static, str>>,
    /// What a program reads from it.
    #[serde(skip)]
    pub data: Option<Data>,
}

impl Progress {
    /// The largest message and data together, in bytes.
    pub const LARGEST: usize = 64 * 1024;

    pub const fn new(current: u64) -> Self {
        Self { current, total: None, unit: None, message: None, data: None }
    }

    pub fn of(self, total: u64) -> Self {
        Self { total: Some(total), ..self }
    }

    pub fn in_units(self, unit: &'static str) -> Self {
        Self { unit: Some(unit), ..self }
    }

    pub fn with_message(self, message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: Some(message.into()), ..self }
    }

    /// Fails with `internal` when `data` has no form in JSON.
    pub fn with_data(self, data: &impl Serialize) -> Result<Self> {
        Ok(Self { data: Some(to_raw_value(data).map_err(Error::internal)?), ..self })
    }

    /// Without what would be too large to be told many times a second.
    pub fn bounded(mut self) -> Self {
        // What is larger is read as another number by JavaScript.
        let most = LARGEST_INTEGER.unsigned_abs();
        (self.current, self.total) = (self.current.min(most), self.total.map(|total| total.min(most)));
        let message = self.message.as_ref().map_or(0, |message| message.len());
        if message + self.data.as_ref().map_or(0, |data| data.get().len()) > Self::LARGEST {
            (self.message, self.data) = (None, None);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(nonce: Option<&str>, key: Option<&str>) -> Once {
        let fingerprint = [0; 32];
        Once {
            nonce: nonce.map(|value| Nonce { value: value.to_owned(), fingerprint, dies_at: 0 }),
            idempotency: key.map(|key| Idempotency { key: key.to_owned(), fingerprint }),
        }
    }

    #[test]
    fn an_id_ends_in_the_mark_of_who_asked() {
        let end = |once: Once| once.run_id().simple().to_string()[24..].to_owned();
        // SHA-256 of "abc", as FIPS 180-4 has it.
        assert_eq!(end(asked(Some("abc"), None)), "ba7816bf");
        assert_eq!(end(asked(None, Some("abc"))), "ba7816bf");
        assert_eq!(end(asked(Some("abc"), Some("def"))), "ba7816bf");
        assert_ne!(end(asked(None, None)), end(asked(None, None)));
    }

    #[test]
    fn ids_rise_and_are_of_version_7_whoever_asks() {
        let ids: Vec<_> = (0..10_000).map(|_| asked(Some("abc"), None).run_id()).collect();
        assert!(ids.is_sorted_by(|one, next| one < next));
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }
}
