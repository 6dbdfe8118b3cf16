//! One line a request.

use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tracing::info;
use uuid::Uuid;

use crate::app::App;
use crate::error::Code;

/// What a response says beside its status; whoever makes the response leaves it there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    pub code: Option<Code>,
    pub run_id: Option<Uuid>,
}

/// Logs a request when its response begins; that of a stream goes on. The path is written as the route that took it, so
/// nothing that a client sends is in the line but the name of the method.
pub async fn request(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let begun = app.clock.instant();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let Outcome { code, run_id } = response.extensions().get().copied().unwrap_or_default();
    info!(
        %method,
        route = route.as_ref().map_or("-", MatchedPath::as_str),
        status = response.status().as_u16(),
        code = code.map(Code::as_str),
        run_id = run_id.map(tracing::field::display),
        ms = app.clock.instant().duration_since(begun).as_secs_f64() * 1000.0,
        "request"
    );
    response
}
