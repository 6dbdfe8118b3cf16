//! `GET /api/v1/stream/{public_key}`: the results of a key, as Server-Sent Events.

use std::convert::Infallible;
use std::mem::replace;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::unfold;
use serde::Deserialize;
use serde_json::json;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_stream::{StreamExt, once};
use tracing::error;

use super::peer::Peer;
use crate::address::Address;
use crate::app::App;
use crate::bus::{After, Follower, Heard, Signal};
use crate::config::AnonymousStreams;
use crate::error::{Code, Error, Result};
use crate::event::{Event, EventId, EventName, Unreadable};
use crate::seats::Seat;

/// How long a browser waits before it connects again, in milliseconds.
const RETRY: &str = "retry: 3000\n";
/// Over how many milliseconds those are spread who come back after the server has stopped.
const SPREAD: u32 = 9_000;
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const KEEPALIVE: Bytes = Bytes::from_static(b": keepalive\n\n");

/// Hear what happens to a key, as Server-Sent Events.
///
/// The stream begins with `connection_state` and does not end by itself. `data` of each event is one line of JSON:
/// `connection_state` is a `ConnectionState`, `command_progress` a `CommandProgress`, `command_result` a `CommandResult`,
/// `stream_gap` a `StreamGap`. A comment, `: keepalive`, comes after 15 s of silence. What a stream hears that proves nothing
/// is decided by the server's `NEXUS_ANONYMOUS_STREAMS`.
#[utoipa::path(
    get, path = "/api/v1/stream/{public_key}", operation_id = "stream", tag = "Stream",
    params(("public_key" = String, Path, pattern = "^0x[0-9a-fA-F]{40}$",
            description = "An address. A SEC1 public key of 33 or 65 bytes in hex is taken for its address.",
            example = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"),
           ("last_event_id" = Option<String>, Query,
            description = "The `id` after which to go on, where streams hear everything; `0` from the oldest that is kept."),
           ("Last-Event-ID" = Option<String>, Header, description = "The same, as browsers send it; it wins.")),
    responses((status = 200, description = "An endless stream of events.", body = String,
               content_type = "text/event-stream",
               headers(("cache-control" = String), ("x-accel-buffering" = String))))
)]
pub async fn stream(
    State(app): State<Arc<App>>,
    Peer(peer): Peer,
    key: Result<Path<String>, PathRejection>,
    query: Result<Query<Params>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response> {
    let address: Address = match key {
        Ok(Path(key)) => key.parse()?,
        Err(error) => return Err(Error::new(Code::MalformedRequest, "The key is not readable.").caused_by(error)),
    };
    let hears = app.config.anonymous_streams;
    if hears == AnonymousStreams::Off {
        return Err(Error::new(Code::IdentityRequired, "This server has no streams for callers who prove nothing.")
            .with_hint("NEXUS_ANONYMOUS_STREAMS decides what such streams hear: `off`, `state` or `full`."));
    }
    let seat = app.seats.take(address, peer)?;
    // First the subscription, then the state and the log: what happens in between is heard.
    let subscription = app.bus.subscribe(address);
    // What a browser heard last beats what the page asked for at first.
    let wanted = headers.get(LAST_EVENT_ID).map(|id| id.to_str().unwrap_or_default().to_owned());
    let Query(params) = query.map_err(|error| {
        Error::new(Code::MalformedRequest, "The query is not readable.")
            .with_hint("`last_event_id` may stand in it once.")
            .caused_by(error)
    })?;
    let wanted = wanted.or(params.last_event_id).filter(|_| hears == AnonymousStreams::Full);
    let after = wanted.map_or(Some(After::Now), |id| place_of(&id, subscription.since()));
    let begin = after.unwrap_or(After::Now);
    let mut follower = Follower::new(Arc::clone(&app.bus), address, subscription, begin);
    let recovered = follower.look_back().await? && begin != After::Now;
    let visitor = app.store.identity(address).await?.is_none();
    let mut silence = interval(app.config.keepalive);
    silence.set_missed_tick_behavior(MissedTickBehavior::Delay);
    silence.reset();
    let reader = Reader { app, address, hears, follower, visitor, recovered, silence, dismissed: false, _seat: seat };
    let gap = after.is_none().then(|| reader.gap("unknown_id", None));
    let first = [RETRY.as_bytes(), reader.state().frame(), gap.as_ref().map_or(b"", |gap| gap.frame())].concat();
    let rest = unfold(reader, async |mut reader| reader.next().await.map(|frame| (frame, reader)));
    let frames = once(Bytes::from(first)).chain(rest).map(Ok::<_, Infallible>);
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-cache, no-transform"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, Body::from_stream(frames)).into_response())
}

/// The parameters of the query.
#[derive(Deserialize)]
pub struct Params {
    last_event_id: Option<String>,
}

/// Where an id stands, `0` before the oldest event; none when the log does not know it.
fn place_of(id: &str, newest: EventId) -> Option<After> {
    match id.parse::<EventId>() {
        Ok(id) if id.epoch == newest.epoch && id.sequence <= newest.sequence => Some(After::Sequence(id.sequence)),
        Ok(_) => None,
        Err(Unreadable) => (id == "0").then_some(After::Oldest),
    }
}

/// Tells a browser to wait before it connects again, each another time: all of them come back, and not at once.
fn come_back_later() -> Bytes {
    // Without random numbers all wait equally long, which is no reason to fail.
    let spread = getrandom::u32().unwrap_or_default() % SPREAD;
    format!("retry: {}\n\n", 1000 + spread).into()
}

/// One open stream.
struct Reader {
    app: Arc<App>,
    address: Address,
    hears: AnonymousStreams,
    follower: Follower,
    visitor: bool,
    /// Whether it goes on where another stream of the key ended.
    recovered: bool,
    silence: Interval,
    /// Whether it was told when to come back.
    dismissed: bool,
    _seat: Seat,
}

impl Reader {
    /// What to send next; none when the server closes, and the stream ends.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let frame = tokio::select! {
                biased;
                // First what has been heard: it is told to the end before the stream ends.
                heard = self.follower.next() => match heard {
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
            Heard::Signal(Signal::Visitor(visitor)) => self.change_state(visitor),
            Heard::Signal(Signal::Event(event)) => self.hears_all().then(|| event.frame().clone()),
            Heard::Evicted => self.hears_all().then(|| self.gap("evicted", None).frame().clone()),
            Heard::Missed(missed) => {
                let gap = (missed > 0 && self.hears_all()).then(|| self.gap("slow_reader", Some(missed)));
                let gap = gap.map(|gap| gap.frame().clone());
                // The change of state may be among what was missed.
                let identity = self.app.store.identity(self.address).await;
                let state = identity.ok().and_then(|identity| self.change_state(identity.is_none()));
                gap.into_iter().chain(state).reduce(|gap, state| [gap, state].concat().into())
            }
        }
    }

    fn hears_all(&self) -> bool {
        match self.hears {
            AnonymousStreams::Full => true,
            AnonymousStreams::State | AnonymousStreams::Off => false,
        }
    }

    fn change_state(&mut self, visitor: bool) -> Option<Bytes> {
        (visitor != self.visitor).then(|| {
            self.visitor = visitor;
            self.state().frame().clone()
        })
    }

    /// What cannot be replayed. Its id is the place from which the stream goes on, so that nobody asks for the same again.
    fn gap(&self, reason: &str, missed: Option<u64>) -> Event {
        let mut gap = json!({ "reason": reason });
        if let (Some(gap), Some(missed)) = (gap.as_object_mut(), missed) {
            gap.insert("missed".to_owned(), missed.into());
        }
        Event::from_json(Some(self.follower.place()), EventName::StreamGap, &gap.to_string())
    }

    fn state(&self) -> Event {
        let state = json!({
            "visitor": self.visitor,
            "authenticated": false,
            "recovered": self.recovered,
            "keepalive_ms": u64::try_from(self.app.config.keepalive.as_millis()).unwrap_or(u64::MAX),
        });
        Event::from_json(None, EventName::ConnectionState, &state.to_string())
    }
}
