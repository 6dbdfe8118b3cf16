//! The `Authorization` header.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::peer::Peer;
use crate::access::{Asked, Authorization, session};
use crate::app::App;
use crate::error::{Code, Error, Result};
use crate::json;
use crate::secret::Secret;

/// What proves who asks, for a request that is no command: none of it is believed before `access` has looked at it.
pub struct Credentials(Result<Asked>);

impl Credentials {
    /// Fails with `auth_malformed`.
    pub fn read(self) -> Result<Asked> {
        self.0
    }
}

impl FromRequestParts<Arc<App>> for Credentials {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        let Peer(peer) = Peer::from_request_parts(parts, app).await?;
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        let line = format!("{} {target}", parts.method);
        Ok(Self(authorization(&parts.headers).map(|authorization| Asked { authorization, line, peer })))
    }
}

/// Who asks for a command, beside what its body says. Fails with `auth_malformed`.
pub struct Bearer {
    pub authorization: Authorization,
    pub peer: IpAddr,
}

impl FromRequestParts<Arc<App>> for Bearer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self> {
        let Ok(Peer(peer)) = Peer::from_request_parts(parts, app).await;
        match authorization(&parts.headers)? {
            Authorization::Signature(_) => {
                Err(malformed()
                    .with_hint("A command is signed in the member `auth` of its body. Leave the header out."))
            }
            authorization => Ok(Self { authorization, peer }),
        }
    }
}

/// Reads the header; nobody who believes to be known is taken for nobody. Fails with `auth_malformed`.
fn authorization(headers: &HeaderMap) -> Result<Authorization> {
    let mut fields = headers.get_all(AUTHORIZATION).iter();
    let Some(field) = fields.next() else { return Ok(Authorization::Nothing) };
    let text = field.to_str().ok().filter(|_| fields.next().is_none()).ok_or_else(malformed)?;
    if text.is_empty() {
        return Ok(Authorization::Nothing);
    }
    let (scheme, value) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    let value = value.trim();
    if scheme.eq_ignore_ascii_case("EthSignature") {
        let json = BASE64_URL.decode(value).ok().and_then(|json| json::parse(&json).ok());
        return json.map(Authorization::Signature).ok_or_else(malformed);
    }
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(malformed());
    }
    if value.is_empty() {
        return Ok(Authorization::Nothing);
    }
    if value.starts_with(session::PREFIX) {
        return match Secret::parse(session::PREFIX, value) {
            Some(secret) => Ok(Authorization::Session(secret)),
            None => Err(session::ended()),
        };
    }
    value.parse().map(Authorization::Claim).map_err(|_: Error| malformed())
}

const BASE64_URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

fn malformed() -> Error {
    Error::new(Code::AuthMalformed, "The `Authorization` header is none that this server knows.").with_hint(
        "Send it once: `Bearer ns_…` with a session, `Bearer 0x…` with an address that you name, or `EthSignature <base64url of \
         the auth object>`.",
    )
}
