//! Which pages may call: those of the allowed origins, exactly, and without credentials, since there are no cookies.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::http::header::{
    AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH, LOCATION, ORIGIN, RETRY_AFTER, VARY,
};
use axum::http::{HeaderValue, Method};
use axum::response::Response;
use futures_util::FutureExt;
use tower::{Layer, ServiceExt, service_fn};
use tower_http::cors::{AllowOrigin, CorsLayer};
use tracing::warn;

use crate::app::App;

/// How long a browser may remember the answer to a preflight.
const MAX_AGE: Duration = Duration::from_mins(10);

/// How much of a refused origin is logged, which may be as long as a head.
const LOGGED: usize = 200;

pub fn layer(app: &Arc<App>) -> CorsLayer {
    let app = Arc::clone(app);
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |origin, _| is_allowed(&app, origin)))
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([
            AUTHORIZATION,
            CONTENT_TYPE,
            HeaderName::from_static("last-event-id"),
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("prefer"),
            IF_NONE_MATCH,
            HeaderName::from_static("traceparent"),
        ])
        .expose_headers([
            ETAG,
            LOCATION,
            RETRY_AFTER,
            HeaderName::from_static("ratelimit"),
            HeaderName::from_static("ratelimit-policy"),
            HeaderName::from_static("idempotent-replayed"),
            HeaderName::from_static("preference-applied"),
        ])
        .max_age(MAX_AGE)
        .vary([ORIGIN])
}

/// Answers a page: a preflight here, all else by `route`.
pub async fn answer<F: Future<Output = Response>>(
    layer: &CorsLayer,
    request: Request,
    mut route: impl FnMut(Request) -> F,
) -> Response {
    let service = layer.layer(service_fn(|request| route(request).map(Ok::<_, Infallible>)));
    let Ok(response) = service.oneshot(request).await;
    response
}

/// Marks what was answered to no page: a page would be answered otherwise.
pub fn vary(mut response: Response) -> Response {
    response.headers_mut().append(VARY, HeaderValue::from_static("origin"));
    response
}

fn is_allowed(app: &App, origin: &HeaderValue) -> bool {
    let mut allowed = app.config.allowed_origins.iter().chain(&app.public_origins);
    let is_allowed = allowed.any(|allowed| allowed.as_str() == origin);
    if !is_allowed {
        let origin: String = origin.to_str().unwrap_or_default().chars().take(LOGGED).collect();
        warn!(origin, "refused a page of this origin; to allow it, add the origin to ALLOWED_ORIGINS");
    }
    is_allowed
}
