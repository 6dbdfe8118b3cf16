//! One stream, and what it is still to hear.

use std::collections::VecDeque;

use nexus::event::EventName;

use crate::common::Stream;
use crate::common::stream::Frame;

/// By what a stream is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    Nothing,
    Claim,
    Session,
    Ticket,
    Signature,
}

impl Proof {
    pub const ALL: [Self; 5] = [Self::Nothing, Self::Claim, Self::Session, Self::Ticket, Self::Signature];

    pub fn is_one(self) -> bool {
        !matches!(self, Self::Nothing | Self::Claim)
    }
}

/// What a key is told; the text names the key, and no two are alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Logged(String),
    Announced(String),
    /// Whether the key is a visitor.
    State(bool),
}

impl Told {
    fn of(frame: &Frame) -> Self {
        let data = frame.json();
        if frame.event == EventName::ConnectionState.as_str() {
            return Self::State(data["visitor"].as_bool().unwrap());
        }
        let text = data["command"].as_str().unwrap_or_else(|| panic!("nothing of this was said: {frame:?}")).to_owned();
        if frame.id.is_some() { Self::Logged(text) } else { Self::Announced(text) }
    }
}

pub struct Listener {
    proof: Proof,
    hears_all: bool,
    stream: Stream,
    visitor: bool,
    unheard: VecDeque<Told>,
}

impl Listener {
    /// One that is told its state, and goes on with what it has missed where it may.
    pub async fn new(proof: Proof, hears_all: bool, mut stream: Stream, missed: VecDeque<Told>) -> Self {
        let state = stream.next().await;
        assert_eq!(state.event, EventName::ConnectionState.as_str(), "{state:?}");
        assert_eq!(state.json()["authenticated"], proof.is_one(), "{proof:?}: {state:?}");
        let visitor = state.json()["visitor"].as_bool().unwrap();
        Self { proof, hears_all, stream, visitor, unheard: missed }
    }

    /// The key is told this.
    pub fn expect(&mut self, told: &Told) {
        let is_heard = match told {
            Told::Logged(_) | Told::Announced(_) => self.hears_all,
            // What has not changed is not said again.
            Told::State(visitor) => std::mem::replace(&mut self.visitor, *visitor) != *visitor,
        };
        if is_heard {
            self.unheard.push_back(told.clone());
        }
    }

    /// Hears all that it is to hear by now, and nothing else; returns how much that was.
    pub async fn hear(&mut self, who: &str) -> usize {
        let unheard = self.unheard.len();
        while let Some(expected) = self.unheard.pop_front() {
            let told = Told::of(&self.stream.next().await);
            assert_eq!(told, expected, "{who}, by {:?}", self.proof);
        }
        unheard
    }

    /// Expects that nothing more was said when the stream ends.
    pub async fn end(mut self) {
        self.stream.end().await;
    }
}
