//! How one speaks with each of the servers that have streams.

use std::fmt;
use std::str::FromStr;

/// What stands before the time at which an event was published.
const MARK: u8 = b'@';
const DIGITS: usize = 16;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Nexus,
    Nchan,
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nexus => "nexus",
            Self::Nchan => "nchan",
        })
    }
}

impl FromStr for Dialect {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Nexus, Self::Nchan].into_iter().find(|dialect| dialect.to_string() == text).ok_or(())
    }
}

impl Dialect {
    /// The request for the stream of a key.
    pub fn subscribe(self, host: &str, key: usize) -> String {
        let path = match self {
            Self::Nexus => "/api/v1/stream",
            Self::Nchan => "/stream",
        };
        format!("GET {path}/0x{key:040x} HTTP/1.1\r\nHost: {host}\r\nAccept: text/event-stream\r\n\r\n")
    }

    /// The request that tells the streams of a key the time `stamp`; what they are told is equally long.
    pub fn publish(self, host: &str, key: usize, stamp: u64) -> String {
        let text = format!("@{stamp:0DIGITS$}");
        let (head, body) = match self {
            Self::Nexus => (
                format!("/api/v1/commands/execute HTTP/1.1\r\nAuthorization: Bearer 0x{key:040x}"),
                format!(r#"{{"command":"/echo {text}"}}"#),
            ),
            Self::Nchan => (
                format!("/publish/0x{key:040x} HTTP/1.1\r\nX-EventSource-Event: command_result"),
                format!(r#"{{"command":"/echo {text}","result":{{"status":"success","message":"{text}","#)
                    + &format!(r#""data":{{"lines":["{text}"]}}}},"run_id":"01900000-0000-7000-8000-000000000000"}}"#),
            ),
        };
        let length = body.len();
        format!(
            "POST {head}\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    }
}

/// The time in an event; none in what is not one of ours, such as a comment.
pub fn stamp(event: &[u8]) -> Option<u64> {
    let mark = event.iter().position(|byte| *byte == MARK)?;
    std::str::from_utf8(&event[mark + 1..][..DIGITS]).unwrap().parse().ok()
}
