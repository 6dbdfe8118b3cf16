//! Reading a stream a page at a time: direct gets in batches (NATS ADR-31), which any server that has a copy answers.
//!
//! A server of 2.10 knows no batches and gives one record for each question.

use std::str::FromStr;

use async_nats::{HeaderMap, Message, StatusCode};
use bytes::Bytes;
use futures_util::StreamExt;
use serde_json::json;
use tokio::time::timeout;

use super::{Nats, QUESTION, unavailable};
use crate::error::Result;

/// A record as it stands in a stream.
pub struct Stored {
    pub sequence: u64,
    pub subject: String,
    pub headers: HeaderMap,
    pub payload: Bytes,
}

/// Records of one subject, in their order.
#[derive(Default)]
pub struct Part {
    pub records: Vec<Stored>,
    /// Whether the server that was asked has no more of them.
    pub is_last: bool,
}

impl Nats {
    /// What a stream has of a subject after `after`: `most` records, fewer where they are larger than `bytes` together. The server
    /// that answers may not have the newest yet. Fails with `store_unavailable`.
    pub async fn page(&self, stream: &str, subject: &str, after: u64, most: usize, bytes: usize) -> Result<Part> {
        let inbox = self.0.client.new_inbox();
        let mut answers = self.0.client.subscribe(inbox.clone()).await.map_err(unavailable)?;
        let question = json!({ "seq": after + 1, "next_by_subj": subject, "batch": most, "max_bytes": bytes });
        let to = format!("$JS.API.DIRECT.GET.{stream}");
        let sent = self.0.client.publish_with_reply(to, inbox, question.to_string().into());
        sent.await.map_err(unavailable)?;
        let mut part = Part::default();
        loop {
            let answer = timeout(QUESTION, answers.next()).await.map_err(unavailable)?;
            let answer = answer.ok_or_else(|| unavailable("the connection ended"))?;
            match answer.status {
                Some(StatusCode::NOT_FOUND) => {
                    part.is_last = true;
                    return Ok(part);
                }
                // The end of a batch.
                Some(status) if status.as_u16() == 204 => {
                    part.is_last = number(&answer, "Nats-Num-Pending") == Some(0);
                    return Ok(part);
                }
                Some(status) => return Err(unavailable(format!("a direct get is answered {status}"))),
                None => {}
            }
            let is_in_a_batch = number::<u64>(&answer, "Nats-Num-Pending").is_some();
            part.records.push(Stored::read(answer)?);
            if !is_in_a_batch {
                return Ok(part);
            }
        }
    }
}

impl Stored {
    fn read(message: Message) -> Result<Self> {
        let unreadable = || unavailable("a record has no place");
        let sequence = number(&message, "Nats-Sequence").ok_or_else(unreadable)?;
        let headers = message.headers.ok_or_else(unreadable)?;
        let subject = headers.get("Nats-Subject").ok_or_else(unreadable)?.to_string();
        Ok(Self { sequence, subject, headers, payload: message.payload })
    }
}

fn number<N: FromStr>(message: &Message, header: &str) -> Option<N> {
    message.headers.as_ref()?.get(header)?.as_str().parse().ok()
}
