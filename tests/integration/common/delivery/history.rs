//! What was done and what was heard. It is all that the judge is shown.

use serde_json::Value;

/// A command that a writer sent once, and what came of it as far as the writer knows.
#[derive(Clone, Debug)]
pub struct Sent {
    pub key: String,
    pub writer: usize,
    /// No other command has this text.
    pub command: String,
    pub outcome: Outcome,
}

#[derive(Clone, Debug)]
pub enum Outcome {
    Acknowledged {
        run_id: String,
        message: String,
    },
    /// It ran, and the server could not record its end yet.
    Unrecorded {
        run_id: String,
    },
    /// Answered by 503 with this code, and not begun.
    Refused(String),
    /// The connection broke before the whole answer was there, here or behind a proxy, or it was given up.
    Unknown,
}

/// What one reader of a key heard, from the beginning of the log to the last word, through all its connections.
#[derive(Clone, Debug)]
pub struct Heard {
    pub key: String,
    pub events: Vec<Event>,
    /// How each connection ended.
    pub ends: Vec<End>,
}

impl Heard {
    pub fn results(&self) -> impl Iterator<Item = &Told> {
        self.events.iter().filter_map(|event| if let Event::Result(told) = event { Some(told) } else { None })
    }

    pub fn gaps(&self) -> impl Iterator<Item = &Value> {
        self.events.iter().filter_map(|event| if let Event::Gap(data) = event { Some(data) } else { None })
    }
}

#[derive(Clone, Debug)]
pub enum Event {
    Result(Told),
    /// A `stream_gap`, or a stream that does not go on from the place that was asked for.
    Gap(Value),
}

/// A `command_result`.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    pub id: Option<String>,
    pub run_id: String,
    pub command: String,
    pub result: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The server said when to come back, and ended the stream.
    Dismissed,
    /// The server ended the stream without a word.
    Abandoned,
    /// The connection broke.
    Broken,
    /// The reader cut it.
    Cut,
    /// The reader had heard the last word.
    Done,
}
