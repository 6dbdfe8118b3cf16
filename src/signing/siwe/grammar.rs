//! What may stand in the fields of a message, times apart. Each function takes the whole of a field or nothing.

use iri_string::types::{UriFragmentStr, UriReferenceStr, UriStr};

use super::REQUEST;
use crate::address::Address;

/// The first line: `[ scheme "://" ] authority`, and the request. An authority has no slash, so a scheme stands before the
/// first `://`. RFC 3986 allows an empty host, which is nobody who could ask.
pub fn origin(line: &str) -> Option<(Option<String>, String)> {
    let origin = line.strip_suffix(REQUEST)?;
    let (scheme, domain) = origin.split_once("://").map_or((None, origin), |(scheme, rest)| (Some(scheme), rest));
    let reference = if scheme.is_some() { origin.to_owned() } else { format!("//{origin}") };
    let reference = UriReferenceStr::new(&reference).ok()?;
    let is_named = !reference.authority_components()?.host().is_empty();
    let is_all = reference.scheme_str() == scheme && reference.authority_str() == Some(domain);
    (is_named && is_all).then(|| (scheme.map(str::to_owned), domain.to_owned()))
}

/// `0x` and 40 hex digits with the checksum of ERC-55.
pub fn address(text: &str) -> Option<Address> {
    let address: Address = text.parse().ok()?;
    (address.to_string() == text).then_some(address)
}

/// `*( reserved / unreserved / " " )` of RFC 3986: no percent sign, no quotation mark, nothing beyond ASCII.
pub fn statement(text: &str) -> Option<String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b" :/?#[]@!$&'()*+,;=-._~".contains(&byte);
    text.bytes().all(fits).then(|| text.to_owned())
}

pub fn uri(text: &str) -> Option<String> {
    UriStr::new(text).ok().map(|_| text.to_owned())
}

/// `1*DIGIT`, of a number that fits; leading zeros do not count.
pub fn chain_id(text: &str) -> Option<u64> {
    // `parse` alone would take a plus sign.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// `8*( ALPHA / DIGIT )`.
pub fn nonce(text: &str) -> Option<String> {
    (text.len() >= 8 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())).then(|| text.to_owned())
}

/// `*pchar`: a fragment without a slash and a question mark.
pub fn request_id(text: &str) -> Option<String> {
    let is_segment = UriFragmentStr::new(text).is_ok() && !text.contains(['/', '?']);
    is_segment.then(|| text.to_owned())
}
