//! One open stream, from its first frame to its last.

use std::future::pending;
use std::mem::replace;
use std::sync::Arc;

use axum::http::HeaderValue;
use bytes::Bytes;
use serde_json::json;
use tokio::time::Interval;
use tracing::error;

use super::lease::Lease;
use crate::address::Address;
use crate::app::App;
use crate::bus::{Follower, Heard, Signal};
use crate::event::{Event, EventName};
use crate::seats::Seat;

/// Over how many milliseconds those are spread who come back after the server has stopped.
const SPREAD: u32 = 9_000;
const KEEPALIVE: Bytes = Bytes::from_static(b": keepalive\n\n");

pub struct Reader {
    pub app: Arc<App>,
    pub address: Address,
    /// Whether it hears all that its key hears, or only of its state.
    pub hears_all: bool,
    /// Whether whoever opened it has proven the address.
    pub authenticated: bool,
    /// In a box: most streams are anonymous, and need no room for it.
    pub lease: Option<Box<Lease>>,
    pub follower: Follower,
    pub visitor: bool,
    /// Which commands there were when it was told of them last, or began.
    pub etag: HeaderValue,
    /// Whether it goes on where another stream of the key ended.
    pub recovered: bool,
    pub silence: Interval,
    /// Whether it was told when to come back.
    pub dismissed: bool,
    pub _seat: Seat,
}

impl Reader {
    /// What to send next; none when the stream ends.
    pub async fn next(&mut self) -> Option<Bytes> {
        loop {
            let frame = tokio::select! {
                biased;
                () = lapsed(&mut self.lease) => return None,
                // What has been heard is told to the end before the server's end is.
                heard = self.follower.next() => match heard {
                    Ok(Heard::Signal(Signal::Opened(pass)))
                        if self.lease.as_ref().is_some_and(|lease| lease.is_superseded_by(pass)) =>
                    {
                        return None;
                    }
                    Ok(heard) => self.tell(heard).await,
                    // The log cannot be read: the stream ends, and whoever comes back is told why.
                    Err(failure) => {
                        error!(error = &failure as &dyn std::error::Error, "a stream ends");
                        return None;
                    }
                },
                () = self.app.runtime.closing() => return (!replace(&mut self.dismissed, true)).then(come_back_later),
                _ = self.silence.tick() => Some(KEEPALIVE),
            };
            if frame.is_some() {
                self.silence.reset();
                return frame;
            }
        }
    }

    /// What of this the stream may hear, if anything.
    async fn tell(&mut self, heard: Heard) -> Option<Bytes> {
        match heard {
            Heard::Signal(Signal::Visitor(visitor)) => {
                // With an identity its sessions and tickets end.
                self.doubt();
                self.change_state(visitor)
            }
            Heard::Signal(Signal::Revoked) => {
                self.doubt();
                None
            }
            Heard::Signal(Signal::Opened(_)) => None,
            Heard::Signal(Signal::Commands) => self.change_commands(),
            Heard::Signal(Signal::Event(event)) => self.hears_all.then(|| event.frame().clone()),
            Heard::Evicted => self.hears_all.then(|| self.gap("evicted", None).frame().clone()),
            Heard::Missed(missed) => {
                // What ends it may be among what was missed, or a change of state.
                self.doubt();
                let gap = (missed > 0 && self.hears_all).then(|| self.gap("slow_reader", Some(missed)));
                let gap = gap.map(|gap| gap.frame().clone());
                let identity = self.app.store.identity(self.address).await;
                let state = identity.ok().and_then(|identity| self.change_state(identity.is_none()));
                let frames = gap.into_iter().chain(state).chain(self.change_commands());
                frames.reduce(|first, next| [first, next].concat().into())
            }
        }
    }

    fn doubt(&mut self) {
        if let Some(lease) = &mut self.lease {
            lease.doubt();
        }
    }

    fn change_commands(&mut self) -> Option<Bytes> {
        let registry = self.app.registry.load();
        let etag = &registry.catalogue().etag;
        if self.etag == etag {
            return None;
        }
        self.etag = etag.clone();
        let change = json!({ "etag": etag.to_str().unwrap_or_default() });
        Some(Event::from_json(None, EventName::CommandsChanged, &change.to_string()).frame().clone())
    }

    fn change_state(&mut self, visitor: bool) -> Option<Bytes> {
        (visitor != self.visitor).then(|| {
            self.visitor = visitor;
            self.state().frame().clone()
        })
    }

    /// What cannot be replayed. Its id is the place from which the stream goes on, so that nobody asks for the same again.
    pub fn gap(&self, reason: &str, missed: Option<u64>) -> Event {
        let mut gap = json!({ "reason": reason });
        if let (Some(gap), Some(missed)) = (gap.as_object_mut(), missed) {
            gap.insert("missed".to_owned(), missed.into());
        }
        Event::from_json(Some(self.follower.place()), EventName::StreamGap, &gap.to_string())
    }

    pub fn state(&self) -> Event {
        let state = json!({
            "visitor": self.visitor,
            "authenticated": self.authenticated,
            "recovered": self.recovered,
            "keepalive_ms": u64::try_from(self.app.config.keepalive.as_millis()).unwrap_or(u64::MAX),
        });
        Event::from_json(None, EventName::ConnectionState, &state.to_string())
    }
}

async fn lapsed(lease: &mut Option<Box<Lease>>) {
    match lease {
        Some(lease) => lease.lapsed().await,
        None => pending().await,
    }
}

/// Tells a browser to wait before it connects again, each another time: all of them come back, and not at once.
fn come_back_later() -> Bytes {
    // Without random numbers all wait equally long, which is no reason to fail.
    let spread = getrandom::u32().unwrap_or_default() % SPREAD;
    format!("retry: {}\n\n", 1000 + spread).into()
}
