//! What wallets sign when they are asked to sign a text.

use sha3::{Digest, Keccak256};

/// The digest of `personal_sign` (ERC-191, version `0x45`): Keccak-256 of `0x19`, `Ethereum Signed Message:`, LF, the length
/// of the message in bytes as decimal digits, and the message.
pub fn personal_digest(message: &[u8]) -> [u8; 32] {
    Keccak256::new()
        .chain_update(b"\x19Ethereum Signed Message:\n")
        .chain_update(message.len().to_string())
        .chain_update(message)
        .finalize()
        .into()
}
