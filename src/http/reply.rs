//! Bodies of JSON that is already written.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use headers::{HeaderMapExt, IfNoneMatch};

use serde::Serialize;

use crate::command::Document;
use crate::error::{Error, Result};

pub fn json(status: StatusCode, json: impl Into<Body>) -> Response {
    let mut response = Response::new(json.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// What is for its owner alone. Fails with `internal` when the body has no form in JSON.
pub fn private(status: StatusCode, body: &impl Serialize) -> Result<Response> {
    let mut response = json(status, serde_json::to_vec(body).map_err(Error::internal)?);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(response)
}

/// The document, or 304 when the caller has it (RFC 9110, section 13.1.2).
pub fn document(document: &Document, headers: &HeaderMap) -> Response {
    let mut response = if is_known(&document.etag, headers) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        json(StatusCode::OK, document.bytes.clone())
    };
    response.headers_mut().insert(ETAG, document.etag.clone());
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// Whether the caller has what this validates, and says so.
pub fn is_known(etag: &HeaderValue, headers: &HeaderMap) -> bool {
    headers.typed_get::<IfNoneMatch>().is_some_and(|known| {
        let etag = etag.to_str().ok().and_then(|etag| etag.parse().ok());
        etag.is_some_and(|etag| !known.precondition_passes(&etag))
    })
}
