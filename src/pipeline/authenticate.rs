//! Second stage: who is calling, and is that enough for this command?

use serde_json::Value;

use super::parse::Parsed;
use crate::address::Address;
use crate::app::App;
use crate::command::Form;
use crate::config::LegacySignatures;
use crate::error::{Code, Error, Result};
use crate::signing::bare::Bare;

/// Who is behind a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    Nobody,
    /// Names an address and proves nothing.
    Claim(Address),
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
            Self::Replayable(address) | Self::Signer(address) => Some(address),
        }
    }
}

/// A parsed command, and a caller who meets its demands.
pub(super) struct Authenticated {
    pub(super) parsed: Parsed,
    pub(super) caller: Caller,
    _seal: Seal,
}

struct Seal;

/// Fails with `signature_required`, `identity_required`, `replay_protection_required`, or with what the verification of
/// the signature says.
pub(super) async fn authenticate(app: &App, parsed: Parsed) -> Result<Authenticated> {
    let caller = match (&parsed.proof, parsed.claim) {
        (Some(proof), _) => verify(app, &parsed.form, &parsed.text, proof).await?,
        (None, Some(address)) => Caller::Claim(address),
        (None, None) => Caller::Nobody,
    };
    let form = &parsed.form;
    if form.requires_signature && caller.proven().is_none() {
        let error = Error::new(Code::SignatureRequired, format!("{} needs your signature.", form.path));
        return Err(with_what_would_do(app, form, error));
    }
    if form.requires_identity && caller.proven().is_none() {
        let error = Error::new(Code::IdentityRequired, format!("{} needs a proven address.", form.path));
        return Err(with_what_would_do(app, form, error));
    }
    Ok(Authenticated { parsed, caller, _seal: Seal })
}

/// The address of whoever signed `text`, which is not a command: for what only its owner may see. Fails with
/// `identity_required` without a signature, `auth_malformed`, `replay_protection_required`, or with what the verification
/// says.
pub fn prove(app: &App, text: &str, auth: Option<&Value>) -> Result<Address> {
    let bare_is_enough = app.config.legacy_signatures == LegacySignatures::All;
    let Some(auth) = auth else {
        let error =
            Error::new(Code::IdentityRequired, "This is shown to its owner only, and you have proven no address.");
        return Err(if bare_is_enough {
            error
                .with_hint(
                    "Send `Authorization: EthSignature <base64url of {\"publicKey\": .., \"signature\": ..}>`, signed over \
                     `METHOD path?query`.",
                )
                .where_bare_would_do()
        } else {
            error.with_hint(NOT_HERE)
        });
    };
    let proof = Bare::parse(auth)?;
    if !bare_is_enough {
        let message = "A bare signature can be sent again by whoever sees it, so it is not enough for this.";
        return Err(Error::new(Code::ReplayProtectionRequired, message).with_hint(NOT_HERE));
    }
    proof.verify_exactly(text).map_err(Error::where_bare_would_do)
}

/// Tells a caller who has proven nothing and must what to do: not what would be refused next.
fn with_what_would_do(app: &App, form: &Form, error: Error) -> Error {
    match app.config.legacy_signatures {
        LegacySignatures::Safe if !form.replay_safe => error.with_hint(NOT_HERE),
        LegacySignatures::Off => error.with_hint(NOT_HERE),
        LegacySignatures::All | LegacySignatures::Safe => error
            .with_hint("Send `auth` with the publicKey and the signature of the command text.")
            .where_bare_would_do(),
    }
}

const NOT_HERE: &str = "This server takes no bare signature for it, since whoever sees one can send it again. Ask its \
                        operator, who decides by NEXUS_LEGACY_SIGNATURES.";

async fn verify(app: &App, form: &Form, text: &str, proof: &Bare) -> Result<Caller> {
    match app.config.legacy_signatures {
        LegacySignatures::Off => Err(replayable(form, "This server takes no bare signature.")),
        LegacySignatures::All => proof.verify(text).map(Caller::Signer).map_err(Error::where_bare_would_do),
        LegacySignatures::Safe if !form.replay_safe => Err(replayable(
            form,
            "A bare signature can be sent again by whoever sees it, so it is not enough for this command.",
        )),
        LegacySignatures::Safe => {
            let address = proof.verify(text).map_err(Error::where_bare_would_do)?;
            if app.store.was_deleted(address).await? {
                return Err(replayable(
                    form,
                    "This address has deleted its identity; a bare signature cannot bring it back.",
                ));
            }
            Ok(Caller::Replayable(address))
        }
    }
}

fn replayable(form: &Form, message: &'static str) -> Error {
    let hint = if form.requires_signature || form.requires_identity {
        NOT_HERE
    } else {
        "This command needs no signature: leave `auth` out. (What bare signatures are good for is set by \
         NEXUS_LEGACY_SIGNATURES.)"
    };
    Error::new(Code::ReplayProtectionRequired, message).with_hint(hint)
}
