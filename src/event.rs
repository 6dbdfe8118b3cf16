//! What travels on a stream, encoded once.
//!
//! An [`Event`] cannot break out of its frame: its name comes from a closed list, its id is made of digits, and its data
//! is one line of JSON. Format: the HTML standard, "Server-sent events", section 9.2.5.

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use serde::Serialize;

/// Names one life of the log. A log that is made anew gets another, so that an id of the old one is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch(pub u64);

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// The place of an event in the log, written `<epoch>-<sequence>`; sequences rise within a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventId {
    pub epoch: Epoch,
    pub sequence: u64,
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.epoch, self.sequence)
    }
}

impl FromStr for EventId {
    type Err = Unreadable;

    /// Reads what [`EventId`] writes, and nothing else.
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let (epoch, sequence) = text.split_once('-').ok_or(Unreadable)?;
        let epoch = u64::from_str_radix(epoch, 16).map(Epoch).map_err(|_| Unreadable)?;
        let id = Self { epoch, sequence: sequence.parse().map_err(|_| Unreadable)? };
        // Signs, leading zeros and capitals would be other names for the same place.
        if id.to_string() == text { Ok(id) } else { Err(Unreadable) }
    }
}

/// The text is no id that this program writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

/// The kinds of events. None is called `error` or `open`: a browser fires those itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventName {
    CommandResult,
    CommandProgress,
    ConnectionState,
    CommandsChanged,
    StreamGap,
}

impl EventName {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CommandResult => "command_result",
            Self::CommandProgress => "command_progress",
            Self::ConnectionState => "connection_state",
            Self::CommandsChanged => "commands_changed",
            Self::StreamGap => "stream_gap",
        }
    }

    /// The kind of this name.
    pub fn of(name: &str) -> Option<Self> {
        let all =
            [Self::CommandResult, Self::CommandProgress, Self::ConnectionState, Self::CommandsChanged, Self::StreamGap];
        all.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// One event as it goes over the wire; a copy shares the bytes.
#[derive(Clone, Debug)]
pub struct Event {
    id: Option<EventId>,
    frame: Bytes,
}

impl Event {
    /// Encodes `data` as JSON under `name`. Without an id it is live only and does not move a reader's place.
    pub fn new(id: Option<EventId>, name: EventName, data: &impl Serialize) -> serde_json::Result<Self> {
        Ok(Self::from_json(id, name, &serde_json::to_string(data)?))
    }

    /// Like [`Event::new`], with the JSON already written.
    pub fn from_json(id: Option<EventId>, name: EventName, json: &str) -> Self {
        let mut frame = String::with_capacity(json.len() + 80);
        if let Some(id) = id {
            frame.push_str(&format!("id: {id}\n"));
        }
        frame.push_str("event: ");
        frame.push_str(name.as_str());
        frame.push_str("\ndata: ");
        // JSON escapes line breaks in strings, so one that is left is white space and may as well be a blank.
        let mut lines = json.split(['\n', '\r']);
        frame.extend(lines.next());
        frame.extend(lines.flat_map(|line| [" ", line]));
        frame.push_str("\n\n");
        Self { id, frame: frame.into() }
    }

    /// Its place in the log; none for what was only announced.
    pub fn id(&self) -> Option<EventId> {
        self.id
    }

    pub fn frame(&self) -> &Bytes {
        &self.frame
    }

    /// Its name.
    pub fn name(&self) -> Option<&str> {
        let (_, name) = std::str::from_utf8(&self.frame).ok()?.split_once("event: ")?;
        name.lines().next()
    }

    /// Its data, which is JSON.
    pub fn json(&self) -> &str {
        // Neither an id nor a name has a blank in it.
        let text = std::str::from_utf8(&self.frame).unwrap_or_default();
        text.split_once("data: ").map_or("", |(_, data)| data.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_stays_on_one_line() {
        let event = Event::from_json(None, EventName::CommandResult, "{\"a\":\r\n1}");
        assert_eq!(event.frame(), "event: command_result\ndata: {\"a\":  1}\n\n");
        assert_eq!(event.json(), "{\"a\":  1}");
    }

    #[test]
    fn an_id_comes_first() {
        let id = EventId { epoch: Epoch(0xab), sequence: 7 };
        let event = Event::new(Some(id), EventName::StreamGap, &1).unwrap();
        assert_eq!(event.frame(), "id: 00000000000000ab-7\nevent: stream_gap\ndata: 1\n\n");
        assert_eq!("00000000000000ab-7".parse(), Ok(id));
    }

    #[test]
    fn an_id_has_one_form() {
        for text in [
            "",
            "-",
            "7",
            "ab-7",
            "00000000000000AB-7",
            "00000000000000ab-07",
            "00000000000000ab-+7",
            "00000000000000ab--7",
        ] {
            assert_eq!(text.parse::<EventId>(), Err(Unreadable), "{text}");
        }
    }
}
