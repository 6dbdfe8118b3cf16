//! What can be wrong with a message.

use std::error::Error;
use std::fmt;

/// The line of a message that is wrong, or that should stand where another one does; and what time makes of a good message.
///
/// Printed, it is a sentence for people that holds nothing of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    TooLong,
    Domain,
    Address,
    Statement,
    Uri,
    Version,
    ChainId,
    Nonce,
    IssuedAt,
    ExpirationTime,
    NotBefore,
    RequestId,
    Resources,
    Order,
    Expired,
    NotYetValid,
}

impl Fault {
    pub const fn message(self) -> &'static str {
        match self {
            Self::TooLong => "The message has more than 4096 bytes.",
            Self::Domain => {
                "The first line is not `<domain> wants you to sign in with your Ethereum account:`, with an authority of RFC 3986 and perhaps `<scheme>://` before it."
            }
            Self::Address => "The second line is not an address with the checksum of ERC-55.",
            Self::Statement => {
                "After the address come a blank line, perhaps one line of statement in the characters that RFC 3986 allows in URIs and spaces, and a blank line."
            }
            Self::Uri => "The line `URI: <uri>` is missing, not in its place, or no URI of RFC 3986.",
            Self::Version => "The line `Version: 1` is missing, not in its place, or of another version.",
            Self::ChainId => {
                "The line `Chain ID: <number>` is missing, not in its place, or no decimal number below 2^64."
            }
            Self::Nonce => {
                "The line `Nonce: <nonce>` is missing, not in its place, or not of at least 8 ASCII letters and digits."
            }
            Self::IssuedAt => "The line `Issued At: <time>` is missing, not in its place, or no time of RFC 3339.",
            Self::ExpirationTime => "The line `Expiration Time: <time>` is no time of RFC 3339.",
            Self::NotBefore => "The line `Not Before: <time>` is no time of RFC 3339.",
            Self::RequestId => {
                "The line `Request ID: <id>` has characters that RFC 3986 does not allow in a segment of a path."
            }
            Self::Resources => {
                "After the line `Resources:` there is a line that is not `- <uri>`, with a URI of RFC 3986."
            }
            Self::Order => {
                "After `Issued At` there is a line that is not `Expiration Time`, `Not Before`, `Request ID` or `Resources`, in this order and each once; a line feed at the end is one line too many."
            }
            Self::Expired => "The message has expired.",
            Self::NotYetValid => "The message is not yet valid.",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl Error for Fault {}
