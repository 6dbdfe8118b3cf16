//! The outside of the server: routes, the layers around them, and the listener.
//!
//! Handlers give back an [`Error`] when they fail; `error::render` alone makes a response of it.

mod body;
mod commands;
mod cors;
mod credentials;
mod error;
mod execute;
mod health;
mod host;
mod listener;
mod log;
mod peer;
mod size;
mod stream;

use std::sync::Arc;

use axum::Router;
use axum::http::HeaderName;
use axum::http::Method;
use axum::http::header::CONNECTION;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use crate::error::{Code, Error};

pub use self::listener::serve;

/// Every path that there is.
fn routes() -> Router<Arc<App>> {
    let api = Router::new()
        .route("/commands", get(commands::list))
        .route("/commands/{name}", get(commands::one))
        .route("/commands/execute", post(execute::execute))
        .route("/stream/{public_key}", get(stream::stream))
        .route("/health", get(health::health));
    Router::new()
        .nest("/api/v1", api)
        .route("/", get(health::root))
        .route("/health", get(health::health))
        .route("/livez", get(health::livez))
        .route("/readyz", get(health::readyz))
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
}

/// The routes within their layers, the outermost last.
pub fn router(app: Arc<App>) -> Router {
    routes()
        .layer(from_fn(size::check))
        .layer(CatchPanicLayer::custom(error::caught_panic))
        .layer(cors::layer(&app))
        .layer(from_fn_with_state(Arc::clone(&app), host::check))
        .layer(from_fn_with_state(Arc::clone(&app), error::render))
        .layer(from_fn_with_state(Arc::clone(&app), log::request))
        .with_state(app)
}

/// What answers a connection for which there is no place.
fn full(app: Arc<App>) -> Router {
    Router::new()
        .fallback(overloaded)
        .layer(from_fn_with_state(Arc::clone(&app), error::render))
        .layer(cors::layer(&app))
        .layer(from_fn_with_state(Arc::clone(&app), log::request))
}

async fn overloaded() -> ([(HeaderName, &'static str); 1], Error) {
    let error = Error::new(Code::Overloaded, "The server has all the connections that it may.")
        .with_hint("Try again in a moment, and keep connections open instead of opening new ones.");
    ([(CONNECTION, "close")], error)
}

async fn not_found() -> Error {
    Error::not_found("There is nothing at this address.").with_hint("The commands are at /api/v1/commands.")
}

async fn method_not_allowed(method: Method) -> Error {
    Error::new(Code::MethodNotAllowed, format!("This address does not take {method}."))
        .with_hint("The `Allow` header names the methods that it takes.")
}
