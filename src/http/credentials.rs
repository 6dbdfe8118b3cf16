//! The `Authorization` header.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use crate::address::Address;
use crate::error::{Code, Error, Result};

/// The address that `Authorization: Bearer 0x…` names, which proves nothing; none when the header is absent or empty.
/// Fails with `auth_malformed` on anything else, so that nobody who believes to be known is taken for nobody.
pub struct Claim(pub Option<Address>);

impl<S: Sync> FromRequestParts<S> for Claim {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        claim(&parts.headers).map(Self)
    }
}

fn claim(headers: &HeaderMap) -> Result<Option<Address>> {
    let mut fields = headers.get_all(AUTHORIZATION).iter();
    let Some(field) = fields.next() else { return Ok(None) };
    let text = field.to_str().ok().filter(|_| fields.next().is_none()).ok_or_else(malformed)?;
    let (scheme, token) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    match token.trim() {
        _ if !scheme.eq_ignore_ascii_case("Bearer") => Err(malformed()),
        "" => Ok(None),
        token => token.parse().map(Some).map_err(|_: Error| malformed()),
    }
}

fn malformed() -> Error {
    Error::new(Code::AuthMalformed, "The `Authorization` header is none that this server knows.")
        .with_hint("Send `Authorization: Bearer 0x…` with your address once, or leave the header out.")
}
