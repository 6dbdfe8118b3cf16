//! `POST /api/v1/commands` and `DELETE /api/v1/commands/{name}`: commands that come and go, for admins.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, ETAG, LOCATION};
use axum::http::{HeaderValue, header::HeaderName};
use axum::response::{IntoResponse, Response};
use zeroize::Zeroizing;

use super::body::{Json, Members};
use super::credentials::Credentials;
use super::reply::json;
use crate::access::admin;
use crate::app::App;
use crate::error::{Code, Error, Result};
use crate::registration::{self, Asked, removable};

/// Register a command, for admins.
///
/// It is there at once, and after a restart, until it is deleted or its time is over; every stream is told by `commands_changed`.
/// Who runs it has it call `url` by the rules of Standard Webhooks, signed with `secret`, which is never shown again.
#[utoipa::path(
    post, path = "/api/v1/commands", operation_id = "registerCommand", tag = "Commands",
    request_body(content = ref("#/components/schemas/Registration"), content_type = "application/json"),
    responses(
        (status = 201, description = "The definition, as others see it.", body = ref("#/components/schemas/Definition"),
         content_type = "application/json",
         headers(("location" = String), ("etag" = String, description = "A strong validator."), ("cache-control" = String))),
    ),
    security(("signature" = []))
)]
pub async fn register(State(app): State<Arc<App>>, credentials: Credentials, Json(body): Json) -> Result<Response> {
    let mut members =
        Members::of(body.clone(), r#"Send {"definition": {..}, "url": "https://..", "secret"?: "whsec_.."}."#)?;
    let asked = Asked {
        definition: members.need("definition")?,
        url: members.text("url")?,
        secret: members.optional_text("secret")?.map(Zeroizing::new),
        expires_at: members.optional_text("expiresAt")?,
    };
    members.end()?;
    let verified = admin(&app, credentials.read()?, Some(&body)).await?;
    let checked = asked.check(&app)?;
    let by = verified.admit(&app).await?.address;
    let entry = registration::register(&app, checked, by).await?;
    let mut response = json(StatusCode::CREATED, entry.document.bytes.clone());
    let location = HeaderValue::try_from(format!("/api/v1/commands/{}", entry.name)).map_err(Error::internal)?;
    let headers: [(HeaderName, HeaderValue); 3] = [
        (LOCATION, location),
        (ETAG, entry.document.etag.clone()),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    response.headers_mut().extend(headers);
    Ok(response)
}

/// Delete a command that was registered, for admins.
///
/// What runs of it goes on. Commands that belong to the program stay.
#[utoipa::path(
    delete, path = "/api/v1/commands/{name}", operation_id = "deleteCommand", tag = "Commands",
    params(("name" = String, Path, description = "Its name.", pattern = "^[A-Za-z][A-Za-z0-9-]{0,31}$", example = "echo")),
    responses((status = 204, description = "It is gone.")),
    security(("signature" = []))
)]
pub async fn delete(
    State(app): State<Arc<App>>,
    credentials: Credentials,
    name: Result<Path<String>, PathRejection>,
) -> Result<Response> {
    let Path(name) = name.map_err(|error| {
        Error::new(Code::UnknownCommand, "The name of the command is not readable.").caused_by(error)
    })?;
    // As everywhere, names ignore case.
    let name = name.to_ascii_lowercase();
    let verified = admin(&app, credentials.read()?, None).await?;
    // What belongs to the program stays; nothing is used up to learn that.
    if let Err(error) = removable(&app.registry.load(), &name)
        && error.code == Code::Forbidden
    {
        return Err(error);
    }
    let by = verified.admit(&app).await?.address;
    registration::remove(&app, name, by).await?;
    Ok((StatusCode::NO_CONTENT, [(CACHE_CONTROL, "no-store")]).into_response())
}
