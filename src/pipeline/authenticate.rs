//! Second stage: who is calling, and is that enough for this command?

use std::net::IpAddr;

use super::parse::{Parsed, Place};
use crate::access::signature::{SIGN_V1, check, paid};
use crate::access::{Authorization, check_same, role, session};
use crate::address::Address;
use crate::app::App;
use crate::command::{Form, Role};
use crate::config::LegacySignatures;
use crate::error::{Code, Error, Result};
use crate::run::Nonce;
use crate::signing::Proof;
use crate::signing::bare::Bare;

/// Who is behind a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    Nobody,
    /// Names an address and proves nothing.
    Claim(Address),
    /// Has signed in.
    Session(Address),
    /// Has signed this command, perhaps long ago: good for an answer, not for a place in the log.
    Replayable(Address),
    /// Has signed this command.
    Signer(Address),
}

impl Caller {
    /// The address, where it is proven.
    pub(super) fn proven(self) -> Option<Address> {
        match self {
            Self::Nobody | Self::Claim(_) => None,
            Self::Session(address) | Self::Replayable(address) | Self::Signer(address) => Some(address),
        }
    }

    /// The address whose log the run is of, if it has one.
    pub(super) fn owner(self) -> Option<Address> {
        match self {
            Self::Nobody | Self::Claim(_) | Self::Replayable(_) => None,
            Self::Session(address) | Self::Signer(address) => Some(address),
        }
    }

    fn has_signed(self) -> bool {
        matches!(self, Self::Replayable(_) | Self::Signer(_))
    }
}

/// A parsed command, and a caller who meets its demands.
pub(super) struct Authenticated {
    pub(super) parsed: Box<Parsed>,
    pub(super) caller: Caller,
    /// What makes the signature good only once; not used up yet.
    pub(super) nonce: Option<Nonce>,
    _seal: Seal,
}

struct Seal;

/// Fails with `signature_required`, `identity_required`, `session_invalid`, `bearer_mismatch`, `forbidden`,
/// `replay_protection_required`, or with what the verification of the signature says.
pub(super) async fn authenticate(app: &App, parsed: Box<Parsed>) -> Result<Authenticated> {
    let subject = parsed.line.as_ref().unwrap_or(&parsed.text);
    let (signer, nonce) = match &parsed.proof {
        Some(Proof::Signed(signed)) => {
            let nonce = check(app, parsed.peer, signed, subject, parsed.args.as_ref())?;
            (Some(Caller::Signer(signed.signer())), Some(nonce))
        }
        Some(Proof::Bare(bare)) => {
            (Some(Box::pin(verify_bare(app, &parsed.form, subject, parsed.peer, bare)).await?), None)
        }
        None => (None, None),
    };
    let caller = join(app, signer, &parsed.authorization).await?;
    demand(app, parsed, caller, nonce).await
}

/// Somebody whose proof was looked at before. Fails as [`authenticate`] does where that is not enough for this command.
pub(super) async fn demand(
    app: &App,
    parsed: Box<Parsed>,
    caller: Caller,
    nonce: Option<Nonce>,
) -> Result<Authenticated> {
    check_demands(app, &parsed.form, parsed.place, caller).await?;
    Ok(Authenticated { parsed, caller, nonce, _seal: Seal })
}

/// Who calls, by a signature and by what stands beside it. Fails with `session_invalid` or `bearer_mismatch`.
pub(super) async fn join(app: &App, signer: Option<Caller>, authorization: &Authorization) -> Result<Caller> {
    let bearer = match authorization {
        Authorization::Session(secret) => Caller::Session(Box::pin(session::resume(app, secret)).await?),
        Authorization::Claim(address) => Caller::Claim(*address),
        Authorization::Nothing | Authorization::Signature(_) => Caller::Nobody,
    };
    if let (Some(signer), Some(session)) = (signer.and_then(Caller::proven), bearer.proven()) {
        check_same(signer, session)?;
    }
    Ok(signer.unwrap_or(bearer))
}

async fn check_demands(app: &App, form: &Form, place: Place, caller: Caller) -> Result<()> {
    if form.demands.requires_signature && !caller.has_signed() {
        let error = Error::new(Code::SignatureRequired, format!("{} needs your signature.", form.path));
        return Err(error.with_hint(what_to_send(app, form, place)));
    }
    if form.demands.requires_identity && caller.proven().is_none() {
        let error = Error::new(Code::IdentityRequired, format!("{} needs a proven address.", form.path));
        return Err(error.with_hint(what_to_send(app, form, place)));
    }
    let (Some(required), Some(address)) = (form.demands.requires_role, caller.proven()) else { return Ok(()) };
    // In boxes, here and below: most commands need no room for what these wait with.
    if Box::pin(role(app, address)).await? >= required {
        return Ok(());
    }
    let hint = match required {
        Role::Admin => "The operator of the server lists its admins in NEXUS_ADMINS.",
        Role::Member | Role::Visitor => "Create your identity first: send /identity, signed.",
    };
    Err(Error::new(Code::Forbidden, format!("{} is for {}s.", form.path, required.as_str())).with_hint(hint))
}

/// Tells a caller who has proven too little what to do: not what would be refused next.
fn what_to_send(app: &App, form: &Form, place: Place) -> &'static str {
    match place {
        Place::Body => {}
        Place::Header => {
            return "Send `Authorization: EthSignature <base64url of auth>`, signed over `METHOD path?query` and the body \
                    (docs/protocol.md), or for what needs no signature `Authorization: Bearer ns_…` with a session.";
        }
        Place::Batch => {
            return "Send `auth` beside the list, a Signed Command v1 over the whole batch (docs/protocol.md).";
        }
    }
    let bare_would_do = match app.config.legacy_signatures {
        LegacySignatures::Off => false,
        LegacySignatures::Safe => form.demands.replay_safe,
        LegacySignatures::All => true,
    };
    match (form.demands.requires_signature, bare_would_do) {
        (true, true) => {
            "Send `auth`: a Signed Command v1 (docs/protocol.md), or the publicKey and the bare signature of the text."
        }
        (true, false) => "Send `auth`: a Signed Command v1 (docs/protocol.md).",
        (false, _) => {
            "Send `Authorization: Bearer ns_…` with a session, or `auth` with a Signed Command v1 (docs/protocol.md)."
        }
    }
}

async fn verify_bare(app: &App, form: &Form, text: &str, peer: IpAddr, bare: &Bare) -> Result<Caller> {
    let verify = || paid(app, peer, || bare.verify(text));
    match app.config.legacy_signatures {
        LegacySignatures::Off => Err(replayable(form, "This server takes no bare signature.")),
        LegacySignatures::All => verify().map(Caller::Signer),
        LegacySignatures::Safe if !form.demands.replay_safe => Err(replayable(
            form,
            "A bare signature can be sent again by whoever sees it, so it is not enough for this command.",
        )),
        LegacySignatures::Safe => {
            let address = verify()?;
            if app.store.was_deleted(address).await? {
                return Err(replayable(
                    form,
                    "This address has deleted its identity; no bare signature of it is taken any more.",
                ));
            }
            Ok(Caller::Replayable(address))
        }
    }
}

fn replayable(form: &Form, message: &'static str) -> Error {
    let hint = if form.demands.requires_signature || form.demands.requires_identity {
        SIGN_V1
    } else {
        "This command needs no signature: leave `auth` out, or sign it as Signed Command v1 (docs/protocol.md). What bare \
         signatures are good for is set by NEXUS_LEGACY_SIGNATURES."
    };
    Error::new(Code::ReplayProtectionRequired, message).with_hint(hint)
}
