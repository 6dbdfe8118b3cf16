//! `/docs`: the OpenAPI document to read and to try, by Swagger UI, all of it from here.

use std::sync::Arc;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{Html, IntoResponse, Response};
use utoipa_swagger_ui::Config;

use crate::error::{Error, Result};

/// Nothing from elsewhere, nothing to elsewhere. Swagger UI draws with inline styles and small pictures as data.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// This document, to read and to try.
#[utoipa::path(
    get, path = "/docs", operation_id = "docs", tag = "Documents",
    responses((status = 200, description = "A page.", body = String, content_type = "text/html"))
)]
pub async fn page() -> Response {
    with_policy(Html(include_str!("docs/page.html")).into_response())
}

/// What the page is made of.
#[utoipa::path(
    get, path = "/docs/{file}", operation_id = "docsFile", tag = "Documents",
    params(("file" = String, Path, description = "One of the files that the page names.", example = "start.js")),
    responses((status = 200, description = "A script or a style.", content((String = "text/javascript"), (String = "text/css"))))
)]
pub async fn file(name: Result<Path<String>, PathRejection>) -> Result<Response> {
    let (content, kind) = match name.as_ref().map_or("", |Path(name)| name.as_str()) {
        "start.js" => (include_bytes!("docs/start.js").as_slice().into(), "text/javascript"),
        "swagger-ui-bundle.js" => (vendored("swagger-ui-bundle.js")?, "text/javascript"),
        "swagger-ui.css" => (vendored("swagger-ui.css")?, "text/css"),
        _ => return Err(Error::not_found("The page has no file of this name.").with_hint("The page is at /docs.")),
    };
    Ok(with_policy(([(CONTENT_TYPE, kind)], content).into_response()))
}

fn vendored(name: &str) -> Result<std::borrow::Cow<'static, [u8]>> {
    let file = utoipa_swagger_ui::serve(name, Arc::new(Config::default()));
    Ok(file.ok().flatten().ok_or_else(|| Error::internal("Swagger UI lacks a file"))?.bytes)
}

fn with_policy(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
