//! Whether the server is there, works, and wants requests.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, VARY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use tracing::error;

use super::console;
use super::error::status;
use super::host::{audience, named};
use super::log::Outcome;
use super::reply;
use crate::app::App;
use crate::error::{Code, Error, Result};
use crate::pipeline::Answer;

/// Who is there, and what time it is there. To a browser, which asks for `text/html`: the web console.
#[utoipa::path(
    get, path = "/", operation_id = "root", tag = "Probes",
    responses((status = 200, description = "The server, or the console.",
               content((ref("#/components/schemas/Root") = "application/json"), (String = "text/html"))))
)]
pub async fn root(State(app): State<Arc<App>>, request: Request) -> Response {
    if console::is_wanted(request.headers()) {
        return console::page(&request);
    }
    let mut response = respond(
        StatusCode::OK,
        &json!({
            "status": "ok",
            "service": "nexus",
            "version": env!("CARGO_PKG_VERSION"),
            "time": format!("{:.3}", app.clock.now()),
            "audience": audience(&app, named(&request).as_ref()),
        }),
    );
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
    response
}

/// Whether each thing that the server depends on works.
#[utoipa::path(
    get, path = "/health", operation_id = "health", tag = "Probes",
    responses((status = 200, description = "All works.", body = ref("#/components/schemas/Health"),
               content_type = "application/json"))
)]
pub async fn health(state: State<Arc<App>>) -> Response {
    api_health(state).await
}

/// The same, beside the rest of the API.
#[utoipa::path(
    get, path = "/api/v1/health", operation_id = "apiHealth", tag = "Probes",
    responses((status = 200, description = "All works.", body = ref("#/components/schemas/Health"),
               content_type = "application/json"))
)]
pub async fn api_health(State(app): State<Arc<App>>) -> Response {
    match app.foundation.check().await {
        Ok(()) => respond(StatusCode::OK, &json!({ "status": "ok", "dependencies": { app.foundation.name(): "ok" } })),
        Err(failure) => {
            error!(error = &failure as &dyn std::error::Error, "what everything is kept in fails its check");
            let mut body = serde_json::to_value(Answer::from(&failure)).unwrap_or_default();
            if let Some(body) = body.as_object_mut() {
                body.insert("dependencies".to_owned(), json!({ app.foundation.name(): "unavailable" }));
            }
            let mut response = respond(status(failure.code), &body);
            response.extensions_mut().insert(Outcome { code: Some(failure.code), run_id: None });
            response
        }
    }
}

/// The process runs; a restart would not help.
#[utoipa::path(
    get, path = "/livez", operation_id = "livez", tag = "Probes",
    responses((status = 200, description = "It runs.", body = ref("#/components/schemas/Ok"),
               content_type = "application/json"))
)]
pub async fn livez() -> Response {
    respond(StatusCode::OK, &json!({ "status": "ok" }))
}

/// The server wants requests: it is not on its way down, and its database takes a write.
#[utoipa::path(
    get, path = "/readyz", operation_id = "readyz", tag = "Probes",
    responses((status = 200, description = "Send requests here.", body = ref("#/components/schemas/Ok"),
               content_type = "application/json"))
)]
pub async fn readyz(State(app): State<Arc<App>>) -> Result<Response> {
    if app.runtime.is_draining() {
        return Err(Error::new(Code::Draining, "The server is shutting down."));
    }
    app.foundation.check().await?;
    Ok(respond(StatusCode::OK, &json!({ "status": "ok" })))
}

fn respond(status: StatusCode, body: &Value) -> Response {
    let mut response = reply::json(status, body.to_string());
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
