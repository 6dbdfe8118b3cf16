//! `GET /api/v1/commands` and `GET /api/v1/commands/{name}`

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use headers::{HeaderMapExt, IfNoneMatch};

use crate::app::App;
use crate::command::Document;
use crate::error::{Code, Error, Result};

/// All definitions, in the order of their names.
pub async fn list(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    serve(app.registry.catalogue(), &headers)
}

/// One definition; an alias does as well as the name.
pub async fn one(
    State(app): State<Arc<App>>,
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response> {
    let Path(name) = name.map_err(|error| {
        Error::new(Code::UnknownCommand, "The name of the command is not readable.").caused_by(error)
    })?;
    Ok(serve(&app.registry.entry(&name)?.document, &headers))
}

/// The document, or 304 when the caller has it (RFC 9110, section 13.1.2).
fn serve(document: &Document, headers: &HeaderMap) -> Response {
    let state = [(ETAG, document.etag.as_str()), (CACHE_CONTROL, "no-cache")];
    let known = headers.typed_get::<IfNoneMatch>();
    match (known, document.etag.parse()) {
        (Some(known), Ok(etag)) if !known.precondition_passes(&etag) => {
            (StatusCode::NOT_MODIFIED, state).into_response()
        }
        _ => (state, [(CONTENT_TYPE, "application/json")], document.bytes.clone()).into_response(),
    }
}
