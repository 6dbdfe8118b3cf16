//! From a private key to the signatures that it makes.

use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};
use secp256k1::{Message, SecretKey};

use crate::address::Address;

/// A private key that signs; wiped from memory when it is let go.
pub struct Signer {
    key: SecretKey,
    address: Address,
}

impl Signer {
    /// None when the 32 bytes are no key: zero, or not below the order of the curve.
    pub fn new(secret: &[u8; 32]) -> Option<Self> {
        let key = SecretKey::from_secret_bytes(*secret).ok()?;
        let address = Address::of_public_key(&key.public_key().serialize_uncompressed());
        Some(Self { key, address })
    }

    pub const fn address(&self) -> Address {
        self.address
    }

    /// r, s and v over a digest: s in the lower half (EIP-2), v 27 or 28, always the same for the same digest (RFC 6979).
    pub fn sign(&self, digest: &[u8; 32]) -> [u8; 65] {
        let signature = RecoverableSignature::sign_ecdsa_recoverable(Message::from_digest(*digest), &self.key);
        let (id, r_s) = signature.serialize_compact();
        let mut bytes = [0; 65];
        bytes[..64].copy_from_slice(&r_s);
        bytes[64] = match id {
            RecoveryId::Zero | RecoveryId::Two => 27,
            RecoveryId::One | RecoveryId::Three => 28,
        };
        bytes
    }
}

impl Drop for Signer {
    fn drop(&mut self) {
        self.key.non_secure_erase();
    }
}
