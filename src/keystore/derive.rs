//! From a passphrase to the key of a cipher, slowly on purpose.

use pbkdf2::pbkdf2_hmac;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;
use zeroize::Zeroizing;

/// What scrypt may take of memory, 128 N r bytes: four times what the usual files take.
const MOST_MEMORY: u64 = 1 << 30;
/// What scrypt may take of time, N r p: sixteen times what the usual files take.
const MOST_WORK: u64 = 1 << 25;
/// What PBKDF2 may take of time.
const MOST_ROUNDS: u32 = 20_000_000;

/// How a passphrase is stretched.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kdf", content = "kdfparams", rename_all = "lowercase")]
pub enum Derivation {
    /// RFC 7914.
    Scrypt { dklen: u32, n: u64, p: u32, r: u32, salt: Bytes },
    /// RFC 8018 with HMAC-SHA-256; only read.
    Pbkdf2 { dklen: u32, c: u32, prf: String, salt: Bytes },
}

impl Derivation {
    /// As geth does it: N = 262,144, r = 8, p = 1, which takes 256 MiB and about a second.
    pub fn new(salt: [u8; 32]) -> Self {
        Self::Scrypt { dklen: 32, n: 1 << 18, p: 1, r: 8, salt: salt.into() }
    }

    /// Fails with the second half of a sentence when stretching cannot be done, or would take all the memory or time there is.
    pub fn check(&self) -> Result<(), &'static str> {
        let (is_32, is_sound) = match *self {
            Self::Scrypt { dklen, n, p, r, .. } => {
                let memory = n.saturating_mul(u64::from(r)).saturating_mul(128);
                let work = n.saturating_mul(u64::from(r)).saturating_mul(p.into());
                let is_bounded = memory <= MOST_MEMORY && work <= MOST_WORK;
                (dklen == 32, n > 1 && n.is_power_of_two() && r > 0 && p > 0 && is_bounded)
            }
            Self::Pbkdf2 { dklen, c, ref prf, .. } => {
                (dklen == 32, prf == "hmac-sha256" && (1..=MOST_ROUNDS).contains(&c))
            }
        };
        match (is_32, is_sound) {
            (true, true) => Ok(()),
            (false, _) => Err("its kdfparams have a dklen that is not 32"),
            (_, false) => Err("its kdfparams are out of range"),
        }
    }

    /// What the passphrase gives. Fails as [`Derivation::check`] does.
    pub fn stretch(&self, passphrase: &str) -> Result<Stretched, &'static str> {
        const REFUSED: &str = "its kdfparams cannot be used";
        self.check()?;
        let mut stretched = Stretched::default();
        match self {
            Self::Scrypt { n, p, r, salt, .. } => {
                let log_n = u8::try_from(n.ilog2()).map_err(|_| REFUSED)?;
                let parameters = scrypt::Params::new(log_n, *r, *p).map_err(|_| REFUSED)?;
                scrypt::scrypt(passphrase.as_bytes(), salt.as_slice(), &parameters, stretched.0.as_flattened_mut())
                    .map_err(|_| REFUSED)?;
            }
            Self::Pbkdf2 { c, salt, .. } => {
                pbkdf2_hmac::<Sha256>(passphrase.as_bytes(), salt.as_slice(), *c, stretched.0.as_flattened_mut());
            }
        }
        Ok(stretched)
    }
}

/// A passphrase, stretched; wiped when it is let go.
#[derive(Default)]
pub struct Stretched(Zeroizing<[[u8; 16]; 2]>);

impl Stretched {
    pub fn cipher_key(&self) -> &[u8; 16] {
        let [key, _] = &*self.0;
        key
    }

    pub fn mac_key(&self) -> &[u8; 16] {
        let [_, key] = &*self.0;
        key
    }
}

/// Bytes that stand as hex in a file.
pub struct Bytes(Vec<u8>);

impl Bytes {
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl<const N: usize> From<[u8; N]> for Bytes {
    fn from(bytes: [u8; N]) -> Self {
        Self(bytes.to_vec())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = String::deserialize(deserializer)?;
        hex::decode(digits.trim_start_matches("0x")).map(Self).map_err(|_| serde::de::Error::custom("this is no hex"))
    }
}
