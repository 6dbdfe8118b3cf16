//! Whether a stream comes through whatever stands between us and the server: at once, and without being cut.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use serde::Deserialize;
use tokio::time::timeout;

use super::super::failure::Failure;
use super::super::remote::{Refusal, Remote, Trouble, innermost};
use super::check::Check;
use crate::address::Address;
use crate::clock::Clock;

const NAME: &str = "stream";
/// How long the beginning may take, which the server sends at once.
const FIRST: Duration = Duration::from_secs(10);
/// The longest keepalive that is waited for.
const LONGEST: Duration = Duration::from_mins(1);
/// By how much a keepalive may come late.
const LATE: Duration = Duration::from_secs(5);
/// How much is heard at most: a stream that proves nothing hears little.
const MOST: usize = 64 * 1024;

const UNBUFFERED: &str =
    "Let the proxy pass each piece on as it comes, uncompressed. In nginx that is `proxy_buffering off;`,
and no `proxy_ignore_headers X-Accel-Buffering;`, since nexus asks for it by that header.";
const PATIENT: &str = "Let the proxy wait longer for a server that is silent (in nginx `proxy_read_timeout`),
or let the server break the silence earlier (NEXUS_KEEPALIVE).";

#[derive(Deserialize)]
struct State {
    keepalive_ms: u64,
}

pub(super) async fn check(remote: &Remote) -> Check {
    match hear(remote).await {
        Ok(check) | Err(check) => check,
    }
}

async fn hear(remote: &Remote) -> Result<Check, Check> {
    let clock = Clock::default();
    let begun = clock.instant();
    let response = open(remote).await?;
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("text/event-stream") {
        return Err(Check::failed(NAME, "What is answered is no stream.", "Let the proxy pass /api/v1/stream on."));
    }
    if response.headers().contains_key(CONTENT_ENCODING) {
        return Err(held_back("The stream is compressed, which nexus does not do"));
    }
    let mut ear = Ear { response, heard: String::new() };
    let state = timeout(FIRST, ear.hear_until(|heard| state_in(heard).is_some())).await;
    state.map_err(|_| held_back("Nothing of the stream comes, though it is open"))??;
    let first = clock.instant().duration_since(begun);
    let Some(State { keepalive_ms }) = state_in(&ear.heard) else {
        return Err(held_back("The stream comes in pieces"));
    };
    let keepalive = Duration::from_millis(keepalive_ms);
    let told = format!("It begins after {} ms", first.as_millis());
    if keepalive > LONGEST {
        return Ok(Check::ok(
            NAME,
            format!("{told}; its keepalive, each {} s, is not waited for.", keepalive.as_secs()),
        ));
    }
    let bound = keepalive + LATE.max(keepalive / 2);
    let comment = timeout(bound, ear.hear_until(has_comment)).await;
    comment.map_err(|_| held_back(&format!("No keepalive comes in {} s", bound.as_secs())))??;
    let pause = clock.instant().duration_since(begun).saturating_sub(first);
    if first > keepalive / 2 && pause < keepalive / 2 {
        return Err(held_back("The beginning of the stream comes late, together with what should come later"));
    }
    Ok(Check::ok(NAME, format!("{told}, and is kept alive after {:.1} s.", pause.as_secs_f32())))
}

/// Opens the stream of an address that nobody has.
async fn open(remote: &Remote) -> Result<reqwest::Response, Check> {
    let mut address = [0; 20];
    getrandom::fill(&mut address).map_err(|error| Check::skipped(NAME, format!("There is no chance: {error}.")))?;
    let target = format!("/api/v1/stream/{}", Address::from_bytes(address));
    // Whoever compresses on the way does it for browsers, which say this.
    let request = remote.request(Method::GET, &target).header(ACCEPT_ENCODING, "gzip, deflate, br, zstd");
    let request = request.header(ACCEPT, "text/event-stream");
    match timeout(FIRST, remote.open(request)).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(Trouble::Refused(Refusal { status: 401, .. }))) => {
            let message = "The server refuses streams that prove nothing (NEXUS_ANONYMOUS_STREAMS=off).";
            Err(Check::skipped(NAME, message).hint("Try one with a key: nexus watch --key NAME."))
        }
        Ok(Err(Trouble::Refused(Refusal { status: 429, .. }))) => {
            Err(Check::skipped(NAME, "The server has no room for another stream now.").hint("Try again later."))
        }
        Ok(Err(trouble)) => Err(match remote.failure(trouble) {
            Failure::Said { message, .. } => Check::failed(NAME, message, "Let the proxy pass /api/v1/stream on."),
            unread @ Failure::Unread => Check::of_failure(NAME, unread),
        }),
        Err(_) => Err(held_back("The stream does not begin")),
    }
}

fn held_back(what: &str) -> Check {
    Check::failed(NAME, format!("{what}: something on the way holds it back."), UNBUFFERED)
}

/// What was heard of a stream.
struct Ear {
    response: reqwest::Response,
    heard: String,
}

impl Ear {
    async fn hear_until(&mut self, is_enough: impl Fn(&str) -> bool) -> Result<(), Check> {
        while !is_enough(&self.heard) {
            let cut = |why: &str| Check::failed(NAME, format!("The stream was cut: {why}."), PATIENT);
            match self.response.chunk().await {
                Ok(Some(chunk)) if self.heard.len() + chunk.len() <= MOST => {
                    self.heard.push_str(&String::from_utf8_lossy(&chunk));
                }
                Ok(Some(_)) => return Err(cut("it has no end of words")),
                Ok(None) => return Err(cut("somebody has ended it")),
                Err(error) => return Err(cut(&innermost(&error))),
            }
        }
        Ok(())
    }
}

/// The data of the first `connection_state`, once it is there as a whole.
fn state_in(heard: &str) -> Option<State> {
    let (frames, _) = heard.rsplit_once("\n\n")?;
    let frame = frames.split("\n\n").find(|frame| frame.lines().any(|line| line == "event: connection_state"))?;
    serde_json::from_str(frame.lines().find_map(|line| line.strip_prefix("data: "))?).ok()
}

fn has_comment(heard: &str) -> bool {
    heard.lines().any(|line| line.starts_with(':'))
}
