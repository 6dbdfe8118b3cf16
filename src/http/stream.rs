//! `GET /api/v1/stream/{public_key}`: the results of a key, as Server-Sent Events.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::HeaderName;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::unfold;
use serde_json::json;
use tokio::time::{Interval, MissedTickBehavior, interval};
use tokio_stream::{StreamExt, once};

use super::peer::Peer;
use crate::address::Address;
use crate::app::App;
use crate::bus::{Heard, Signal, Subscription};
use crate::config::AnonymousStreams;
use crate::error::{Code, Error, Result};
use crate::event::{Event, EventName};
use crate::seats::Seat;

/// How long a browser waits before it connects again, in milliseconds.
const RETRY: &str = "retry: 3000\n";
const KEEPALIVE: Bytes = Bytes::from_static(b": keepalive\n\n");

/// Hear what happens to a key, as Server-Sent Events.
///
/// The stream begins with `connection_state` and does not end by itself. `data` of each event is one line of JSON:
/// `connection_state` is a `ConnectionState`, `command_result` a `CommandResult`, `stream_gap` a `StreamGap`. A comment,
/// `: keepalive`, comes after 15 s of silence. What a stream hears that proves nothing is decided by the server's
/// `NEXUS_ANONYMOUS_STREAMS`.
#[utoipa::path(
    get, path = "/api/v1/stream/{public_key}", operation_id = "stream", tag = "Stream",
    params(("public_key" = String, Path, pattern = "^0x[0-9a-fA-F]{40}$",
            description = "An address. A SEC1 public key of 33 or 65 bytes in hex is taken for its address.",
            example = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf")),
    responses((status = 200, description = "An endless stream of events.", body = String,
               content_type = "text/event-stream",
               headers(("cache-control" = String), ("x-accel-buffering" = String))))
)]
pub async fn stream(
    State(app): State<Arc<App>>,
    Peer(peer): Peer,
    key: Result<Path<String>, PathRejection>,
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
    // First the subscription, then the state: what happens in between is heard.
    let subscription = app.bus.subscribe(address);
    let visitor = app.store.identity(address).await?.is_none();
    let mut silence = interval(app.config.keepalive);
    silence.set_missed_tick_behavior(MissedTickBehavior::Delay);
    silence.reset();
    let reader = Reader { app, address, hears, subscription, visitor, silence, _seat: seat };
    let first = [RETRY.as_bytes(), reader.state().frame()].concat();
    let rest = unfold(reader, async |mut reader| reader.next().await.map(|frame| (frame, reader)));
    let frames = once(Bytes::from(first)).chain(rest).map(Ok::<_, Infallible>);
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-cache, no-transform"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, Body::from_stream(frames)).into_response())
}

/// One open stream.
struct Reader {
    app: Arc<App>,
    address: Address,
    hears: AnonymousStreams,
    subscription: Subscription,
    visitor: bool,
    silence: Interval,
    _seat: Seat,
}

impl Reader {
    /// What to send next; none when the server closes, and the stream ends.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let frame = tokio::select! {
                biased;
                // First what has been heard: it is told to the end before the stream ends.
                heard = self.subscription.next() => self.tell(heard?).await,
                () = self.app.runtime.closing() => return None,
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
            Heard::Missed(missed) => {
                let gap = json!({ "reason": "slow_reader", "missed": missed });
                let gap = Event::from_json(None, EventName::StreamGap, &gap.to_string());
                let gap = self.hears_all().then(|| gap.frame().clone());
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

    fn state(&self) -> Event {
        let state = json!({
            "visitor": self.visitor,
            "authenticated": false,
            "recovered": false,
            "keepalive_ms": u64::try_from(self.app.config.keepalive.as_millis()).unwrap_or(u64::MAX),
        });
        Event::from_json(None, EventName::ConnectionState, &state.to_string())
    }
}
