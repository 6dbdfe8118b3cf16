//! Sessions: an address that was proven once, by Sign-In with Ethereum (ERC-4361), and is believed for a while.

use std::net::IpAddr;

use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;

use super::refused;
use crate::address::Address;
use crate::app::App;
use crate::bus::{Refusal, Signal};
use crate::error::{Code, Error, Result};
use crate::origin::Origin;
use crate::run::Nonce;
use crate::secret::{Secret, SecretId};
use crate::signing::personal::personal_digest;
use crate::signing::recover::{Signature, recover};
use crate::signing::siwe::Message;
use crate::signing::v1::SKEW;

pub const PREFIX: &str = "ns_";

/// How long a nonce of [`challenge`] may be signed in with.
pub const CHALLENGE: SignedDuration = SignedDuration::from_mins(10);

/// A session that has begun.
pub struct Begun {
    pub address: Address,
    pub token: String,
    pub expires_at: Timestamp,
}

/// A nonce to sign in with: its time, 12 random bytes, and the first 16 bytes of HMAC-SHA-256 over both, in hex. Nothing is
/// kept of it until somebody has signed in with it. Fails with `store_unavailable`.
pub async fn challenge(app: &App) -> Result<String> {
    let mut nonce = [0; 16];
    let (time, random) = nonce.split_at_mut(4);
    time.copy_from_slice(&seconds(app.clock.now()).to_be_bytes());
    getrandom::fill(random).map_err(Error::internal)?;
    let tag = authenticator(app, &nonce).await?.finalize().into_bytes();
    Ok(hex::encode(nonce) + &hex::encode(tag.get(..16).unwrap_or_default()))
}

/// Begins a session for whoever signed the message, which must be made out to one of our origins or of those that may call,
/// and to `origin` where the request names one. Fails with `siwe_invalid`, `auth_malformed`, or with what the verification of
/// the signature says.
pub async fn sign_in(app: &App, peer: IpAddr, origin: Option<&str>, text: &str, signature: &str) -> Result<Begun> {
    let message = Message::parse(text).map_err(|fault| invalid(fault.to_string()))?;
    let signature = Signature::parse(signature)?;
    check_domain(app, &message, origin)?;
    let now = app.clock.now();
    message.check_times(now).map_err(|fault| invalid(fault.to_string()))?;
    if message.issued_at.as_second() > now.as_second().saturating_add(SKEW) {
        return Err(invalid("It was made in the future; compare your clock with the server's.".to_owned()));
    }
    let dies_at = check_nonce(app, &message.nonce, now).await?;
    let digest = personal_digest(text.as_bytes());
    let address = super::signature::paid(app, peer, || match recover(&digest, &signature)? {
        signer if signer == message.address => Ok(signer),
        _ => Err(Error::new(
            Code::SignatureMismatch,
            "The signature is not by the address in the message, or not over it.",
        )
        .with_hint("Sign the message by personal_sign, byte for byte as you send it.")),
    })?;
    let nonce = Nonce { value: message.nonce.clone(), fingerprint: digest, dies_at };
    match app.bus.spend(address, nonce).await? {
        None => {}
        Some(Refusal::Reused(_)) => return Err(invalid("Its nonce was signed in with already.".to_owned())),
        Some(refusal) => return Err(refused(refusal)),
    }
    let secret = Secret::new()?;
    let expires_at = app.store.begin_session(address, &secret).await?;
    Ok(Begun { address, token: secret.reveal(PREFIX), expires_at })
}

/// Whose session this is. Fails with `session_invalid`.
pub async fn resume(app: &App, secret: &Secret) -> Result<Address> {
    app.store.session(secret).await?.ok_or_else(ended)
}

/// Ends one session of an address, or all of them. Streams that depend on them end too.
pub async fn sign_out(app: &App, address: Address, only: Option<SecretId>) -> Result<()> {
    let bus = std::sync::Arc::clone(&app.bus);
    app.store.end_sessions(address, only, Box::new(move || bus.announce(address, Signal::Revoked))).await
}

fn check_domain(app: &App, message: &Message, origin: Option<&str>) -> Result<()> {
    let ours = || app.public_origins.iter().chain(&app.config.allowed_origins);
    let is_meant = |ours: &&Origin| {
        ours.authority().as_str() == message.domain
            && message.scheme.as_deref().is_none_or(|scheme| ours.as_str().split("://").next() == Some(scheme))
    };
    let Some(_) = ours().find(is_meant) else {
        return Err(invalid("Its domain is neither one of this server nor of a frontend that may call it.".to_owned())
            .with_hint("Let the domain be the host (with its port) of the page that asks, such as localhost:5173."));
    };
    match origin {
        Some(origin) if !ours().filter(is_meant).any(|ours| ours.as_str() == origin) => {
            Err(invalid("Its domain is not that of the page that sends it.".to_owned()))
        }
        _ => Ok(()),
    }
}

/// When a nonce dies that is good now, in unix seconds. Fails with `siwe_invalid`.
async fn check_nonce(app: &App, text: &str, now: Timestamp) -> Result<i64> {
    let foreign = || invalid("Its nonce is none of this server, or it is too old.".to_owned());
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| foreign())?;
    // In capitals it would be another nonce to whoever writes down which were used.
    if hex::encode(bytes) != text {
        return Err(foreign());
    }
    let (nonce, tag) = bytes.split_at(16);
    authenticator(app, nonce).await?.verify_truncated_left(tag).map_err(|_| foreign())?;
    let time = nonce.first_chunk().map_or(0, |time| u32::from_be_bytes(*time));
    let dies_at = i64::from(time).saturating_add(CHALLENGE.as_secs());
    if dies_at <= now.as_second() { Err(foreign()) } else { Ok(dies_at) }
}

/// Recognises what this server has made.
async fn authenticator(app: &App, nonce: &[u8]) -> Result<Hmac<Sha256>> {
    let secret = app.store.secret().await?;
    let hmac = Hmac::<Sha256>::new_from_slice(&secret).map_err(Error::internal)?;
    Ok(hmac.chain_update(nonce))
}

/// Unix seconds until the year 2106.
fn seconds(now: Timestamp) -> u32 {
    u32::try_from(now.as_second()).unwrap_or(u32::MAX)
}

/// The session is none that lasts (`session_invalid`).
pub fn ended() -> Error {
    Error::new(Code::SessionInvalid, "The session is none that lasts.")
        .with_hint("Sign in again: GET /api/v1/auth/nonce, then POST /api/v1/auth/siwe.")
}

fn invalid(message: String) -> Error {
    Error::new(Code::SiweInvalid, format!("The sign-in message is not taken. {message}"))
        .with_hint("Get a nonce from GET /api/v1/auth/nonce, and write the message as ERC-4361 has it.")
}
