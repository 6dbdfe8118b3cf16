//! Request bodies: JSON, of bounded size, read strictly.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use futures_util::{pending, poll};
use headers::{ContentType, HeaderMapExt};
use http_body_util::LengthLimitError;
use serde_json::{Map, Value};

use crate::app::App;
use crate::error::{Code, Error, Result};
use crate::json;
use crate::runtime::within;

/// The largest body in bytes, where nothing else is said.
const USUAL: usize = 64 * 1024;

/// A JSON body of so many bytes at most. Fails with `unsupported_media_type`, `request_timeout`, `body_too_large` or
/// `malformed_json`.
pub struct Json<const LARGEST: usize = USUAL>(pub Value);

impl<const LARGEST: usize> FromRequest<Arc<App>> for Json<LARGEST> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self> {
        let (parts, body) = request.into_parts();
        if !is_json(&parts.headers) {
            return Err(Error::new(Code::UnsupportedMediaType, "The body is not declared as JSON.")
                .with_hint("Send `Content-Type: application/json`."));
        }
        let limit = app.config.limits.body_timeout;
        let body = once_asked_for(limit, read(body, LARGEST)).await.ok_or_else(|| {
            Error::new(Code::RequestTimeout, format!("The body did not come within {} s.", limit.as_secs()))
                .with_hint("Send the whole body at once.")
        })?;
        json::parse(&body?).map(Self)
    }
}

/// A JSON body that may be missing. Fails as [`Json`] does.
pub struct OptionalJson(pub Option<Value>);

impl FromRequest<Arc<App>> for OptionalJson {
    type Rejection = Error;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self> {
        if request.body().is_end_stream() && !request.headers().contains_key(CONTENT_TYPE) {
            return Ok(Self(None));
        }
        Json::<USUAL>::from_request(request, app).await.map(|Json(body)| Self(Some(body)))
    }
}

/// The members of a body, taken out one by one; `null` is as good as absent. Fails with `malformed_request`.
pub struct Members {
    members: Map<String, Value>,
    /// What is said to whoever sent something else.
    hint: &'static str,
}

impl Members {
    pub fn of(body: Value, hint: &'static str) -> Result<Self> {
        match body {
            Value::Object(members) => Ok(Self { members, hint }),
            _ => Err(malformed("The body is not a JSON object.".to_owned(), hint)),
        }
    }

    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name).filter(|value| !value.is_null())
    }

    /// What must be there.
    pub fn need(&mut self, name: &str) -> Result<Value> {
        self.take(name).ok_or_else(|| malformed(format!("`{name}` is missing."), self.hint))
    }

    /// A string that may be there.
    pub fn optional_text(&mut self, name: &str) -> Result<Option<String>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(malformed(format!("`{name}` is not a string."), self.hint)),
        }
    }

    /// A string that must be there.
    pub fn text(&mut self, name: &str) -> Result<String> {
        match self.take(name) {
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(malformed(format!("`{name}` is not a string."), self.hint)),
            None => Err(malformed(format!("`{name}` is missing."), self.hint)),
        }
    }

    /// A boolean, false when it is not there.
    pub fn flag(&mut self, name: &str) -> Result<bool> {
        match self.take(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(_) => Err(malformed(format!("`{name}` is neither true nor false."), self.hint)),
        }
    }

    /// To be called when all has been taken that may be there.
    pub fn end(self) -> Result<()> {
        if self.members.is_empty() {
            return Ok(());
        }
        Err(malformed("The body has a member that has no meaning here.".to_owned(), self.hint))
    }
}

fn malformed(message: String, hint: &'static str) -> Error {
    Error::new(Code::MalformedRequest, message).with_hint(hint)
}

/// Like `within`, from the moment on that hyper has been asked for the body: to be asked is what it reads one for, and then
/// it comes back here at once, mostly with the body, which costs no timer then.
async fn once_asked_for<F: Future>(limit: Duration, body: F) -> Option<F::Output> {
    let mut body = pin!(body);
    if let Poll::Ready(body) = poll!(body.as_mut()) {
        return Some(body);
    }
    pending!();
    within(limit, body).await
}

fn is_json(headers: &HeaderMap) -> bool {
    let is_plainly = headers.get(CONTENT_TYPE).is_some_and(|declared| declared == "application/json");
    is_plainly
        || headers.typed_get::<ContentType>().is_some_and(|declared| {
            let mime: headers::Mime = declared.into();
            mime.essence_str() == "application/json"
        })
}

async fn read(body: Body, largest: usize) -> Result<bytes::Bytes> {
    let too_large = || {
        Error::new(Code::BodyTooLarge, format!("The body is larger than {} KiB.", largest / 1024))
            .with_hint("Send less at a time.")
    };
    if body.size_hint().lower() > largest as u64 {
        return Err(too_large());
    }
    to_bytes(body, largest).await.map_err(|error| match error.into_inner() {
        limit if limit.is::<LengthLimitError>() => too_large(),
        broken => Error::new(Code::MalformedRequest, "The body could not be read to its end.")
            .with_hint("Its chunks or its length are not what its head says.")
            .caused_by(broken),
    })
}
