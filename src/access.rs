//! Who is behind a request, and what says so.
//!
//! | what is sent | what it proves | for how long |
//! |---|---|---|
//! | nothing, or `Bearer 0x…`, a *claim* | nothing | |
//! | a signature ([`signature`]) | the address, for this one request | 300 s at most |
//! | `Bearer ns_…`, a session ([`session`]) | the address, for what needs no signature | 24 h, 1 h idle |
//! | `?ticket=nt_…` ([`ticket`]) | the address, for one stream | 12 h |
//!
//! A command is proven by the `auth` in its body, see `pipeline::authenticate`; every other request by its `Authorization`,
//! see [`verify`].

pub mod session;
pub mod signature;
pub mod ticket;

use std::net::IpAddr;

use serde_json::Value;

use crate::address::Address;
use crate::app::App;
use crate::bus::{Mark, Refusal};
use crate::command::Role;
use crate::error::{Code, Error, Limit, Result};
use crate::run::Nonce;
use crate::secret::{Secret, SecretId};
use crate::signing::v1::expired;

/// What `Authorization` says, read and not yet believed.
#[derive(Debug)]
pub enum Authorization {
    Nothing,
    Claim(Address),
    Session(Secret),
    /// The `auth` object of `EthSignature`.
    Signature(Value),
}

/// A request that is no command, as far as a proof rests on it.
#[derive(Debug)]
pub struct Asked {
    pub authorization: Authorization,
    /// `METHOD path?query`, as it was sent.
    pub line: String,
    pub peer: IpAddr,
}

/// An address that is proven, by something that may be used up by that.
#[must_use = "a signature is good once: admit it"]
pub struct Verified {
    pub address: Address,
    by: Means,
    nonce: Option<Nonce>,
}

/// An address that is proven, here and now.
pub struct Proven {
    pub address: Address,
    pub by: Means,
}

/// By what an address was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    Signature,
    Session(SecretId),
}

/// What the request proves; none when nothing in it is meant to. `body` is its JSON body, which a signature covers. Fails with
/// `auth_malformed`, `session_invalid`, or with what [`signature`] says.
pub async fn verify(app: &App, asked: Asked, body: Option<&Value>) -> Result<Option<Verified>> {
    match asked.authorization {
        Authorization::Nothing | Authorization::Claim(_) => Ok(None),
        Authorization::Session(secret) => {
            let address = session::resume(app, &secret).await?;
            Ok(Some(Verified { address, by: Means::Session(secret.id), nonce: None }))
        }
        Authorization::Signature(auth) => {
            let (address, nonce) = signature::of_request(app, asked.peer, &asked.line, body, &auth)?;
            Ok(Some(Verified { address, by: Means::Signature, nonce }))
        }
    }
}

/// What the request proves, which is used up by it: for what shows or changes something of one address. To be called when all
/// else about the request is known to be right. Fails with `identity_required` where nothing is proven, and as [`verify`]
/// and [`Verified::admit`] do.
pub async fn prove(app: &App, asked: Asked, body: Option<&Value>) -> Result<Proven> {
    let verified = verify(app, asked, body).await?.ok_or_else(|| {
        Error::new(Code::IdentityRequired, "This is for the owner of an address, and you have proven none.").with_hint(
            "Send `Authorization: Bearer ns_…` of a session, or `Authorization: EthSignature <base64url of auth>`, signed over \
             `METHOD path?query`.",
        )
    })?;
    verified.admit(app).await
}

/// Who asks for what only admins may, and has signed it. Fails with `signature_required`, `forbidden`, and as [`verify`] does.
pub async fn admin(app: &App, asked: Asked, body: Option<&Value>) -> Result<Verified> {
    let verified = verify(app, asked, body).await?.filter(|verified| verified.by == Means::Signature);
    let verified = verified.ok_or_else(|| {
        Error::new(Code::SignatureRequired, "This is for admins, who sign it.").with_hint(
            "Send `Authorization: EthSignature <base64url of auth>`, signed over `METHOD path?query` and the body.",
        )
    })?;
    if role(app, verified.address).await? == Role::Admin {
        return Ok(verified);
    }
    Err(Error::new(Code::Forbidden, "This is for admins.")
        .with_hint("The operator of the server lists its admins in NEXUS_ADMINS."))
}

impl Verified {
    /// Uses the signature up. Fails with `nonce_reused`, `request_expired`, `rate_limited` or `store_unavailable`.
    pub async fn admit(self, app: &App) -> Result<Proven> {
        if let Some(nonce) = self.nonce
            && let Some(refusal) = app.bus.spend(self.address, nonce).await?
        {
            return Err(refused(refusal));
        }
        Ok(Proven { address: self.address, by: self.by })
    }
}

/// What a proven address is to this server. Fails with `store_unavailable`.
pub async fn role(app: &App, address: Address) -> Result<Role> {
    if app.config.admins.contains(&address) {
        return Ok(Role::Admin);
    }
    let identity = app.store.identity(address).await?;
    Ok(if identity.is_some() { Role::Member } else { Role::Visitor })
}

/// Whether a proof of one address may stand for another: it may not (`bearer_mismatch`).
pub fn check_same(proven: Address, named: Address) -> Result<()> {
    if proven == named {
        return Ok(());
    }
    Err(Error::new(Code::BearerMismatch, "What you have sent proves another address than the one that you name.")
        .with_hint("Leave one of the two out, or let both be of one key."))
}

/// What is said of a nonce or a key that is not taken.
pub fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Reused(Mark::Nonce) => Error::new(Code::NonceReused, "The nonce of this signature was used already.")
            .with_hint("Sign each request anew, with a new nonce. Only an execution that is sent again as it was is answered again."),
        Refusal::Reused(Mark::IdempotencyKey) => {
            Error::new(Code::IdempotencyKeyReused, "This Idempotency-Key was sent with another command.")
                .with_hint("Make a new key for each new request, and keep it only to send the same again.")
        }
        Refusal::TooMany { mark: Mark::Nonce, quota, seconds } => {
            Error::new(Code::RateLimited, "This address has all the live nonces that it may.")
                .with_hint("A nonce lives as long as its signature; let signatures expire after some seconds.")
                .at_limit(Limit { policy: "nonces", quota, seconds })
        }
        Refusal::TooMany { mark: Mark::IdempotencyKey, quota, seconds } => {
            Error::new(Code::RateLimited, "This address has all the live Idempotency-Keys that it may.")
                .with_hint("A key lives for 24 hours; send requests that need none without one.")
                .at_limit(Limit { policy: "idempotency-keys", quota, seconds })
        }
        Refusal::Full => Error::new(Code::Overloaded, "The server holds all the live nonces that it can.")
            .with_hint("Try again in a minute. A nonce lives as long as its signature; let signatures expire after some seconds."),
        Refusal::Expired => expired(),
    }
}
