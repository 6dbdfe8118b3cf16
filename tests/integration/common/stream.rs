//! A reader of Server-Sent Events, after section 9.2.6 of the HTML standard.

use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;
use tokio::time::timeout;

/// How long a test waits for an event that must come.
const BOUND: Duration = Duration::from_secs(20);

pub struct Stream {
    pub response: Response,
    text: String,
}

/// What stood between two blank lines.
#[derive(Debug, Default, PartialEq)]
pub struct Frame {
    pub id: Option<String>,
    pub event: String,
    pub data: String,
    pub retry: Option<String>,
    pub comment: Option<String>,
}

impl Frame {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap()
    }
}

impl Stream {
    pub async fn open(client: &Client, url: &str) -> Self {
        Self::of(client.get(url)).await
    }

    pub async fn of(request: RequestBuilder) -> Self {
        Self::try_of(request).await.unwrap()
    }

    /// Fails when there is no answer.
    pub async fn try_of(request: RequestBuilder) -> reqwest::Result<Self> {
        Ok(Self { response: request.send().await?, text: String::new() })
    }

    /// The next frame, a comment too.
    pub async fn next(&mut self) -> Frame {
        self.try_next().await.expect("the stream goes on")
    }

    /// The next frame, or none when the stream has ended cleanly.
    pub async fn try_next(&mut self) -> Option<Frame> {
        timeout(BOUND, self.hear()).await.expect("an event within the bound").expect("a clean end")
    }

    /// The next frame, or none when the stream has ended cleanly, however long it takes. Fails when the connection broke.
    pub async fn hear(&mut self) -> reqwest::Result<Option<Frame>> {
        loop {
            if let Some((frame, rest)) = self.text.split_once("\n\n") {
                let frame = parse(frame);
                self.text = rest.to_string();
                return Ok(Some(frame));
            }
            let Some(chunk) = self.response.chunk().await? else { return Ok(None) };
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// Expects the end: the word when to come back, which is given back in milliseconds, and nothing more.
    pub async fn end(&mut self) -> u32 {
        let last = self.next().await;
        let retry = last.retry.clone().and_then(|retry| retry.parse().ok());
        assert_eq!(last, Frame { retry: last.retry.clone(), ..Frame::default() });
        assert_eq!(self.try_next().await, None, "then the stream ends");
        retry.expect("a time to wait")
    }

    /// The next frame of this event; others are passed over.
    pub async fn next_of(&mut self, event: &str) -> Frame {
        loop {
            let frame = self.next().await;
            if frame.event == event {
                return frame;
            }
        }
    }

    /// Expects that the connection ends without another word, as a stream does that may not go on.
    pub async fn cut(&mut self) {
        while let Some(frame) = self.try_next().await {
            assert!(frame.comment.is_some() || frame.event == "connection_state", "{frame:?}");
        }
    }

    /// The next `command_result`.
    pub async fn result(&mut self) -> Value {
        let frame = self.next().await;
        assert_eq!(frame.event, "command_result", "{frame:?}");
        frame.json()
    }
}

fn parse(text: &str) -> Frame {
    let mut frame = Frame::default();
    for line in text.lines() {
        match line.split_once(": ").unwrap() {
            ("", comment) => frame.comment = Some(comment.to_owned()),
            ("id", id) => frame.id = Some(id.to_owned()),
            ("event", event) => event.clone_into(&mut frame.event),
            ("data", data) => data.clone_into(&mut frame.data),
            ("retry", retry) => frame.retry = Some(retry.to_owned()),
            (field, _) => panic!("unknown field {field} in {text:?}"),
        }
    }
    frame
}
