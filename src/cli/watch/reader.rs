//! Server-Sent Events as they are heard, by the rules of the HTML standard (section 9.2.6).

use std::cell::Cell;
use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{Stream, StreamExt, unfold};
use serde::Deserialize;
use sse_stream::{Sse, SseByteStream};
use tokio::time::timeout;

use crate::cli::remote::innermost;

type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, Broken>>>>;

/// What the stream told.
#[derive(Debug, PartialEq)]
pub(in crate::cli) struct Event {
    /// None when it was only announced.
    pub(in crate::cli) id: Option<String>,
    pub(in crate::cli) name: String,
    pub(in crate::cli) data: String,
}

/// The data of a `connection_state`.
#[derive(Deserialize)]
pub(in crate::cli) struct State {
    pub(in crate::cli) recovered: bool,
    keepalive_ms: u64,
}

impl State {
    pub(in crate::cli) const fn keepalive(&self) -> Duration {
        Duration::from_millis(self.keepalive_ms)
    }
}

impl Event {
    /// What it says of the connection, if that is what it is about.
    pub(in crate::cli) fn state(&self) -> Option<State> {
        (self.name == "connection_state").then(|| serde_json::from_str(&self.data).ok())?
    }
}

/// How long a stream may be silent: three times what it promises.
#[derive(Clone)]
pub(in crate::cli) struct Patience(Rc<Cell<Duration>>);

impl Default for Patience {
    fn default() -> Self {
        Self(Rc::new(Cell::new(Duration::from_secs(45))))
    }
}

impl Patience {
    pub(in crate::cli) fn set(&self, keepalive: Duration) {
        self.0.set(keepalive.saturating_mul(3).max(Duration::from_secs(1)));
    }
}

/// Why nothing comes any more.
#[derive(Debug)]
enum Broken {
    Silent,
    Cut(String),
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silent => f.write_str("not even a keepalive comes"),
            Self::Cut(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Broken {}

/// Reads one stream to its end.
pub(in crate::cli) struct Reader {
    stream: SseByteStream<Chunks>,
    /// What to send as `Last-Event-ID`, once anything has named it.
    pub(in crate::cli) last_id: Option<String>,
    /// How long to wait before connecting again, once anything has said it.
    pub(in crate::cli) retry: Option<Duration>,
}

impl Reader {
    pub(in crate::cli) fn new(response: reqwest::Response, patience: &Patience) -> Self {
        let chunks = unfold((response, patience.clone()), async |(mut response, patience)| {
            let heard = match timeout(patience.0.get(), response.chunk()).await {
                Ok(Ok(chunk)) => Ok(chunk?),
                Ok(Err(error)) => Err(Broken::Cut(innermost(&error))),
                Err(_) => Err(Broken::Silent),
            };
            Some((heard, (response, patience)))
        });
        Self::over(Box::pin(chunks))
    }

    fn over(chunks: Chunks) -> Self {
        Self { stream: SseByteStream::new(chunks), last_id: None, retry: None }
    }

    /// The next event. Fails with why there is none, as the second half of a sentence.
    pub(in crate::cli) async fn next(&mut self) -> Result<Event, String> {
        loop {
            let Sse { event, data, id, retry } = match self.stream.next().await {
                Some(Ok(block)) => block,
                Some(Err(sse_stream::Error::Body(error))) => return Err(error.to_string()),
                Some(Err(error)) => return Err(error.to_string()),
                None => return Err("the server has ended it".to_owned()),
            };
            self.retry = retry.map(Duration::from_millis).or(self.retry);
            self.last_id = id.clone().or(self.last_id.take());
            if let Some(data) = data {
                let name = event.filter(|name| !name.is_empty()).unwrap_or_else(|| "message".to_owned());
                return Ok(Event { id, name, data });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::{Value, json};

    use super::*;

    /// What is heard of these chunks up to the end, and why that is.
    async fn hear(chunks: &[&[u8]]) -> (Reader, Vec<Value>, String) {
        let chunks: Vec<_> = chunks.iter().map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        let mut reader = Reader::over(Box::pin(futures_util::stream::iter(chunks)));
        let mut heard = Vec::new();
        loop {
            match reader.next().await {
                Ok(Event { name, data, .. }) => {
                    let id = reader.last_id.clone().unwrap_or_default();
                    heard.push(json!({ "event": name, "data": data, "lastEventId": id }));
                }
                Err(why) => return (reader, heard, why),
            }
        }
    }

    /// In the chunks of the case or as a whole, and in many small ones. Browsers put a sign in the place of what is no
    /// UTF-8; here it breaks the stream, since nexus sends nothing of the kind.
    #[tokio::test]
    async fn it_hears_what_a_browser_would() {
        let text = include_str!("../../../tests/vectors/sse-parse.json");
        let mut file: Value = serde_json::from_str(text).unwrap();
        for case in file["cases"].as_array_mut().unwrap() {
            let mut wire = STANDARD.decode(case["wire_b64"].as_str().unwrap()).unwrap();
            if let Some(token) = case.pointer("/repeat/token").and_then(Value::as_str) {
                let long = "x".repeat(usize::try_from(case["repeat"]["n"].as_u64().unwrap()).unwrap());
                wire = String::from_utf8(wire).unwrap().replace(token, &long).into_bytes();
                case["events"] = serde_json::from_str(&case["events"].to_string().replace(token, &long)).unwrap();
            }
            let mark = case["chunked_at"].as_str().map(str::as_bytes);
            let parts: Vec<&[u8]> = wire.split(|byte| mark == Some(&[*byte])).collect();
            let whole = parts.concat();
            for chunks in [parts, whole.chunks(1 + whole.len() / 4096).collect()] {
                let (reader, heard, why) = hear(&chunks).await;
                if std::str::from_utf8(&whole).is_err() {
                    assert!(why.contains("utf8"), "{why}");
                    continue;
                }
                assert!(Value::from(heard) == case["events"], "{}", case["name"]);
                if let Some(expected) = case["reconnect_ms"].as_u64() {
                    assert_eq!(reader.retry, Some(Duration::from_millis(expected)), "{}", case["name"]);
                }
            }
        }
    }
}
