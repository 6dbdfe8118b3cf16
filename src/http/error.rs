//! How failures look over HTTP. The only place that turns a code into a status.

use std::sync::Arc;

use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use serde_json::value::to_raw_value;
use tracing::error;

use super::host::audience;
use super::log::Outcome;
use crate::app::App;
use crate::command::Data;
use crate::error::{Code, Error, Limit};
use crate::pipeline::Answer;
use crate::run::Status;
use crate::signing::v1::{LONGEST, SCHEME};

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
        | Code::AudienceMismatch
        | Code::RequestExpired
        | Code::RequestNotYetValid
        | Code::ValidityTooLong
        | Code::SessionInvalid
        | Code::TicketInvalid
        | Code::SiweInvalid
        | Code::ReplayProtectionRequired => StatusCode::UNAUTHORIZED,
        Code::Forbidden | Code::BearerMismatch => StatusCode::FORBIDDEN,
        Code::UnknownCommand | Code::NotFound => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::InProgress | Code::AlreadyExists | Code::Finished | Code::OutcomeUnknown | Code::Cancelled => {
            StatusCode::CONFLICT
        }
        Code::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
        Code::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::HostNotAllowed => StatusCode::MISDIRECTED_REQUEST,
        Code::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        Code::RateLimited | Code::TooManyStreams => StatusCode::TOO_MANY_REQUESTS,
        Code::InvalidArguments
        | Code::CommandFailed
        | Code::DefinitionInvalid
        | Code::NonceReused
        | Code::IdempotencyKeyReused => StatusCode::UNPROCESSABLE_ENTITY,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Code::WebhookFailed => StatusCode::BAD_GATEWAY,
        Code::Overloaded | Code::StoreUnavailable | Code::Draining => StatusCode::SERVICE_UNAVAILABLE,
        Code::CommandTimeout => StatusCode::GATEWAY_TIMEOUT,
    }
}

/// Only carries the end of a command outward to `render`, which knows the server and the request.
impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = match (self.status, self.code) {
            (Status::Pending, _) => StatusCode::ACCEPTED,
            (Status::Success | Status::Error, code) => code.map_or(StatusCode::OK, status),
        }
        .into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Like [`Answer`]: only carries the error outward.
impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = status(self.code).into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Gives every answer and every failure its body, wherever it comes from, and every 401 its challenge.
pub fn render(app: &App, host: Option<&HeaderValue>, response: &mut Response) -> Outcome {
    let failure = response.extensions_mut().remove::<Arc<Error>>();
    let answer = match &failure {
        Some(failure) => Some(Answer::from(&**failure)),
        None => response.extensions_mut().remove(),
    };
    let Some(mut answer) = answer else { return response.extensions_mut().remove().unwrap_or_default() };
    if let Some(failure) = &failure
        && matches!(failure.code, Code::Internal | Code::StoreUnavailable)
    {
        error!(code = failure.code.as_str(), error = &**failure as &dyn std::error::Error, "a request failed");
    }
    if let Some(code) = answer.code {
        if response.status() == StatusCode::UNAUTHORIZED {
            let audience = audience(app, host);
            answer.data = answer.data.or_else(|| for_a_proof(app, audience));
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge(audience, code));
        }
        tell_when_to_return(response.headers_mut(), code, failure.and_then(|failure| failure.limit));
    }
    *response.body_mut() = to_json(&answer).into();
    // The router has measured the body that there was not.
    response.headers_mut().remove(CONTENT_LENGTH);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Outcome { code: answer.code, run_id: answer.run_id }
}

/// What whoever has to prove something needs to know: whom a signature is made out to, and what time it is here.
pub fn for_a_proof(app: &App, audience: &str) -> Option<Data> {
    to_raw_value(&json!({ "audience": audience, "time": format!("{:.3}", app.clock.now()) })).ok()
}

/// `Retry-After` where trying again helps, and the quota that was reached (draft-ietf-httpapi-ratelimit-headers).
fn tell_when_to_return(headers: &mut HeaderMap, code: Code, limit: Option<Limit>) {
    let status = status(code);
    let will_pass = status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::TOO_MANY_REQUESTS;
    if will_pass || code == Code::InProgress {
        headers.insert(RETRY_AFTER, limit.map_or(1, |limit| limit.seconds).into());
    }
    let Some(Limit { policy, quota, seconds }) = limit else { return };
    for (name, value) in [
        ("ratelimit", format!("\"{policy}\";r=0;t={seconds}")),
        ("ratelimit-policy", format!("\"{policy}\";q={quota}")),
    ] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
}

/// RFC 9110, section 11.6.1: what would do instead.
fn challenge(audience: &str, code: Code) -> HeaderValue {
    let code = code.as_str();
    HeaderValue::try_from(format!(
        r#"EthSignature schemes="{SCHEME}", audience="{audience}", max_validity={LONGEST}, error="{code}""#
    ))
    .unwrap_or(HeaderValue::from_static("EthSignature"))
}

fn to_json(answer: &Answer) -> Vec<u8> {
    let mut json = Vec::with_capacity(256 + answer.data.as_ref().map_or(0, |data| data.get().len()));
    // Strings and JSON that is already written cannot fail to be written.
    let _ = serde_json::to_writer(&mut json, answer);
    json
}
