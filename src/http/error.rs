//! How failures look over HTTP. The only place that turns a code into a status.

use std::any::Any;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tracing::error;

use super::host::{audience, named};
use super::log::Outcome;
use crate::app::App;
use crate::config::LegacySignatures;
use crate::error::{Code, Error, Limit};
use crate::pipeline::Answer;

/// The status that carries a code.
pub fn status(code: Code) -> StatusCode {
    match code {
        Code::MalformedJson
        | Code::MalformedRequest
        | Code::MalformedCommand
        | Code::EmptyCommand
        | Code::ClientCommand
        | Code::AuthMalformed
        | Code::ArgsNotSigned => StatusCode::BAD_REQUEST,
        Code::SignatureRequired
        | Code::IdentityRequired
        | Code::SignatureInvalid
        | Code::SignatureHighS
        | Code::SignatureMismatch
        | Code::ReplayProtectionRequired => StatusCode::UNAUTHORIZED,
        Code::UnknownCommand | Code::NotFound => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
        Code::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::HostNotAllowed => StatusCode::MISDIRECTED_REQUEST,
        Code::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        Code::TooManyStreams => StatusCode::TOO_MANY_REQUESTS,
        Code::InvalidArguments | Code::CommandFailed => StatusCode::UNPROCESSABLE_ENTITY,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Code::Overloaded | Code::StoreUnavailable | Code::Draining => StatusCode::SERVICE_UNAVAILABLE,
        Code::CommandTimeout => StatusCode::GATEWAY_TIMEOUT,
    }
}

/// The end of a command that ran, well or not.
impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = self.code.map_or(StatusCode::OK, status);
        let outcome = Outcome { code: self.code, run_id: self.run_id };
        (status, Extension(outcome), [(CONTENT_TYPE, "application/json")], to_json(&self)).into_response()
    }
}

/// Only carries the error outward to `render`, which knows the server and the request.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = status(self.code).into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Gives every failure its body, whichever layer or handler it comes from, and every 401 its challenge.
pub async fn render(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let host = named(&request);
    let mut response = next.run(request).await;
    let failure = response.extensions_mut().remove::<Arc<Error>>();
    if let Some(failure) = &failure {
        if matches!(failure.code, Code::Internal | Code::StoreUnavailable) {
            error!(code = failure.code.as_str(), error = &**failure as &dyn std::error::Error, "a request failed");
        }
        let mut answer = Answer::from(&**failure);
        if response.status() == StatusCode::UNAUTHORIZED {
            let data = json!({ "audience": audience(&app, host.as_ref()), "time": format!("{:.3}", app.clock.now()) });
            answer.data = serde_json::value::to_raw_value(&data).ok();
        }
        *response.body_mut() = to_json(&answer).into();
        response.extensions_mut().insert(Outcome { code: Some(failure.code), run_id: None });
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        tell_when_to_return(response.headers_mut(), failure.code, failure.limit);
    }
    let code = response.extensions().get().and_then(|outcome: &Outcome| outcome.code);
    if let (StatusCode::UNAUTHORIZED, Some(code)) = (response.status(), code) {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge(&app, host.as_ref(), code));
    }
    response
}

/// `Retry-After` where trying again helps, and the quota that was reached (draft-ietf-httpapi-ratelimit-headers).
fn tell_when_to_return(headers: &mut HeaderMap, code: Code, limit: Option<Limit>) {
    if matches!(code, Code::Overloaded | Code::StoreUnavailable | Code::Draining | Code::TooManyStreams) {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    let Some(Limit { policy, quota }) = limit else { return };
    for (name, value) in
        [("ratelimit", format!("\"{policy}\";r=0;t=1")), ("ratelimit-policy", format!("\"{policy}\";q={quota}"))]
    {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
}

/// RFC 9110, section 11.6.1: what would do instead, if anything would.
fn challenge(app: &App, host: Option<&Authority>, code: Code) -> HeaderValue {
    let schemes = match app.config.legacy_signatures {
        LegacySignatures::Off => "",
        LegacySignatures::Safe | LegacySignatures::All => r#"schemes="bare", "#,
    };
    let (audience, code) = (audience(app, host), code.as_str());
    HeaderValue::try_from(format!(r#"EthSignature {schemes}audience="{audience}", error="{code}""#))
        .unwrap_or(HeaderValue::from_static("EthSignature"))
}

/// The last resort: a panic outside of any command.
pub fn caught_panic(_panic: Box<dyn Any + Send>) -> Response {
    Error::internal("a handler panicked").into_response()
}

fn to_json(answer: &Answer) -> Vec<u8> {
    // Strings and JSON that is already written cannot fail to be written.
    serde_json::to_vec(answer).unwrap_or_default()
}
