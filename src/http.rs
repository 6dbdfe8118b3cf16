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
mod stream;

use std::future::Future;
use std::io;
use std::sync::Arc;

use axum::Router;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use crate::error::{Code, Error};

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
        .layer(from_fn_with_state(Arc::clone(&app), host::check))
        .layer(CatchPanicLayer::custom(error::caught_panic))
        .layer(from_fn_with_state(Arc::clone(&app), error::render))
        .layer(cors::layer(&app))
        .with_state(app)
}

/// Answers on `listener` until the runtime drains; then takes no new connection and returns when the open ones are done.
pub fn serve(listener: TcpListener, app: Arc<App>) -> impl Future<Output = io::Result<()>> {
    let runtime = app.runtime.clone();
    let listener = listener.tap_io(|connection| {
        // Without it a small event may wait for the acknowledgement of the one before. It fails on a connection that
        // is already gone, which the next read tells better.
        let _ = connection.set_nodelay(true);
    });
    let server = axum::serve(listener, router(app)).with_graceful_shutdown(async move { runtime.drained().await });
    async move { server.await }
}

async fn not_found() -> Error {
    Error::not_found("There is nothing at this address.").with_hint("The commands are at /api/v1/commands.")
}

async fn method_not_allowed(method: Method) -> Error {
    Error::new(Code::MethodNotAllowed, format!("This address does not take {method}."))
        .with_hint("The `Allow` header names the methods that it takes.")
}
