//! How much head a request may have.

use axum::extract::Request;

use crate::error::{Code, Error, Result};

/// The bytes of the target and of all names and values together.
const BYTES: usize = 16 * 1024;
const FIELDS: usize = 64;

/// Lets a request pass whose head is of a size that clients have. Fails with `headers_too_large`.
pub fn check(request: &Request) -> Result<()> {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    let fields: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if target + fields <= BYTES && request.headers().len() <= FIELDS {
        return Ok(());
    }
    Err(Error::new(Code::HeadersTooLarge, "The head of the request is larger than 16 KiB or has more than 64 fields.")
        .with_hint("Send less; arguments belong into the body."))
}
