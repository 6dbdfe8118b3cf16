//! The 20 bytes that name a caller.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use k256::PublicKey;
use k256::elliptic_curve::sec1::ToSec1Point;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use sha3::{Digest, Keccak256};

use crate::error::{Code, Error};

/// An Ethereum address: the last 20 bytes of the Keccak-256 hash of a secp256k1 public key.
///
/// Read from `0x` and 40 hex digits in any case, or from a SEC1 public key (33 or 65 bytes) in hex with or without
/// `0x`; written with the checksum of ERC-55.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address([u8; 20]);

impl Address {
    pub const fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// The address of an uncompressed SEC1 public key: `0x04`, then x and y of 32 bytes each.
    pub fn of_public_key(uncompressed: &[u8; 65]) -> Self {
        let hash: [u8; 32] = Keccak256::digest(&uncompressed[1..]).into();
        let mut address = [0; 20];
        address.copy_from_slice(&hash[12..]);
        Self(address)
    }
}

impl FromStr for Address {
    type Err = Error;

    /// Fails with `malformed_request`; whoever knows where the text stood renames the code.
    fn from_str(text: &str) -> Result<Self, Error> {
        let digits = text.strip_prefix("0x").unwrap_or(text);
        match digits.len() {
            40 if text.starts_with("0x") => {
                let mut bytes = [0; 20];
                hex::decode_to_slice(digits, &mut bytes).map_err(|_| not_an_address())?;
                Ok(Self(bytes))
            }
            66 | 130 => {
                let sec1 = hex::decode(digits).map_err(|_| not_an_address())?;
                // The parser also knows tag 5, an x alone, which is no SEC1 key of a caller.
                if !matches!((sec1.first(), sec1.len()), (Some(2 | 3), 33) | (Some(4), 65)) {
                    return Err(not_an_address());
                }
                let key = PublicKey::from_sec1_bytes(&sec1).map_err(|_| not_an_address())?;
                let mut uncompressed = [0; 65];
                uncompressed.copy_from_slice(key.to_sec1_point(false).as_bytes());
                Ok(Self::of_public_key(&uncompressed))
            }
            _ => Err(not_an_address()),
        }
    }
}

fn not_an_address() -> Error {
    Error::new(Code::MalformedRequest, "This is not an address.").with_hint(
        "An address is 0x and 40 hex digits; a SEC1 public key of 33 or 65 bytes in hex is taken for its address.",
    )
}

/// ERC-55: a letter is upper case where the hash of the lower-case digits has a nibble of 8 or more.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0; 40];
        hex::encode_to_slice(self.0, &mut digits).map_err(|_| fmt::Error)?;
        let hash = Keccak256::digest(digits);
        for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(hash) {
            if byte >> 4 >= 8 {
                pair[0].make_ascii_uppercase();
            }
            if byte & 0x0f >= 8 {
                pair[1].make_ascii_uppercase();
            }
        }
        f.write_str("0x")?;
        f.write_str(std::str::from_utf8(&digits).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for Address {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Address".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^0x[0-9a-fA-F]{40}$" })
    }
}
