//! Signatures: what they are good for here and now.

use std::net::IpAddr;

use serde_json::Value;

use crate::address::Address;
use crate::app::App;
use crate::config::LegacySignatures;
use crate::error::{Code, Error, Result};
use crate::run::Nonce;
use crate::signing::Proof;
use crate::signing::v1::Signed;

/// Checks a v1 signature over `command` and `args`. What it returns makes sure that it is good only once.
///
/// Fails with `audience_mismatch`, `validity_too_long`, `request_not_yet_valid`, `request_expired`, `rate_limited`,
/// `signature_invalid`, `signature_high_s` or `signature_mismatch`, in this order.
pub fn check(app: &App, peer: IpAddr, signed: &Signed, command: &str, args: Option<&Value>) -> Result<Nonce> {
    if !app.public_origins.iter().any(|ours| ours.as_str() == signed.audience) {
        return Err(Error::new(Code::AudienceMismatch, "The signature is made out to another server.").with_hint(
            "Sign for the `audience` in `data`, byte for byte. The operator sets it by NEXUS_PUBLIC_ORIGINS.",
        ));
    }
    signed.check_times(app.clock.now())?;
    let check = || {
        let digest = signed.digest(command, args)?;
        signed.verify(&digest)?;
        Ok(digest)
    };
    let fingerprint = paid(app, peer, check)?;
    Ok(Nonce { value: signed.nonce.clone(), fingerprint, dies_at: signed.dies_at() })
}

/// Runs a check of a signature, which its peer pays for unless it is good. Fails with `rate_limited`.
pub fn paid<T>(app: &App, peer: IpAddr, check: impl FnOnce() -> Result<T>) -> Result<T> {
    let spent = app.budget.spend(peer, app.clock.instant())?;
    let proven = check()?;
    spent.give_back();
    Ok(proven)
}

/// The signer of a request that is no command, and what makes the signature good only once; nothing where it is bare, which is
/// taken where every bare signature is. Fails with `auth_malformed`, `replay_protection_required`, and as [`check`] does.
pub(super) fn of_request(
    app: &App,
    peer: IpAddr,
    line: &str,
    body: Option<&Value>,
    auth: &Value,
) -> Result<(Address, Option<Nonce>)> {
    match Proof::parse(auth)? {
        Proof::Signed(signed) => Ok((signed.signer(), Some(check(app, peer, &signed, line, body)?))),
        Proof::Bare(_) if body.is_some() || app.config.legacy_signatures != LegacySignatures::All => {
            let message = "A bare signature can be sent again by whoever sees it, so it is not enough for this.";
            Err(Error::new(Code::ReplayProtectionRequired, message).with_hint(SIGN_V1))
        }
        Proof::Bare(bare) => Ok((paid(app, peer, || bare.verify_exactly(line))?, None)),
    }
}

/// What to do where a bare signature is not enough.
pub const SIGN_V1: &str = "Sign it as Signed Command v1: `auth` with scheme \"eip191\", audience, nonce, issuedAt and expiresAt \
                           (docs/protocol.md). What bare signatures are good for is set by NEXUS_LEGACY_SIGNATURES.";
