//! Putting a record into a stream so that it is there once.

use std::time::Duration;

use async_nats::client::RequestErrorKind;
use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::response::Response;
use async_nats::{HeaderMap, Request};
use bytes::Bytes;
use serde::Deserialize;
use tokio::time::{sleep, timeout};

use super::{Nats, unavailable};
use crate::error::Result;

/// How long it is tried, so that whoever waits is answered within 2 s.
const PATIENCE: Duration = Duration::from_millis(1700);
/// How long one attempt waits for its acknowledgement, and how long it is until the next.
const ATTEMPT: Duration = Duration::from_millis(800);
const PAUSE: Duration = Duration::from_millis(50);

/// What is to be stored.
pub struct Record {
    pub subject: String,
    /// By which a second copy is known.
    pub id: Option<String>,
    pub headers: HeaderMap,
    pub payload: Bytes,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It stands at this sequence.
    Stored(u64),
    /// One with its id stands at this sequence: it may be this one, of an attempt whose acknowledgement was lost.
    Known(u64),
}

/// What JetStream acknowledges with.
#[derive(Deserialize)]
struct Acknowledgement {
    seq: u64,
    #[serde(default)]
    duplicate: bool,
}

impl Nats {
    /// Stores a record; it is on as many disks as the deployment asks for when this returns. Fails with `store_unavailable`; then
    /// it may be stored all the same, later.
    pub async fn put(&self, record: &Record) -> Result<Put> {
        timeout(PATIENCE, self.insist(record)).await.unwrap_or_else(|late| Err(unavailable(late)))
    }

    async fn insist(&self, record: &Record) -> Result<Put> {
        let mut headers = record.headers.clone();
        if let Some(id) = &record.id {
            headers.insert(NATS_MESSAGE_ID, id.as_str());
        }
        loop {
            // A client that is not connected would keep it, and send it when nobody counts on it any more.
            if !self.is_connected() {
                return Err(unavailable("there is no connection to any of them"));
            }
            let request =
                Request::new().headers(headers.clone()).payload(record.payload.clone()).timeout(Some(ATTEMPT));
            match self.0.client.send_request(record.subject.clone(), request).await {
                Ok(answer) => match serde_json::from_slice(&answer.payload).map_err(unavailable)? {
                    Response::Ok(Acknowledgement { seq, duplicate: false }) => return Ok(Put::Stored(seq)),
                    Response::Ok(Acknowledgement { seq, duplicate: true }) => return Ok(Put::Known(seq)),
                    Response::Err { error } if !may_pass(error.error_code()) => return Err(unavailable(error)),
                    Response::Err { .. } => {}
                },
                Err(error) if matches!(error.kind(), RequestErrorKind::NoResponders | RequestErrorKind::TimedOut) => {}
                Err(error) => return Err(unavailable(error)),
            }
            sleep(PAUSE).await;
        }
    }
}

/// Whether the same may be taken a moment later: a copy of it is on its way to the disks, or a leader is being elected.
fn may_pass(code: ErrorCode) -> bool {
    [ErrorCode::STREAM_DUPLICATE_MESSAGE_CONFLICT, ErrorCode::CLUSTER_NOT_AVAILABLE, ErrorCode::CLUSTER_NOT_LEADER]
        .contains(&code)
}
