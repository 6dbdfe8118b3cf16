//! `/api/v1/auth/…`: sessions, by Sign-In with Ethereum.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::body::{Json, Members, OptionalJson};
use super::credentials::Credentials;
use super::host::Audience;
use super::peer::Peer;
use super::reply::private;
use crate::access::{Authorization, Means, prove, session};
use crate::app::App;
use crate::error::{Code, Error, Result};

/// A nonce to sign in with.
///
/// It goes into a message of Sign-In with Ethereum (ERC-4361), which is good for one sign-in within `expiresIn` seconds. Nothing
/// is kept of it until then.
#[utoipa::path(
    get, path = "/api/v1/auth/nonce", operation_id = "getNonce", tag = "Sessions",
    responses((status = 200, description = "The nonce.", body = ref("#/components/schemas/SignInNonce"),
               content_type = "application/json", headers(("cache-control" = String))))
)]
pub async fn nonce(State(app): State<Arc<App>>, Audience(audience): Audience) -> Result<Response> {
    let nonce = session::challenge(&app).await?;
    let time = format!("{:.3}", app.clock.now());
    let body = json!({ "nonce": nonce, "audience": audience, "time": time, "expiresIn": session::CHALLENGE.as_secs() });
    private(StatusCode::OK, &body)
}

/// Begin a session.
///
/// `message` is an ERC-4361 message with a nonce of this server; its domain is the host of this server or of a frontend that may
/// call it, and that of the page that sends it. `signature` is made by `personal_sign`. The token lasts for 24 hours, or
/// until it is not used for one; an open stream uses it. It is sent as `Authorization: Bearer ns_…`.
#[utoipa::path(
    post, path = "/api/v1/auth/siwe", operation_id = "signIn", tag = "Sessions",
    request_body(content = ref("#/components/schemas/SignIn"), content_type = "application/json"),
    responses((status = 200, description = "The session.", body = ref("#/components/schemas/Session"),
               content_type = "application/json", headers(("cache-control" = String))))
)]
pub async fn siwe(
    State(app): State<Arc<App>>,
    Peer(peer): Peer,
    headers: HeaderMap,
    Json(body): Json,
) -> Result<Response> {
    let mut members = Members::of(body, r#"Send {"message": "<ERC-4361>", "signature": "0x…"}."#)?;
    let (message, signature) = (members.text("message")?, members.text("signature")?);
    members.end()?;
    let origin = headers.get(ORIGIN).map(|origin| origin.to_str().unwrap_or_default());
    let begun = session::sign_in(&app, peer, origin, &message, &signature).await?;
    let body = json!({
        "address": begun.address,
        "token": begun.token,
        "expiresAt": format!("{:.3}", begun.expires_at),
    });
    private(StatusCode::OK, &body)
}

/// End your session, or all that you have.
///
/// Streams that depend on what ends are closed. Whoever signs this request instead of sending a session ends all, so it has to
/// say `"all": true`.
#[utoipa::path(
    post, path = "/api/v1/auth/logout", operation_id = "signOut", tag = "Sessions",
    request_body(content = ref("#/components/schemas/SignOut"), content_type = "application/json"),
    responses((status = 204, description = "It has ended.")),
    security(("session" = []), ("signature" = []))
)]
pub async fn logout(
    State(app): State<Arc<App>>,
    credentials: Credentials,
    OptionalJson(body): OptionalJson,
) -> Result<Response> {
    let all = match &body {
        None => false,
        Some(body) => {
            let mut members = Members::of(body.clone(), r#"Send nothing, or {"all": true}."#)?;
            let all = members.flag("all")?;
            members.end()?;
            all
        }
    };
    let asked = credentials.read()?;
    if matches!(asked.authorization, Authorization::Signature(_)) && !all {
        return Err(Error::new(Code::MalformedRequest, "There is no session in the request to end.").with_hint(
            r#"Send `Authorization: Bearer ns_…`, or sign {"all": true} to end all sessions of your address."#,
        ));
    }
    let proven = prove(&app, asked, body.as_ref()).await?;
    let only = match proven.by {
        Means::Session(id) if !all => Some(id),
        Means::Session(_) | Means::Signature => None,
    };
    session::sign_out(&app, proven.address, only).await?;
    Ok((StatusCode::NO_CONTENT, [(CACHE_CONTROL, "no-store")]).into_response())
}
