//! Whether the server is there, works, and wants requests.

use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HOST};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tracing::error;

use super::host::audience;
use crate::app::App;
use crate::error::{Code, Error, Result};

/// `GET /`: who is there.
pub async fn root(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    respond(
        StatusCode::OK,
        &json!({
            "status": "ok",
            "service": "nexus",
            "version": env!("CARGO_PKG_VERSION"),
            "time": app.clock.now().to_string(),
            "audience": audience(&app, headers.get(HOST)),
        }),
    )
}

/// `GET /health`, `GET /api/v1/health`: each thing we depend on, 503 when one fails.
pub async fn health(State(app): State<Arc<App>>) -> Response {
    match app.database.check().await {
        Ok(()) => respond(StatusCode::OK, &json!({ "status": "ok", "dependencies": { "database": "ok" } })),
        Err(failure) => {
            error!(error = &failure as &dyn std::error::Error, "the database fails its check");
            let body = json!({
                "status": "error",
                "message": failure.message,
                "code": failure.code,
                "hint": "The server's log has the cause.",
                "dependencies": { "database": "unavailable" },
            });
            respond(StatusCode::SERVICE_UNAVAILABLE, &body)
        }
    }
}

/// `GET /livez`: the process runs; a restart would not help.
pub async fn livez() -> Response {
    respond(StatusCode::OK, &json!({ "status": "ok" }))
}

/// `GET /readyz`: send requests here. Fails with `draining` or `store_unavailable`.
pub async fn readyz(State(app): State<Arc<App>>) -> Result<Response> {
    if app.runtime.is_draining() {
        return Err(Error::new(Code::Draining, "The server is shutting down."));
    }
    app.database.check().await?;
    Ok(respond(StatusCode::OK, &json!({ "status": "ok" })))
}

fn respond(status: StatusCode, body: &Value) -> Response {
    (status, [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], body.to_string()).into_response()
}
