//! `GET /api/v1/commands` and `GET /api/v1/commands/{name}`

use std::sync::Arc;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequestParts, Path, Query, Request, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, VARY};
use axum::response::Response;
use serde::Deserialize;

use super::credentials::Credentials;
use super::reply::document;
use crate::access::{prove, role};
use crate::app::App;
use crate::error::{Code, Error, Result};

/// All commands, in the order of their names.
///
/// With `for=me` only those that you may run, who have proven an address: the subcommands too are those of your role.
#[utoipa::path(
    get, path = "/api/v1/commands", operation_id = "listCommands", tag = "Commands",
    params(("for" = Option<String>, Query, description = "`me`: what the proven caller may run.", pattern = "^me$"),
           ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the list that you have.")),
    responses(
        (status = 200, description = "The definitions.", body = ref("#/components/schemas/Catalogue"),
         content_type = "application/json",
         headers(("etag" = String, description = "A strong validator."), ("cache-control" = String))),
        (status = 304, description = "You have it already.", headers(("etag" = String))),
    ),
    security((), ("session" = []), ("signature" = []))
)]
pub async fn list(
    State(app): State<Arc<App>>,
    query: Result<Query<Filter>, QueryRejection>,
    request: Request,
) -> Result<Response> {
    let filter = query.ok().map(|Query(filter)| filter.r#for);
    match filter.as_ref().map(Option::as_deref) {
        Some(None) => Ok(document(app.registry.load().catalogue(), request.headers())),
        Some(Some("me")) => list_for(&app, request).await,
        Some(Some(_)) | None => Err(Error::new(Code::MalformedRequest, "The query is not readable.")
            .with_hint("`for=me` may stand in it, once; without it all commands are listed.")),
    }
}

/// What stands in the query of the list.
#[derive(Deserialize)]
pub struct Filter {
    r#for: Option<String>,
}

async fn list_for(app: &Arc<App>, request: Request) -> Result<Response> {
    let (mut parts, _body) = request.into_parts();
    let Ok(credentials) = Credentials::from_request_parts(&mut parts, app).await;
    let address = prove(app, credentials.read()?, None).await?.address;
    let role = role(app, address).await?;
    let mut response = document(app.registry.load().catalogue_for(role), &parts.headers);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response.headers_mut().append(VARY, HeaderValue::from_static("authorization"));
    Ok(response)
}

/// One command; an alias does as well as the name, in any case.
#[utoipa::path(
    get, path = "/api/v1/commands/{name}", operation_id = "getCommand", tag = "Commands",
    params(
        ("name" = String, Path, description = "Its name or an alias.", pattern = "^[A-Za-z][A-Za-z0-9-]{0,31}$",
         example = "echo"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of the definition that you have."),
    ),
    responses(
        (status = 200, description = "The definition.", body = ref("#/components/schemas/Definition"),
         content_type = "application/json",
         headers(("etag" = String, description = "A strong validator."), ("cache-control" = String))),
        (status = 304, description = "You have it already.", headers(("etag" = String))),
    )
)]
pub async fn one(
    State(app): State<Arc<App>>,
    name: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response> {
    let Path(name) = name.map_err(|error| {
        Error::new(Code::UnknownCommand, "The name of the command is not readable.").caused_by(error)
    })?;
    Ok(document(&app.registry.load().entry(&name)?.document, request.headers()))
}
