//! HTTP outward: a signed request to somebody else's server, and what it answers.
//!
//! It knows [Standard Webhooks](https://www.standardwebhooks.com), and not what a command is. It is careful of both sides.
//! Whoever names a URL does not learn what stands behind this server: only public addresses are called, the one that was
//! checked is the one that is connected to, no redirect is followed, no proxy is asked, and of a failure only its kind is
//! told. Whoever answers can say much or little, slowly or never, and what is read and waited for stays bounded.

mod answer;
mod client;
mod fault;
mod patience;
mod public;
mod resolver;
mod secret;
mod target;

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{RequestBuilder, Response};
use tokio::time::sleep;
use tracing::debug;
use uuid::Uuid;

use self::client::Clients;
use self::fault::{Fault, Kind};
use crate::clock::Clock;
use crate::config::Allowance;
use crate::error::{Error, Result};
use crate::runtime::within;

pub use self::answer::Answer;
pub use self::patience::Patience;
pub use self::public::is_public;
pub use self::resolver::{Lookup, by_the_system};
pub use self::secret::Secret;
pub use self::target::Target;

/// The largest answer that is read, in bytes.
const LARGEST: usize = 256 * 1024;

/// Calls webhooks.
pub struct Webhooks {
    allowance: Allowance,
    clients: Clients,
    patience: Patience,
    clock: Clock,
}

impl Webhooks {
    /// Looks names up as the machine does.
    pub fn new(allowance: Allowance, clock: Clock) -> Self {
        Self::with(allowance, by_the_system(), Patience::default(), clock)
    }

    /// Looks names up by `lookup`.
    pub fn with(allowance: Allowance, lookup: Lookup, patience: Patience, clock: Clock) -> Self {
        Self { clients: Clients::new(allowance.clone(), lookup), allowance, patience, clock }
    }

    /// Reads a URL that may be called. Fails with what is wrong, as a sentence.
    pub fn target(&self, url: &str) -> Result<Target, String> {
        Target::parse(url, &self.allowance)
    }

    /// Posts `payload`, which is JSON, and waits for the answer, `time` at most. Attempts that fail in a way that may pass are
    /// repeated, all under the same id, by which the receiver knows them for one. Without a secret nothing is signed.
    ///
    /// Fails with `command_failed` where the webhook refuses, in its own words, and with `webhook_failed` where there is no
    /// answer that can be used. May be dropped at any time.
    pub async fn call(
        &self,
        target: &Target,
        secret: Option<&Secret>,
        id: Uuid,
        payload: Bytes,
        time: Duration,
    ) -> Result<Answer> {
        let begun = self.clock.instant();
        let left = || time.saturating_sub(self.clock.instant().duration_since(begun));
        let mut attempt = 1;
        loop {
            let request = self.request(target, secret, id, payload.clone())?;
            let limit = self.patience.attempt(time).min(left());
            let ended = within(limit, pin!(self.attempt(request))).await;
            let fault = match ended.unwrap_or_else(|| Err(Kind::Late.into())) {
                Ok(body) => return answer::read(&body),
                Err(fault) => fault,
            };
            let pause = self.patience.pause(attempt, fault.retry_after)?;
            if !fault.may_pass() || attempt >= self.patience.attempts || pause >= left() {
                return Err(fault.into());
            }
            debug!(%id, attempt, kind = ?fault.kind, "a webhook is called again");
            sleep(pause).await;
            attempt += 1;
        }
    }

    /// One attempt: the time in it is its own, and so is the signature.
    fn request(&self, target: &Target, secret: Option<&Secret>, id: Uuid, payload: Bytes) -> Result<RequestBuilder> {
        let (id, timestamp) = (id.to_string(), self.clock.now().as_second().to_string());
        let client = self.clients.get(target.reach).map_err(Error::internal)?;
        let mut request = client
            .post(target.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json")
            .header("webhook-id", &id)
            .header("webhook-timestamp", &timestamp);
        if let Some(secret) = secret {
            request = request.header("webhook-signature", secret.sign(&id, &timestamp, &payload)?);
        }
        Ok(request.body(payload))
    }

    /// The body of a success.
    async fn attempt(&self, request: RequestBuilder) -> Result<Vec<u8>, Fault> {
        let response = request.send().await?;
        let status = response.status();
        if status.is_success() {
            return read(response).await;
        }
        let kind = if status.is_redirection() { Kind::Redirect } else { Kind::Status(status.as_u16()) };
        let asked = response.headers().get(RETRY_AFTER).and_then(|value| self.pause_of(value));
        Err(Fault { retry_after: asked, ..Fault::from(kind) })
    }

    /// `Retry-After` (RFC 9110, section 10.2.3): seconds, or a time of day.
    fn pause_of(&self, value: &HeaderValue) -> Option<Duration> {
        let text = value.to_str().ok()?;
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let until = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
        Some(Duration::try_from(until.duration_since(self.clock.now())).unwrap_or_default())
    }
}

async fn read(mut response: Response) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > LARGEST {
            return Err(Kind::TooLarge.into());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
