//! Whether the server is there, works, and wants requests.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use tracing::error;

use super::error::{json_response, status};
use super::host::{audience, named};
use super::log::Outcome;
use crate::app::App;
use crate::error::{Code, Error, Result};
use crate::pipeline::Answer;

/// `GET /`: who is there.
pub async fn root(State(app): State<Arc<App>>, request: Request) -> Response {
    respond(
        StatusCode::OK,
        &json!({
            "status": "ok",
            "service": "nexus",
            "version": env!("CARGO_PKG_VERSION"),
            "time": format!("{:.3}", app.clock.now()),
            "audience": audience(&app, named(&request).as_ref()),
        }),
    )
}

/// `GET /health`, `GET /api/v1/health`: each thing we depend on, 503 when one fails.
pub async fn health(State(app): State<Arc<App>>) -> Response {
    match app.database.check().await {
        Ok(()) => respond(StatusCode::OK, &json!({ "status": "ok", "dependencies": { "database": "ok" } })),
        Err(failure) => {
            error!(error = &failure as &dyn std::error::Error, "the database fails its check");
            let mut body = serde_json::to_value(Answer::from(&failure)).unwrap_or_default();
            if let Some(body) = body.as_object_mut() {
                body.insert("dependencies".to_owned(), json!({ "database": "unavailable" }));
            }
            let mut response = respond(status(failure.code), &body);
            response.extensions_mut().insert(Outcome { code: Some(failure.code), run_id: None });
            response
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
    let mut response = json_response(status, body.to_string());
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
