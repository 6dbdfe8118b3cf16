//! Signed Command v1: `personal_sign` (EIP-191, version 0x45) over eight lines that say who is asked for what, by whom, once,
//! and until when.
//!
//! ```text
//! Signed Command v1
//! Audience: https://cmd.example.com
//! Signer: 0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf
//! Command: "/identity/delete"
//! Args: []
//! Nonce: 3q2-7wABCDEFGH12
//! Issued At: 1753000000
//! Expires At: 1753000060
//! ```
//!
//! The lines are joined by LF, without a last one. Command is the text as a JSON string, Args the canonical form (RFC 8785) of
//! what was sent, `[]` when nothing was; times are unix seconds. A request that is no command is signed as `METHOD path?query`,
//! with its JSON body for Args. Wallets show the text to their owner before they sign it.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::personal::personal_digest;
use super::recover::{Signature, recover};
use crate::address::Address;
use crate::error::{Code, Error, Result};
use crate::json::canonical;

/// The name of the scheme in `auth`.
pub const SCHEME: &str = "eip191";
/// How long a signature may be good for, in seconds.
pub const LONGEST: i64 = 300;
/// By how much two clocks may differ, in seconds.
pub const SKEW: i64 = 30;

/// What is signed.
#[derive(Clone, Copy, Debug)]
pub struct Statement<'a> {
    pub audience: &'a str,
    pub signer: Address,
    /// The command text, or `METHOD path?query`.
    pub command: &'a str,
    /// The arguments, or the JSON body.
    pub args: Option<&'a Value>,
    pub nonce: &'a str,
    pub issued_at: i64,
    pub expires_at: i64,
}

impl Statement<'_> {
    /// The eight lines. Fails with `malformed_request` when `args` have no canonical form.
    pub fn text(&self) -> Result<String> {
        let Self { audience, signer, command, args, nonce, issued_at, expires_at } = self;
        let command = canonical(&Value::from(*command))?;
        let args = args.map_or_else(|| Ok("[]".to_owned()), canonical)?;
        Ok(format!(
            "Signed Command v1\nAudience: {audience}\nSigner: {signer}\nCommand: {command}\nArgs: {args}\nNonce: {nonce}\n\
             Issued At: {issued_at}\nExpires At: {expires_at}"
        ))
    }

    /// What `personal_sign` signs of it. Fails as [`Statement::text`] does.
    pub fn digest(&self) -> Result<[u8; 32]> {
        self.text().map(|text| personal_digest(text.as_bytes()))
    }
}

/// `{scheme, publicKey, signature, audience, nonce, issuedAt, expiresAt}`, of the right shape but not yet verified.
#[derive(Clone, Debug)]
pub struct Signed {
    signer: Address,
    signature: Signature,
    pub audience: String,
    /// Names one request of the signer.
    pub nonce: String,
    pub issued_at: i64,
    pub expires_at: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Wire {
    scheme: String,
    public_key: String,
    signature: String,
    audience: String,
    nonce: String,
    issued_at: i64,
    expires_at: i64,
}

impl Signed {
    /// Whether `auth` is meant to be one of these, and not a bare signature: it has a member that only these have.
    pub fn is_meant(auth: &Value) -> bool {
        ["scheme", "audience", "nonce", "issuedAt", "expiresAt"].iter().any(|name| auth.get(name).is_some())
    }

    /// Fails with `auth_malformed`.
    pub fn parse(auth: &Value) -> Result<Self> {
        let wire = Wire::deserialize(auth).map_err(|_| {
            malformed("`auth` is not a v1 signature.").with_hint(
                "It has seven members: scheme, publicKey, signature, audience and nonce are strings, issuedAt and expiresAt are \
                 unix seconds.",
            )
        })?;
        if wire.scheme != SCHEME {
            return Err(malformed("`scheme` is none that this server knows.").with_hint(r#"Send "scheme": "eip191"."#));
        }
        if !is_nonce(&wire.nonce) {
            return Err(malformed("`nonce` is not 16 to 64 characters of A-Z, a-z, 0-9, _ and -.")
                .with_hint("Make a new one for each request: 16 random bytes in base64url are 22 characters."));
        }
        Ok(Self {
            signer: wire.public_key.parse().map_err(|error: Error| error.with_code(Code::AuthMalformed))?,
            signature: Signature::parse(&wire.signature)?,
            audience: wire.audience,
            nonce: wire.nonce,
            issued_at: wire.issued_at,
            expires_at: wire.expires_at,
        })
    }

    /// The address that the signature is said to be by.
    pub fn signer(&self) -> Address {
        self.signer
    }

    /// When it stops being good for whoever has the slowest clock, in unix seconds.
    pub fn dies_at(&self) -> i64 {
        self.expires_at.saturating_add(SKEW)
    }

    /// Whether it is good at the time `now`. Fails with `validity_too_long`, `request_not_yet_valid` or `request_expired`.
    pub fn check_times(&self, now: Timestamp) -> Result<()> {
        let now = now.as_second();
        let validity = self.expires_at.checked_sub(self.issued_at);
        if !validity.is_some_and(|validity| (1..=LONGEST).contains(&validity)) {
            return Err(Error::new(Code::ValidityTooLong, "The signature is not good for 1 to 300 seconds.")
                .with_hint("Let expiresAt be issuedAt plus 1 to 300."));
        }
        if self.issued_at > now.saturating_add(SKEW) {
            return Err(Error::new(Code::RequestNotYetValid, "The signature was made in the future.")
                .with_hint("Compare your clock with the server's: its time is in `data`. They may differ by 30 s."));
        }
        if self.dies_at() < now {
            return Err(expired());
        }
        Ok(())
    }

    /// What was signed, if this is a signature over `command` and `args`. Fails with `malformed_request` when `args` have no
    /// canonical form.
    pub fn digest(&self, command: &str, args: Option<&Value>) -> Result<[u8; 32]> {
        let Self { signer, audience, nonce, issued_at, expires_at, .. } = self;
        let (signer, issued_at, expires_at) = (*signer, *issued_at, *expires_at);
        Statement { audience, signer, command, args, nonce, issued_at, expires_at }.digest()
    }

    /// The signer, if the named key signed just this. Fails with `signature_mismatch`, or with what [`recover`] says.
    pub fn verify(&self, digest: &[u8; 32]) -> Result<Address> {
        if recover(digest, &self.signature)? == self.signer {
            return Ok(self.signer);
        }
        let message = "The signature is not by the key in `publicKey`, or not over this request.";
        Err(Error::new(Code::SignatureMismatch, message).with_hint(
            "Sign the eight lines of Signed Command v1 by personal_sign, with the command and the args just as you send them, or \
             `METHOD path?query` and the body.",
        ))
    }
}

/// It is good no longer (`request_expired`).
pub fn expired() -> Error {
    Error::new(Code::RequestExpired, "The signature has expired.")
        .with_hint("Sign again. If it is new, compare your clock with the server's: its time is in `data`.")
}

fn is_nonce(text: &str) -> bool {
    (16..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn malformed(message: &'static str) -> Error {
    Error::new(Code::AuthMalformed, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_their_limits_to_the_second() {
        for (issued_at, expires_at, expected) in [
            (1_000, 1_001, None),
            (1_000, 1_300, None),
            (1_000, 1_000, Some(Code::ValidityTooLong)),
            (1_000, 1_301, Some(Code::ValidityTooLong)),
            (1_030, 1_060, None),
            (1_031, 1_060, Some(Code::RequestNotYetValid)),
            (900, 970, None),
            (900, 969, Some(Code::RequestExpired)),
        ] {
            let anybody = Address::of_public_key(&[4; 65]);
            let signature = Signature::parse(&"1".repeat(130)).unwrap();
            let (audience, nonce) = (String::new(), String::new());
            let signed = Signed { signer: anybody, signature, audience, nonce, issued_at, expires_at };
            let now = Timestamp::from_second(1_000).unwrap();
            assert_eq!(signed.check_times(now).err().map(|error| error.code), expected, "{issued_at} to {expires_at}");
        }
    }
}
