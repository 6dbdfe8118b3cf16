//! What a bucket holds, as the leader of its stream has it. While none answers, it is asked again: whoever calls bounds the time.

use std::collections::BTreeMap;
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::header::{NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, NATS_MESSAGE_ID};
use async_nats::jetstream::context::RequestErrorKind;
use async_nats::jetstream::message::StreamMessage;
use async_nats::jetstream::response::Response;
use async_nats::jetstream::stream::RawMessage;
use async_nats::jetstream::{self, ErrorCode, kv};
use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::nats::{Nats, Put, Record, unavailable};

/// How long it is until a leader is asked again.
const PAUSE: Duration = Duration::from_millis(50);

/// By this header of a record without a payload, everybody who reads buckets knows that something was deleted.
const OPERATION: &str = "KV-Operation";

pub(super) struct Bucket {
    nats: Nats,
    stream: String,
    /// By what its subjects begin.
    prefix: String,
}

/// What stands under some keys.
pub(super) struct Listing {
    pub(super) keys: Vec<String>,
    /// How large the whole bucket is.
    pub(super) bytes: u64,
}

/// What is answered when a record is asked for.
#[derive(Deserialize)]
struct Found {
    message: RawMessage,
}

/// What is answered when the keys are asked for.
#[derive(Deserialize)]
struct Information {
    state: State,
}

#[derive(Deserialize)]
struct State {
    bytes: u64,
    #[serde(default)]
    subjects: Option<BTreeMap<String, u64>>,
}

impl Bucket {
    pub(super) fn new(nats: Nats, bucket: &kv::Store) -> Self {
        Self { nats, stream: bucket.stream_name.clone(), prefix: bucket.prefix.clone() }
    }

    /// What was put last under a key, or deleted: then it has no payload.
    pub(super) async fn last(&self, key: &str) -> Result<Option<StreamMessage>> {
        self.find(&json!({ "last_by_subj": self.subject(key) })).await
    }

    /// What stands under these keys: no more than 100,000 are told.
    pub(super) async fn list(&self, keys: &str) -> Result<Listing> {
        let question = json!({ "subjects_filter": self.subject(keys) });
        let Information { state } =
            self.ask("INFO", &question).await?.ok_or_else(|| unavailable("the bucket is not there"))?;
        let keys = state.subjects.unwrap_or_default().into_keys().map(|subject| self.key(&subject)).collect();
        Ok(Listing { keys, bytes: state.bytes })
    }

    /// Puts something in the place of what has this revision, 0 where nothing ever stood; without a payload it deletes that.
    /// Returns the new revision, none where another stands there.
    pub(super) async fn put(&self, key: &str, revision: u64, payload: Bytes) -> Result<Option<u64>> {
        let mut headers = HeaderMap::new();
        headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, revision.to_string());
        if payload.is_empty() {
            headers.insert(OPERATION, "DEL");
        }
        let id = Uuid::now_v7().to_string();
        let record = Record { subject: self.subject(key), id: Some(id.clone()), headers, payload };
        loop {
            let error = match self.nats.put(&record).await {
                Ok(Put::Stored(sequence) | Put::Known(sequence)) => return Ok(Some(sequence)),
                Err(error) => error,
            };
            match refusal(&error) {
                Some(ErrorCode::STREAM_WRONG_LAST_SEQUENCE) => {
                    // It may be our own, of an attempt whose acknowledgement was lost.
                    let is_ours = |found: &StreamMessage| {
                        found.headers.get(NATS_MESSAGE_ID).is_some_and(|found| found.as_str() == id)
                    };
                    return Ok(self.last(key).await?.filter(is_ours).map(|found| found.sequence));
                }
                // Another is on its way to the disks, or our own.
                Some(ErrorCode::STREAM_WRONG_LAST_SEQUENCE_CONSTANT) => sleep(PAUSE).await,
                _ => return Err(error),
            }
        }
    }

    /// Leaves nothing of what was put under a key up to this revision; what came later stays. Tells nobody whether it could.
    pub(super) async fn sweep(&self, key: &str, revision: u64) {
        let question = json!({ "filter": self.subject(key), "seq": revision.saturating_add(1) });
        drop(self.ask::<Value>("PURGE", &question).await);
    }

    async fn find(&self, question: &Value) -> Result<Option<StreamMessage>> {
        let found: Option<Found> = self.ask("MSG.GET", question).await?;
        found.map(|found| found.message.try_into().map_err(unavailable)).transpose()
    }

    async fn ask<T: DeserializeOwned>(&self, what: &str, question: &Value) -> Result<Option<T>> {
        loop {
            if !self.nats.is_connected() {
                return Err(unavailable("there is no connection to any of them"));
            }
            let answer = self.nats.jetstream().request(format!("STREAM.{what}.{}", self.stream), question).await;
            match answer {
                Ok(Response::Ok(answer)) => return Ok(Some(answer)),
                Ok(Response::Err { error }) => match error.error_code() {
                    ErrorCode::NO_MESSAGE_FOUND => return Ok(None),
                    ErrorCode::CLUSTER_NOT_AVAILABLE | ErrorCode::CLUSTER_NOT_LEADER => {}
                    _ => return Err(unavailable(error)),
                },
                Err(error) if matches!(error.kind(), RequestErrorKind::NoResponders | RequestErrorKind::TimedOut) => {}
                Err(error) => return Err(unavailable(error)),
            }
            sleep(PAUSE).await;
        }
    }

    fn subject(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    fn key(&self, subject: &str) -> String {
        subject.strip_prefix(&self.prefix).unwrap_or(subject).to_owned()
    }
}

/// Why JetStream did not take something, where it has said so.
fn refusal(error: &Error) -> Option<ErrorCode> {
    std::error::Error::source(error)?.downcast_ref().map(jetstream::Error::error_code)
}
