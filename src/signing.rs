//! Who made a signature, and over what.
//!
//! A proof is read from the `auth` member of a request, checked for its shape, and verified to an [`Address`]. Nothing in
//! here does I/O or knows a command: what a proof is good for is decided by `pipeline::authenticate`.
//!
//! [`Address`]: crate::address::Address

pub mod bare;
pub mod personal;
pub mod recover;
pub mod siwe;
