//! `GET /api/v1/commands` and `GET /api/v1/commands/{name}`

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;

use super::reply::document;
use crate::app::App;
use crate::error::{Code, Error, Result};

/// All commands, in the order of their names.
#[utoipa::path(
    get, path = "/api/v1/commands", operation_id = "listCommands", tag = "Commands",
    params(("If-None-Match" = Option<String>, Header, description = "The `ETag` of the list that you have.")),
    responses(
        (status = 200, description = "The definitions.", body = ref("#/components/schemas/Catalogue"),
         content_type = "application/json",
         headers(("etag" = String, description = "A strong validator."), ("cache-control" = String))),
        (status = 304, description = "You have it already.", headers(("etag" = String))),
    )
)]
pub async fn list(State(app): State<Arc<App>>, request: Request) -> Response {
    document(app.registry.catalogue(), request.headers())
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
    Ok(document(&app.registry.entry(&name)?.document, request.headers()))
}
