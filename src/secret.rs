//! Bearer tokens: random, shown once, kept as a hash.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::error::{Error, Result};

/// How many bytes name a secret, and how many nobody else can know.
const NAME: usize = 16;
const UNKNOWN: usize = 32;

/// Finds the record of a secret, and gives nothing away.
pub type SecretId = [u8; NAME];

/// A name and 256 random bits, written `<prefix><64 characters of base64url>`.
#[derive(Clone)]
pub struct Secret {
    pub id: SecretId,
    unknown: [u8; UNKNOWN],
}

/// By what a stream is open that ends with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    Session(SecretId),
    /// Of the connections that have used a ticket, the newest has the largest number.
    Ticket {
        id: SecretId,
        connection: i64,
    },
}

/// What is kept of a secret: SHA-256 of what nobody else can know. It was random, so it cannot be guessed from this.
#[derive(Clone, Copy)]
pub struct Kept(pub [u8; 32]);

impl Secret {
    /// A new one. Fails with `internal` where the machine has no random numbers.
    pub fn new() -> Result<Self> {
        let mut secret = Self { id: [0; NAME], unknown: [0; UNKNOWN] };
        getrandom::fill(&mut secret.id).map_err(Error::internal)?;
        getrandom::fill(&mut secret.unknown).map_err(Error::internal)?;
        Ok(secret)
    }

    /// Reads what [`Secret::reveal`] wrote with the same prefix, and nothing else.
    pub fn parse(prefix: &str, text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(prefix)?).ok()?;
        let (id, unknown) = bytes.split_at_checked(NAME)?;
        Some(Self { id: id.try_into().ok()?, unknown: unknown.try_into().ok()? })
    }

    /// The text for whoever it is for.
    pub fn reveal(&self, prefix: &str) -> String {
        format!("{prefix}{}", URL_SAFE_NO_PAD.encode([&self.id[..], &self.unknown].concat()))
    }

    /// What is kept of it.
    pub fn kept(&self) -> Kept {
        Kept(Sha256::digest(self.unknown).into())
    }

    /// Whether this is what was kept; takes equally long whatever the answer is.
    pub fn is(&self, kept: &Kept) -> bool {
        self.kept().0.ct_eq(&kept.0).into()
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
    fn it_is_read_as_it_was_written_and_in_no_other_way() {
        let secret = Secret::new().unwrap();
        let text = secret.reveal("ns_");
        assert_eq!(text.len(), 3 + 64);
        let same = Secret::parse("ns_", &text).unwrap();
        assert!(same.id == secret.id && same.is(&secret.kept()));
        let mut last = text.clone();
        let flipped = if last.pop() == Some('A') { 'B' } else { 'A' };
        let other = Secret::parse("ns_", &format!("{last}{flipped}")).unwrap();
        assert!(other.id == secret.id && !other.is(&secret.kept()));
        for wrong in [
            String::new(),
            "ns_".to_owned(),
            format!("{text}="),
            format!("{text}AAAA"),
            last,
            text.replace("ns_", "nt_"),
        ] {
            assert!(Secret::parse("ns_", &wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn it_does_not_print_itself() {
        assert_eq!(format!("{:?}", Secret::new().unwrap()), "Secret");
    }
}
