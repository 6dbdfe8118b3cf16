//! A Signed Command v1, made on the terminal.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::failure::Failure;
use crate::signing::signer::Signer;
use crate::signing::v1::{SCHEME, Statement};

/// What is signed beside the signer and the nonce.
pub(super) struct Draft<'a> {
    pub(super) audience: &'a str,
    /// A command's text, or `METHOD path?query`.
    pub(super) command: &'a str,
    pub(super) args: Option<&'a Value>,
    /// Unix seconds.
    pub(super) issued_at: i64,
    /// Seconds.
    pub(super) valid: u16,
}

impl Draft<'_> {
    /// The `auth` object, with a nonce that nobody has used.
    pub(super) fn sign(&self, signer: &Signer) -> Result<Value, Failure> {
        let nonce = nonce()?;
        let expires_at = self.issued_at + i64::from(self.valid);
        let statement = Statement {
            audience: self.audience,
            signer: signer.address(),
            command: self.command,
            args: self.args,
            nonce: &nonce,
            issued_at: self.issued_at,
            expires_at,
        };
        Ok(json!({
            "scheme": SCHEME,
            "publicKey": signer.address(),
            "signature": in_hex(&signer.sign(&statement.digest()?)),
            "audience": self.audience,
            "nonce": nonce,
            "issuedAt": self.issued_at,
            "expiresAt": expires_at,
        }))
    }
}

/// The value of `Authorization` that carries an `auth` object.
pub(super) fn authorization(auth: &Value) -> String {
    format!("EthSignature {}", URL_SAFE_NO_PAD.encode(auth.to_string()))
}

pub(super) fn in_hex(signature: &[u8; 65]) -> String {
    format!("0x{}", hex::encode(signature))
}

fn nonce() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::new(format!("The machine gives no random bytes: {error}."), "Try again."))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Whether a text is `METHOD path?query`, a request that is no command.
pub(super) fn is_request(text: &str) -> bool {
    const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
    text.split_once(' ').is_some_and(|(method, target)| METHODS.contains(&method) && target.starts_with('/'))
}
