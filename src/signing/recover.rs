//! From a signature to the address that made it, in one place.

use secp256k1::Message;
use secp256k1::ecdsa::{RecoverableSignature, RecoveryId};

use crate::address::Address;
use crate::error::{Code, Error, Result};

/// The order of secp256k1 (SEC 2, section 2.4.1), big-endian.
const N: [u8; 32] = *b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfe\
                       \xba\xae\xdc\xe6\xaf\x48\xa0\x3b\xbf\xd2\x5e\x8c\xd0\x36\x41\x41";
/// `N / 2`, rounded down: a larger s is the malleable twin of a smaller one (EIP-2).
const HALF_N: [u8; 32] = *b"\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\
                            \x5d\x57\x6e\x73\x57\xa4\x50\x1d\xdf\xe9\x2f\x46\x68\x1b\x20\xa0";

/// r, s and v as they were sent, in range or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    r_s: [u8; 64],
    v: u8,
}

impl Signature {
    /// Reads hex, with or without `0x`: 65 bytes `r s v`, or 64 bytes in the compact form of ERC-2098, where the top bit of
    /// s is the parity of y. Fails with `auth_malformed`.
    pub fn parse(text: &str) -> Result<Self> {
        let digits = text.strip_prefix("0x").unwrap_or(text);
        let mut r_s_v = [0; 65];
        let mut r_s = [0; 64];
        if hex::decode_to_slice(digits, &mut r_s_v).is_ok() {
            r_s.copy_from_slice(&r_s_v[..64]);
            Ok(Self { r_s, v: r_s_v[64] })
        } else if hex::decode_to_slice(digits, &mut r_s).is_ok() {
            let top = r_s[32] & 0x80;
            r_s[32] ^= top;
            Ok(Self { r_s, v: top >> 7 })
        } else {
            Err(Error::new(Code::AuthMalformed, "The signature is not 64 or 65 bytes of hex.")
                .with_hint("Send r, s and v as 130 hex digits, or ERC-2098's compact form as 128. DER is not taken."))
        }
    }

    /// Fails with `signature_invalid` unless v is one of 0, 1, 27 and 28, `1 <= r < n` and `1 <= s < n`, and with
    /// `signature_high_s` unless `s <= n/2`.
    fn check(&self) -> Result<RecoveryId> {
        let id = match self.v {
            0 | 27 => RecoveryId::Zero,
            1 | 28 => RecoveryId::One,
            _ => return Err(invalid("The signature's v is none of 0, 1, 27 and 28.")),
        };
        let (r, s) = self.r_s.split_at(32);
        let in_range = |scalar: &[u8]| scalar > &[0; 32][..] && scalar < &N[..];
        if !in_range(r) || !in_range(s) {
            return Err(invalid("The signature's r or s is out of range."));
        }
        if s > &HALF_N[..] {
            return Err(Error::new(Code::SignatureHighS, "The signature's s is in the upper half of its range.")
                .with_hint("Send n - s with the other v (EIP-2); wallets do so by themselves."));
        }
        Ok(id)
    }
}

/// The address whose key made `signature` over `digest`. Nearly every signature was made by some key, so the answer means
/// nothing until it is compared with a claim.
///
/// Fails with `signature_invalid` when r, s or v is out of range or no key can have made it, and with `signature_high_s`
/// when s is the larger of the two twins.
pub fn recover(digest: &[u8; 32], signature: &Signature) -> Result<Address> {
    let id = signature.check()?;
    let key = RecoverableSignature::from_compact(&signature.r_s, id)
        .and_then(|signature| signature.recover(Message::from_digest(*digest)))
        .map_err(|error| invalid("No key can have made this signature.").caused_by(error))?;
    Ok(Address::of_public_key(&key.serialize_uncompressed()))
}

fn invalid(message: &'static str) -> Error {
    Error::new(Code::SignatureInvalid, message)
        .with_hint("The signature was damaged on its way, or made by something that is no secp256k1 signer.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_have_their_limits_to_the_bit() {
        let (zero, mut one, mut above) = ([0; 32], [0; 32], HALF_N);
        one[31] = 1;
        above[31] += 1;
        for (r, s, expected) in [
            (one, one, None),
            (one, HALF_N, None),
            (one, above, Some(Code::SignatureHighS)),
            (zero, one, Some(Code::SignatureInvalid)),
            (one, zero, Some(Code::SignatureInvalid)),
            (N, one, Some(Code::SignatureInvalid)),
            (one, N, Some(Code::SignatureInvalid)),
        ] {
            let signature = Signature::parse(&format!("{}{}00", hex::encode(r), hex::encode(s))).unwrap();
            assert_eq!(signature.check().err().map(|error| error.code), expected, "{signature:?}");
        }
    }
}
