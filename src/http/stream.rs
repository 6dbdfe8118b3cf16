//! `GET /api/v1/stream/{public_key}`: the results of a key, as Server-Sent Events.

mod lease;
mod reader;

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::unfold;
use serde::Deserialize;
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};
use tokio_stream::{StreamExt, once};

use self::lease::Lease;
use self::reader::Reader;
use super::body::{Members, OptionalJson};
use super::credentials::Credentials;
use super::host::Audience;
use super::reply::private;
use crate::access::ticket::{Ticket, issue};
use crate::access::{Means, check_same, prove, verify};
use crate::address::Address;
use crate::app::App;
use crate::bus::{After, Follower};
use crate::config::AnonymousStreams;
use crate::error::{Code, Error, Result};
use crate::event::{EventId, Unreadable};
use crate::seats::{Seat, Visit};
use crate::secret::Pass;
use crate::store::TICKET;

/// How long a browser waits before it connects again, in milliseconds.
const RETRY: &str = "retry: 3000\n";
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Hear what happens to a key, as Server-Sent Events.
///
/// The stream begins with `connection_state` and does not end by itself. `data` of each event is one line of JSON:
/// `connection_state` is a `ConnectionState`, `commands_changed` a `CommandsChanged`, `command_progress` a `CommandProgress`,
/// `command_result` a `CommandResult`, `stream_gap` a `StreamGap`. A comment, `: keepalive`, comes after 15 s of silence. Whoever has proven the address hears
/// everything, by a ticket, a session or a signature, and as long as these last; what a stream hears that proves nothing is
/// decided by the server's `NEXUS_ANONYMOUS_STREAMS`.
#[utoipa::path(
    get, path = "/api/v1/stream/{public_key}", operation_id = "stream", tag = "Stream",
    params(("public_key" = String, Path, pattern = "^0x[0-9a-fA-F]{40}$",
            description = "An address. A SEC1 public key of 33 or 65 bytes in hex is taken for its address.",
            example = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"),
           ("ticket" = Option<String>, Query, description = "A ticket of this address, for clients that can send no header.",
            pattern = "^nt_[A-Za-z0-9_-]{64}$"),
           ("last_event_id" = Option<String>, Query,
            description = "The `id` after which to go on, where the stream hears everything; `0` from the oldest that is kept."),
           ("Last-Event-ID" = Option<String>, Header, description = "The same, as browsers send it; it wins.")),
    responses((status = 200, description = "An endless stream of events.", body = String,
               content_type = "text/event-stream",
               headers(("cache-control" = String), ("x-accel-buffering" = String)))),
    security((), ("session" = []), ("signature" = []))
)]
pub async fn stream(
    State(app): State<Arc<App>>,
    credentials: Credentials,
    key: Result<Path<String>, PathRejection>,
    query: Result<Query<Params>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response> {
    let address: Address = match key {
        Ok(Path(key)) => key.parse()?,
        Err(error) => return Err(Error::new(Code::MalformedRequest, "The key is not readable.").caused_by(error)),
    };
    let Query(params) = query.map_err(|error| {
        Error::new(Code::MalformedRequest, "The query is not readable.")
            .with_hint("`ticket` and `last_event_id` may stand in it once.")
            .caused_by(error)
    })?;
    let Entrance { seat, authenticated, pass } = enter(&app, address, credentials, params.ticket).await?;
    let hears_all = authenticated || app.config.anonymous_streams == AnonymousStreams::Full;
    // First the subscription, then the state and the log: what happens in between is heard.
    let subscription = app.bus.subscribe(address);
    // What a browser heard last beats what the page asked for at first.
    let wanted = headers.get(LAST_EVENT_ID).map(|id| id.to_str().unwrap_or_default().to_owned());
    let wanted = wanted.or(params.last_event_id).filter(|_| hears_all);
    let after = match wanted {
        Some(id) => place_of(&app, &id, subscription.since()).await?,
        None => Some(After::Now),
    };
    let begin = after.unwrap_or(After::Now);
    let mut follower = Follower::new(Arc::clone(&app.bus), address, subscription, begin);
    let recovered = follower.look_back().await? && begin != After::Now;
    let etag = app.registry.load().catalogue().etag.clone();
    let visitor = app.store.identity(address).await?.is_none();
    let mut silence = interval(app.config.keepalive);
    silence.set_missed_tick_behavior(MissedTickBehavior::Delay);
    silence.reset();
    let mut lease = pass.map(|pass| Box::new(Lease::new(Arc::clone(&app), pass)));
    if let Some(lease) = &mut lease {
        // It may have ended since it was looked at, and before anybody could tell this stream of it.
        lease.doubt();
    }
    let dismissed = false;
    let reader = Reader {
        app,
        address,
        hears_all,
        authenticated,
        lease,
        follower,
        visitor,
        etag,
        recovered,
        silence,
        dismissed,
        _seat: seat,
    };
    let gap = after.is_none().then(|| reader.gap("unknown_id", None));
    let first = [RETRY.as_bytes(), reader.state().frame(), gap.as_ref().map_or(b"", |gap| gap.frame())].concat();
    let rest = unfold(reader, async |mut reader| reader.next().await.map(|frame| (frame, reader)));
    let frames = once(Bytes::from(first)).chain(rest).map(Ok::<_, Infallible>);
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-cache, no-transform"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
        // It ends with the server: a proxy must not send another request on what is being closed.
        (CONNECTION, "close"),
    ];
    Ok((headers, Body::from_stream(frames)).into_response())
}

/// A ticket for a native `EventSource`, which can send no header.
///
/// It opens one stream of your address within `expiresIn` seconds. The newest connection wins and closes the older; after a
/// break the browser may come back within 120 s, for 12 hours in all. With the session that it was got by it ends.
#[utoipa::path(
    post, path = "/api/v1/stream/ticket", operation_id = "getTicket", tag = "Stream",
    responses((status = 200, description = "The ticket.", body = ref("#/components/schemas/Ticket"),
               content_type = "application/json", headers(("cache-control" = String)))),
    security(("session" = []), ("signature" = []))
)]
pub async fn ticket(
    State(app): State<Arc<App>>,
    Audience(audience): Audience,
    credentials: Credentials,
    OptionalJson(body): OptionalJson,
) -> Result<Response> {
    if let Some(body) = &body {
        Members::of(body.clone(), "Send no body.")?.end()?;
    }
    let proven = prove(&app, credentials.read()?, body.as_ref()).await?;
    let text = issue(&app, &proven).await?;
    let url = format!("{audience}/api/v1/stream/{}?ticket={text}", proven.address);
    private(StatusCode::OK, &json!({ "ticket": text, "expiresIn": TICKET.as_secs(), "url": url }))
}

/// The parameters of the query.
#[derive(Deserialize)]
pub struct Params {
    ticket: Option<String>,
    last_event_id: Option<String>,
}

/// A stream that may begin.
struct Entrance {
    seat: Seat,
    authenticated: bool,
    /// What may end it.
    pass: Option<Pass>,
}

/// Lets a stream in, by its ticket, its session, its signature, or as one that proves nothing. Fails with `identity_required`,
/// `bearer_mismatch`, `too_many_streams`, and with what the proof fails with.
async fn enter(app: &App, address: Address, credentials: Credentials, ticket: Option<String>) -> Result<Entrance> {
    let asked = credentials.read()?;
    let peer = asked.peer;
    if let Some(text) = ticket {
        let ticket = Ticket::read(app, &text, address).await?;
        let seat = app.seats.take(address, peer, Visit::Ticket(ticket.id()))?;
        let pass = ticket.redeem(app).await?;
        return Ok(Entrance { seat, authenticated: true, pass: Some(pass) });
    }
    if let Some(verified) = verify(app, asked, None).await? {
        check_same(verified.address, address)?;
        let seat = app.seats.take(address, peer, Visit::Proven)?;
        let pass = match verified.admit(app).await?.by {
            Means::Session(id) => Some(Pass::Session(id)),
            Means::Signature => None,
        };
        return Ok(Entrance { seat, authenticated: true, pass });
    }
    if app.config.anonymous_streams == AnonymousStreams::Off {
        return Err(Error::new(Code::IdentityRequired, "This server has no streams for callers who prove nothing.").with_hint(
            "Open it with a ticket (POST /api/v1/stream/ticket), a session or a signature. NEXUS_ANONYMOUS_STREAMS decides what \
             other streams hear: `off`, `state` or `full`.",
        ));
    }
    Ok(Entrance { seat: app.seats.take(address, peer, Visit::Anonymous)?, authenticated: false, pass: None })
}

/// Where an id stands, `0` before the oldest event; none when the log does not know it. Fails with `store_unavailable`.
async fn place_of(app: &App, id: &str, newest: EventId) -> Result<Option<After>> {
    Ok(match id.parse::<EventId>() {
        Ok(id) if id.epoch != newest.epoch => None,
        Ok(id) if id.sequence <= newest.sequence || app.bus.has(id.sequence).await? => {
            Some(After::Sequence(id.sequence))
        }
        Ok(_) => None,
        Err(Unreadable) => (id == "0").then_some(After::Oldest),
    })
}
