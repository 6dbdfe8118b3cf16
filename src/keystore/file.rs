//! One key file: Web3 Secret Storage, version 3.
//!
//! The key is encrypted by AES-128 in counter mode under the first half of what a passphrase was stretched to; the
//! Keccak-256 hash of the second half and the ciphertext tells a wrong passphrase.

use std::{fmt, io};

use aes::Aes128;
use ctr::cipher::{KeyIvInit, StreamCipher};
use serde::{Deserialize, Serialize};
use sha3::{Digest, Keccak256};
use zeroize::Zeroizing;

use super::Secret;
use super::derive::{Bytes, Derivation, Stretched};
use crate::address::Address;

const CIPHER: &str = "aes-128-ctr";

/// A key as it stands in its file, closed.
#[derive(Serialize, Deserialize)]
pub struct KeyFile {
    version: u8,
    id: String,
    /// 40 hex digits without `0x`; some programs leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    // ethers writes it with a capital.
    #[serde(alias = "Crypto")]
    crypto: Crypto,
}

#[derive(Serialize, Deserialize)]
struct Crypto {
    cipher: String,
    cipherparams: CipherParameters,
    ciphertext: Bytes,
    #[serde(flatten)]
    derivation: Derivation,
    mac: Bytes,
}

#[derive(Serialize, Deserialize)]
struct CipherParameters {
    iv: Bytes,
}

/// Why a file does not open.
#[derive(Debug)]
pub enum Fault {
    WrongPassphrase,
    /// As the second half of a sentence.
    Damaged(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongPassphrase => f.write_str("the passphrase is another one"),
            Self::Damaged(why) => f.write_str(why),
        }
    }
}

impl KeyFile {
    /// Fails when this is no key file that [`KeyFile::open`] could open.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let file: Self =
            serde_json::from_str(text).map_err(|error| Fault::Damaged(format!("it is damaged ({error})")))?;
        let Crypto { cipher, cipherparams, ciphertext, derivation, mac } = &file.crypto;
        let damaged = |why: &str| Err(Fault::Damaged(why.to_owned()));
        if file.version != 3 {
            return damaged("its version is not 3");
        }
        if cipher != CIPHER {
            return damaged("its cipher is not aes-128-ctr");
        }
        if (cipherparams.iv.len(), ciphertext.len(), mac.len()) != (16, 32, 32) {
            return damaged("its iv, ciphertext or mac has a wrong length");
        }
        derivation.check().map_err(|why| Fault::Damaged(why.to_owned()))?;
        Ok(file)
    }

    /// Closes a key; slow on purpose. Fails when the machine gives no random bytes.
    pub fn seal(secret: &Secret, address: Address, passphrase: &str) -> io::Result<Self> {
        let derivation = Derivation::new(random::<32>()?);
        let stretched = derivation.stretch(passphrase).map_err(io::Error::other)?;
        let iv = random::<16>()?;
        let mut ciphertext = *Zeroizing::clone(secret);
        apply(&stretched, &iv, &mut ciphertext);
        Ok(Self {
            version: 3,
            id: uuid::Builder::from_random_bytes(random::<16>()?).into_uuid().to_string(),
            address: Some(hex::encode(address.as_bytes())),
            crypto: Crypto {
                cipher: CIPHER.to_owned(),
                cipherparams: CipherParameters { iv: iv.into() },
                mac: mac(&stretched, &ciphertext).into(),
                ciphertext: ciphertext.into(),
                derivation,
            },
        })
    }

    /// The key; slow on purpose.
    pub fn open(&self, passphrase: &str) -> Result<Secret, Fault> {
        let Crypto { cipherparams, ciphertext, derivation, mac: expected, .. } = &self.crypto;
        let stretched = derivation.stretch(passphrase).map_err(|why| Fault::Damaged(why.to_owned()))?;
        if mac(&stretched, ciphertext.as_slice())[..] != *expected.as_slice() {
            return Err(Fault::WrongPassphrase);
        }
        let mut secret = Secret::default();
        let wrong_length = |_| Fault::Damaged("its ciphertext or iv has a wrong length".to_owned());
        let text: &[u8; 32] = ciphertext.as_slice().try_into().map_err(wrong_length)?;
        let iv: &[u8; 16] = cipherparams.iv.as_slice().try_into().map_err(wrong_length)?;
        *secret = *text;
        apply(&stretched, iv, &mut secret);
        Ok(secret)
    }

    /// What the file says that it is the key of, if it says so.
    pub fn address(&self) -> Option<Address> {
        let digits = self.address.as_deref()?;
        format!("0x{}", digits.trim_start_matches("0x")).parse().ok()
    }

    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// Encrypts, and decrypts.
fn apply(stretched: &Stretched, iv: &[u8; 16], text: &mut [u8; 32]) {
    ctr::Ctr128BE::<Aes128>::new(stretched.cipher_key().into(), iv.into()).apply_keystream(text);
}

fn mac(stretched: &Stretched, ciphertext: &[u8]) -> [u8; 32] {
    Keccak256::new().chain_update(stretched.mac_key()).chain_update(ciphertext).finalize().into()
}
