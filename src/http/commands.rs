//! `GET /api/v1/commands` and `GET /api/v1/commands/{name}`

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::header::{CACHE_CONTROL, ETAG};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use headers::{HeaderMapExt, IfNoneMatch};

use super::error::json_response;
use crate::app::App;
use crate::command::Document;
use crate::error::{Code, Error, Result};

/// All definitions, in the order of their names.
pub async fn list(State(app): State<Arc<App>>, request: Request) -> Response {
    serve(app.registry.catalogue(), request.headers())
}

/// One definition; an alias does as well as the name.
pub async fn one(
    State(app): State<Arc<App>>,
    name: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response> {
    let Path(name) = name.map_err(|error| {
        Error::new(Code::UnknownCommand, "The name of the command is not readable.").caused_by(error)
    })?;
    Ok(serve(&app.registry.entry(&name)?.document, request.headers()))
}

/// The document, or 304 when the caller has it (RFC 9110, section 13.1.2).
fn serve(document: &Document, headers: &HeaderMap) -> Response {
    let is_known = headers.typed_get::<IfNoneMatch>().is_some_and(|known| {
        let etag = document.etag.to_str().ok().and_then(|etag| etag.parse().ok());
        etag.is_some_and(|etag| !known.precondition_passes(&etag))
    });
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        json_response(StatusCode::OK, document.bytes.clone())
    };
    response.headers_mut().insert(ETAG, document.etag.clone());
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
