//! Bare signatures: secp256k1 over `keccak256(utf8(command))`, with no prefix, no nonce and no time.
//!
//! Whoever sees one can send it again, for ever. They are taken because clients exist that make nothing else.

use serde::Deserialize;
use serde_json::Value;
use sha3::{Digest, Keccak256};

use super::recover::{Signature, recover};
use crate::address::Address;
use crate::error::{Code, Error, Result};

/// `{"publicKey": "0x…", "signature": "0x…"}`, of the right shape but not yet verified.
#[derive(Clone, Debug)]
pub struct Bare {
    address: Address,
    signature: Signature,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Wire {
    public_key: String,
    signature: String,
}

impl Bare {
    /// Fails with `auth_malformed`, or with what [`Signature::parse`] says.
    pub fn parse(auth: &Value) -> Result<Self> {
        // Serde alone would take an array of the two for their object.
        let wire = auth.as_object().and_then(|auth| Wire::deserialize(auth).ok()).ok_or_else(|| {
            Error::new(Code::AuthMalformed, "`auth` is not a bare signature.")
                .with_hint("It has two members, both hex strings: {\"publicKey\": \"0x…\", \"signature\": \"0x…\"}.")
        })?;
        let address: Address = wire.public_key.parse().map_err(|error: Error| error.with_code(Code::AuthMalformed))?;
        Ok(Self { address, signature: Signature::parse(&wire.signature)? })
    }

    /// The address that the signature is said to be by.
    pub fn signer(&self) -> Address {
        self.address
    }

    /// The signer, if the named key signed `text` as it was sent or, failing that, its normal form: trimmed, with one
    /// leading slash. Fails with `signature_mismatch`, or with what [`recover`] says.
    pub fn verify(&self, text: &str) -> Result<Address> {
        if recover(&digest(text), &self.signature)? == self.address {
            return Ok(self.address);
        }
        let normal = normal_form(text);
        if normal != text && recover(&digest(&normal), &self.signature)? == self.address {
            return Ok(self.address);
        }
        Err(Error::new(Code::SignatureMismatch, "The signature is not by the key in `publicKey`, or not over this command.")
            .with_hint("Sign keccak256 of the command's UTF-8 text, byte for byte as it stands in `command`, without the personal_sign prefix."))
    }

    /// The signer, if the named key signed just this text. Fails as [`Bare::verify`] does.
    pub fn verify_exactly(&self, text: &str) -> Result<Address> {
        if recover(&digest(text), &self.signature)? == self.address {
            return Ok(self.address);
        }
        Err(Error::new(
            Code::SignatureMismatch,
            "The signature is not by the key in `publicKey`, or not over this request.",
        )
        .with_hint("Sign keccak256 of `METHOD path?query` as you send it, such as `GET /api/v1/runs?limit=5`."))
    }
}

/// What is signed of a text: its Keccak-256 hash, without a prefix.
pub fn digest(text: &str) -> [u8; 32] {
    Keccak256::digest(text).into()
}

fn normal_form(text: &str) -> String {
    format!("/{}", text.trim_matches(' ').trim_start_matches('/'))
}
