//! People with keys. They sign with k256, which shares no code with the library that the server recovers with.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use k256::ecdsa::SigningKey;
use nexus::address::Address;
use serde_json::{Value, json};
use sha3::{Digest, Keccak256};

pub struct Wallet {
    key: SigningKey,
}

pub fn alice() -> Wallet {
    Wallet::of_byte(0xa1)
}

pub fn bob() -> Wallet {
    Wallet::of_byte(0xb0)
}

impl Wallet {
    pub fn of_byte(byte: u8) -> Self {
        Self::new(&[byte; 32])
    }

    pub fn new(secret: &[u8]) -> Self {
        Self { key: SigningKey::from_slice(secret).unwrap() }
    }

    pub fn uncompressed(&self) -> [u8; 65] {
        self.key.verifying_key().to_sec1_point(false).as_bytes().try_into().unwrap()
    }

    pub fn compressed(&self) -> Vec<u8> {
        self.key.verifying_key().to_sec1_point(true).as_bytes().to_vec()
    }

    /// The private key as 0x and 64 hex digits.
    pub fn secret(&self) -> String {
        format!("0x{}", hex::encode(self.key.to_bytes()))
    }

    pub fn address(&self) -> Address {
        Address::of_public_key(&self.uncompressed())
    }

    /// r, s and v (27 or 28).
    pub fn sign(&self, digest: &[u8; 32]) -> [u8; 65] {
        let (signature, id) = self.key.sign_prehash_recoverable(digest);
        let mut bytes = [0; 65];
        bytes[..64].copy_from_slice(&signature.to_bytes());
        bytes[64] = 27 + id.to_byte();
        bytes
    }

    pub fn sign_text(&self, text: &str) -> [u8; 65] {
        self.sign(&Keccak256::digest(text).into())
    }

    /// `auth` with a bare signature over `text`.
    pub fn bare(&self, text: &str) -> Value {
        auth(&self.address().to_string(), &format!("0x{}", hex::encode(self.sign_text(text))))
    }
}

impl Wallet {
    /// What wallets do with a text (EIP-191).
    pub fn personal_sign(&self, message: &[u8]) -> [u8; 65] {
        let prefix = format!("\x19Ethereum Signed Message:\n{}", message.len());
        self.sign(&Keccak256::new().chain_update(prefix).chain_update(message).finalize().into())
    }

    /// The value of `Authorization` with a bare signature over a text.
    pub fn authorization(&self, text: &str) -> String {
        format!("EthSignature {}", base64url(&self.bare(text).to_string()))
    }
}

pub fn base64url(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

pub fn auth(public_key: &str, signature: &str) -> Value {
    json!({ "publicKey": public_key, "signature": signature })
}
