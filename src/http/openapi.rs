//! The OpenAPI document (3.1): the routes as utoipa collects them, the failures by their codes, and the schemas of all
//! commands.

mod endpoints;
mod events;
mod failures;
mod proofs;
mod registrations;
mod requests;
mod schemas;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::{Map, Value, json};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Components, Info, License, Tag};

use super::reply;
use crate::app::App;
use crate::command::{Document, Registry};
use crate::error::{Error, Result};

/// The document of the routes of this program and of the commands in `registry`.
#[expect(clippy::indexing_slicing, reason = "a member that is not there is made")]
pub fn document(registry: &Registry) -> serde_json::Result<Value> {
    let mut routes = super::routes().into_openapi();
    let mut info = Info::new("nexus", env!("CARGO_PKG_VERSION"));
    info.description = Some(include_str!("openapi/description.md").to_owned());
    let mut license = License::new(env!("CARGO_PKG_LICENSE"));
    license.identifier = Some(env!("CARGO_PKG_LICENSE").to_owned());
    info.license = Some(license);
    routes.info = info;
    routes.tags = Some(vec![
        described("Commands", "What there is, and how it is run."),
        described("Endpoints", "Commands that can be asked for at an address of their own."),
        described("Runs", "What became of it, for its owner."),
        described("Stream", "Results, as they come."),
        described("Sessions", "To be believed for a while."),
        described("Probes", "For whoever watches the server."),
        described("Documents", "What you are reading."),
    ]);
    let mut claim = Http::new(HttpAuthScheme::Bearer);
    claim.description = Some(
        "An address that you name and do not prove. Its streams are told the result where streams hear everything."
            .to_owned(),
    );
    let mut session = Http::new(HttpAuthScheme::Bearer);
    session.description =
        Some("The token of a session, `ns_…`. It proves your address for what needs no signature.".to_owned());
    let signature = ApiKeyValue::with_description(
        "Authorization",
        "`EthSignature <base64url of a V1Signature>`, signed over `METHOD path?query` as you send it, and over the JSON body. \
         It is good once.",
    );
    let components = routes.components.get_or_insert_with(Components::new);
    components.add_security_scheme("claim", SecurityScheme::Http(claim));
    components.add_security_scheme("session", SecurityScheme::Http(session));
    components.add_security_scheme("signature", SecurityScheme::ApiKey(ApiKey::Header(signature)));
    failures::add(&mut routes);

    let mut document = serde_json::to_value(routes)?;
    forbid_null_parameters(&mut document);
    let schemas: Map<String, Value> = schemas::of(registry);
    document["components"]["schemas"] = Value::Object(schemas);
    if let Some(body) = document.pointer_mut("/paths/~1api~1v1~1commands~1execute/post/requestBody") {
        body["content"]["application/json"]["examples"] = requests::examples(registry);
    }
    if let Some(body) = document.pointer_mut("/paths/~1api~1v1~1commands~1batch/post/requestBody") {
        let commands = json!([{ "command": "/ping" }, { "command": "/echo hello" }]);
        body["content"]["application/json"]["example"] = json!({ "commands": commands, "on_error": "continue" });
    }
    for path in ["commands", "commands~1execute", "commands~1batch", "auth~1siwe"] {
        if let Some(body) = document.pointer_mut(&format!("/paths/~1api~1v1~1{path}/post/requestBody")) {
            body["required"] = true.into();
        }
    }
    endpoints::add(registry, &mut document);
    document["servers"] = json!([{ "url": "/", "description": "This server." }]);
    Ok(document)
}

/// A parameter that is left out is not `null`: on the wire that would be a text of four letters.
fn forbid_null_parameters(document: &mut Value) {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let operations = paths.into_iter().flatten().filter_map(|(_, path)| path.as_object_mut()).flatten();
    let parameters = operations.filter_map(|(_, operation)| operation.get_mut("parameters")?.as_array_mut()).flatten();
    for kind in parameters.filter_map(|parameter| parameter.pointer_mut("/schema/type")) {
        if let Some(one) = kind.as_array().and_then(|kinds| kinds.iter().find(|kind| *kind != "null")) {
            *kind = one.clone();
        }
    }
}

fn described(name: &str, description: &str) -> Tag {
    let mut tag = Tag::new(name);
    tag.description = Some(description.to_owned());
    tag
}

/// This document.
#[utoipa::path(
    get, path = "/api/v1/openapi.json", operation_id = "openapi", tag = "Documents",
    params(("If-None-Match" = Option<String>, Header, description = "The `ETag` of the document that you have.")),
    responses(
        (status = 200, description = "OpenAPI 3.1.", body = Object, content_type = "application/json",
         headers(("etag" = String, description = "A strong validator."), ("cache-control" = String))),
        (status = 304, description = "You have it already.", headers(("etag" = String))),
    )
)]
pub async fn openapi(State(app): State<Arc<App>>, request: Request) -> Result<Response> {
    let registry = app.registry.load();
    if registry.openapi.get().is_none() {
        let document = document(&registry).and_then(|document| Document::of(&document)).map_err(Error::internal)?;
        // Another request may have made the same meanwhile.
        let _ = registry.openapi.set(document);
    }
    let document = registry.openapi.get().ok_or_else(|| Error::internal("the document is gone"))?;
    Ok(reply::document(document, request.headers()))
}
