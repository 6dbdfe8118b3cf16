//! Who made a signature, and over what.
//!
//! A proof is read from the `auth` member of a request, checked for its shape, and verified to an [`Address`]. Nothing in
//! here does I/O or knows a command: what a proof is good for is decided by `access`.
//!
//! [`Address`]: crate::address::Address

pub mod bare;
pub mod personal;
pub mod recover;
pub mod signer;
pub mod siwe;
pub mod v1;

use serde_json::Value;

use self::bare::Bare;
use self::v1::Signed;
use crate::error::Result;

/// A signature of the right shape that nobody has verified yet.
#[derive(Clone, Debug)]
pub enum Proof {
    Bare(Bare),
    Signed(Box<Signed>),
}

impl Proof {
    /// Reads an `auth` object. Fails with `auth_malformed`.
    pub fn parse(auth: &Value) -> Result<Self> {
        if Signed::is_meant(auth) {
            return Signed::parse(auth).map(Box::new).map(Self::Signed);
        }
        Bare::parse(auth).map(Self::Bare)
    }
}
