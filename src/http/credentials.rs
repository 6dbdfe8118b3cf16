//! The `Authorization` header.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use crate::address::Address;
use crate::app::App;
use crate::error::{Code, Error, Result};
use crate::json;
use crate::pipeline::prove;

/// The address that `Authorization: Bearer 0x…` names, which proves nothing; none when the header is absent or empty.
/// Fails with `auth_malformed` on anything else, so that nobody who believes to be known is taken for nobody.
pub struct Claim(pub Option<Address>);

impl<S: Sync> FromRequestParts<S> for Claim {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        claim(&parts.headers).map(Self)
    }
}

/// The address that `Authorization: EthSignature` proves, by a signature over the request line's method and target. Fails with
/// `identity_required`, `auth_malformed`, or with what the verification says.
pub struct Owner(pub Address);

impl FromRequestParts<Arc<App>> for Owner {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self> {
        let auth = proof(&parts.headers)?;
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        prove(app, &format!("{} {target}", parts.method), auth.as_ref()).map(Self)
    }
}

/// The `auth` object of the header; none when there is no header, or one that proves nothing.
fn proof(headers: &HeaderMap) -> Result<Option<Value>> {
    match headers.get(AUTHORIZATION).and_then(|field| field.to_str().ok()).map(str::trim) {
        Some(text) if text.get(..SCHEME.len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case(SCHEME)) => {
            let encoded = text.get(SCHEME.len()..).unwrap_or_default().trim();
            let only_one = headers.get_all(AUTHORIZATION).iter().nth(1).is_none();
            let json = BASE64_URL.decode(encoded).ok().filter(|_| only_one).ok_or_else(unreadable_proof)?;
            json::parse(&json).map(Some).map_err(|_| unreadable_proof())
        }
        // Another scheme may name somebody and proves nothing.
        _ => Ok(None),
    }
}

const SCHEME: &str = "EthSignature ";
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

fn unreadable_proof() -> Error {
    Error::new(Code::AuthMalformed, "The `Authorization` header holds no readable proof.")
        .with_hint("Send `Authorization: EthSignature <base64url of {\"publicKey\": .., \"signature\": ..}>` once.")
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
