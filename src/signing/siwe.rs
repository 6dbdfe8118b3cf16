//! Sign-In with Ethereum (ERC-4361): the text that a wallet shows to its owner and signs, so that a session may begin.
//!
//! The text is read as strictly as the grammar of the ERC stands, so that nothing in it means one thing to whoever signed it
//! and another to us. What is not done here: nobody asks whether the domain and the nonce are ours, or who signed. The
//! signature is over [`personal_digest`] of the text as it was sent, never of what a [`Message`] prints.
//!
//! [`personal_digest`]: super::personal::personal_digest

mod fault;
mod grammar;
mod lines;

use std::fmt;

use jiff::Timestamp;

use self::lines::Lines;
use crate::address::Address;
use crate::clock::date_time;

pub use self::fault::Fault;

/// A longer text is no message; the ERC has no bound.
pub const MAX_BYTES: usize = 4096;

/// What follows the domain in the first line.
const REQUEST: &str = " wants you to sign in with your Ethereum account:";

/// The fields of a message of version 1, as they were written.
///
/// Nothing holds of a message that was put together by hand until [`Message::parse`] takes what it prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Of the origin that asks; without it, the ERC assumes `https`.
    pub scheme: Option<String>,
    /// The RFC 3986 authority that asks, as it was written, with a host that is not empty; it may have a user and a port.
    pub domain: String,
    pub address: Address,
    /// ASCII; empty is another thing than none.
    pub statement: Option<String>,
    /// An RFC 3986 URI: what the session is for.
    pub uri: String,
    pub chain_id: u64,
    /// At least 8 ASCII letters and digits.
    pub nonce: String,
    pub issued_at: Timestamp,
    /// From here on the message is no longer good.
    pub expiration_time: Option<Timestamp>,
    /// Until here the message is not yet good.
    pub not_before: Option<Timestamp>,
    /// RFC 3986 `pchar`s; may be empty.
    pub request_id: Option<String>,
    /// RFC 3986 URIs; none, too, where the line `Resources:` stands alone.
    pub resources: Vec<String>,
}

impl Message {
    /// Reads a text of at most [`MAX_BYTES`] by the grammar of ERC-4361: every line in its place and once, LF between lines
    /// and none after the last.
    ///
    /// Narrower than the grammar: the address has the checksum of ERC-55 and its `0x` in lower case, the host of the domain
    /// is not empty, the chain id is less than 2^64. Times are of RFC 3339, in UTC from the year 0000 to
    /// 9999-12-30T22:00:00Z; a fraction is cut to nanoseconds, and a leap second, which may stand at the end of June and
    /// December, is the second before it.
    ///
    /// Fails with the first line that is wrong.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        if text.len() > MAX_BYTES {
            return Err(Fault::TooLong);
        }
        let mut lines = Lines::of(text);
        let (scheme, domain) = lines.required("", Fault::Domain, grammar::origin)?;
        let address = lines.required("", Fault::Address, grammar::address)?;
        let statement = lines.statement()?;
        let uri = lines.required("URI: ", Fault::Uri, grammar::uri)?;
        lines.required("Version: ", Fault::Version, |version| (version == "1").then_some(()))?;
        let chain_id = lines.required("Chain ID: ", Fault::ChainId, grammar::chain_id)?;
        let nonce = lines.required("Nonce: ", Fault::Nonce, grammar::nonce)?;
        let issued_at = lines.required("Issued At: ", Fault::IssuedAt, date_time::parse)?;
        let expiration_time = lines.optional("Expiration Time: ", Fault::ExpirationTime, date_time::parse)?;
        let not_before = lines.optional("Not Before: ", Fault::NotBefore, date_time::parse)?;
        let request_id = lines.optional("Request ID: ", Fault::RequestId, grammar::request_id)?;
        let resources = lines.resources()?;
        lines.end()?;
        Ok(Self {
            scheme,
            domain,
            address,
            statement,
            uri,
            chain_id,
            nonce,
            issued_at,
            expiration_time,
            not_before,
            request_id,
            resources,
        })
    }

    /// Fails with `Expired` at `expiration_time` and after it, and with `NotYetValid` before `not_before`; a time that is
    /// not there excludes nothing. `issued_at` says nothing about validity in the ERC and is not looked at.
    pub fn check_times(&self, now: Timestamp) -> Result<(), Fault> {
        if self.expiration_time.is_some_and(|end| now >= end) {
            return Err(Fault::Expired);
        }
        if self.not_before.is_some_and(|start| now < start) {
            return Err(Fault::NotYetValid);
        }
        Ok(())
    }
}

/// The text to sign. Times are written in UTC, so what was parsed may have been written in other words.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(scheme) = &self.scheme {
            write!(f, "{scheme}://")?;
        }
        write!(f, "{}{REQUEST}\n{}\n\n", self.domain, self.address)?;
        if let Some(statement) = &self.statement {
            writeln!(f, "{statement}")?;
        }
        write!(f, "\nURI: {}\nVersion: 1\nChain ID: {}\nNonce: {}", self.uri, self.chain_id, self.nonce)?;
        write!(f, "\nIssued At: {}", self.issued_at)?;
        if let Some(end) = self.expiration_time {
            write!(f, "\nExpiration Time: {end}")?;
        }
        if let Some(start) = self.not_before {
            write!(f, "\nNot Before: {start}")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, "\nRequest ID: {id}")?;
        }
        if !self.resources.is_empty() {
            f.write_str("\nResources:")?;
        }
        self.resources.iter().try_for_each(|uri| write!(f, "\n- {uri}"))
    }
}
