//! What proves to a webhook that it is this server that calls.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

const PREFIX: &str = "whsec_";

/// A key of 24 to 64 bytes, written `whsec_<base64>` (Standard Webhooks). It is wiped from memory when it is dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Fails with what is wrong, as a sentence that shows nothing of it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let encoded = text.strip_prefix(PREFIX).ok_or("A secret begins with `whsec_`.")?;
        let key = STANDARD.decode(encoded).map(Zeroizing::new);
        let key = key.map_err(|_| "After `whsec_` a secret is base64 (RFC 4648, section 4) with its padding.")?;
        if !(24..=64).contains(&key.len()) {
            return Err("A secret has 24 to 64 bytes.");
        }
        Ok(Self(key))
    }

    /// `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.payload`.
    pub(super) fn sign(&self, id: &str, timestamp: &str, payload: &[u8]) -> Result<String> {
        let hmac = Hmac::<Sha256>::new_from_slice(&self.0).map_err(Error::internal)?;
        let parts = [id.as_bytes(), b".", timestamp.as_bytes(), b".", payload];
        let hmac = parts.into_iter().fold(hmac, Mac::chain_update);
        Ok(format!("v1,{}", STANDARD.encode(hmac.finalize().into_bytes())))
    }
}

/// Nothing of it belongs in a log.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_base64_of_24_to_64_bytes_and_does_not_print_itself() {
        let text = |bytes: usize| format!("whsec_{}", STANDARD.encode(vec![7; bytes]));
        assert_eq!(format!("{:?}", Secret::parse(&text(24)).unwrap()), "Secret");
        assert!(Secret::parse(&text(64)).is_ok());
        for wrong in
            [text(23), text(65), text(24).replace("whsec_", ""), text(25).replace('=', ""), "whsec_".to_owned()]
        {
            assert!(Secret::parse(&wrong).is_err(), "{wrong}");
        }
    }
}
