//! The outside of the server: the routes, what stands around them, and the listener.
//!
//! Handlers give back an [`Error`] when they fail; `error::render` alone makes a response of it.

mod admin;
mod auth;
mod batch;
mod body;
mod commands;
mod console;
mod cors;
mod credentials;
mod docs;
mod endpoint;
mod error;
mod execute;
mod health;
mod host;
mod listener;
mod log;
mod metrics;
mod openapi;
mod peer;
mod preferences;
mod reply;
mod runs;
mod size;
mod stream;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::header::ORIGIN;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tower::Service;
use tower_http::cors::CorsLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::error::{Code, Error};

pub use self::error::status;
pub use self::listener::serve;
pub use self::openapi::document;

/// Every handler that there is; the path of each stands above it.
fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(commands::list, admin::register))
        .routes(routes!(commands::one, admin::delete))
        .routes(routes!(execute::execute))
        .routes(routes!(batch::run))
        .routes(routes!(runs::list))
        .routes(routes!(runs::one, runs::cancel))
        .routes(routes!(stream::stream))
        .routes(routes!(stream::ticket))
        .routes(routes!(auth::nonce))
        .routes(routes!(auth::siwe))
        .routes(routes!(auth::logout))
        .routes(routes!(health::root))
        .routes(routes!(health::livez))
        .routes(routes!(health::readyz))
        .routes(routes!(health::health))
        .routes(routes!(health::api_health))
        .routes(routes!(metrics::metrics))
        .routes(routes!(openapi::openapi))
        .routes(routes!(docs::page))
        .routes(routes!(docs::file))
}

/// The routes, and what every request meets before and after them.
///
/// It is one function and not a stack of layers: what a layer would clone and box for each request costs as much as the
/// request.
struct Site {
    app: Arc<App>,
    router: Router,
    templates: log::Templates,
    cors: CorsLayer,
}

impl Site {
    fn new(app: Arc<App>) -> Arc<Self> {
        let (router, paths) = routes().split_for_parts();
        let registry = app.registry.load();
        let endpoints = endpoint::endpoints(&registry).map(|(_, endpoint)| endpoint.path);
        let files: Vec<_> = console::paths().collect();
        let others = endpoints.chain(files.iter().map(|path| &**path));
        let templates = log::Templates::of(paths.paths.paths.keys().map(|path| &**path).chain(others));
        let router = console::mount(endpoint::mount(router, &registry));
        Self::of(app, router.fallback(not_found).method_not_allowed_fallback(method_not_allowed), templates)
    }

    /// What answers a connection for which there is no place.
    fn full(app: Arc<App>) -> Arc<Self> {
        Self::of(app, Router::new().fallback(overloaded), log::Templates::default())
    }

    fn of(app: Arc<App>, router: Router<Arc<App>>, templates: log::Templates) -> Arc<Self> {
        Arc::new(Self { router: router.with_state(Arc::clone(&app)), templates, cors: cors::layer(&app), app })
    }

    /// The way of one request.
    async fn answer(&self, request: Request) -> Response {
        let line = log::Line::begin(&self.app, &self.templates, &request);
        let host = host::named(&request);
        let mut response = match host::check(&self.app, request.uri().path(), host.as_ref()) {
            Err(error) => error.into_response(),
            Ok(()) if request.headers().contains_key(ORIGIN) => {
                cors::answer(&self.cors, request, |request| self.route(request)).await
            }
            Ok(()) => cors::vary(self.route(request).await),
        };
        let outcome = error::render(&self.app, host.as_ref(), &mut response);
        line.end(&response, outcome);
        response
    }

    async fn route(&self, request: Request) -> Response {
        if let Err(error) = size::check(&request) {
            return error.into_response();
        }
        let handled = AssertUnwindSafe(self.router.clone().call(request)).catch_unwind().await;
        // A command's own panic does not get here; this is the last resort.
        handled.unwrap_or_else(|_panic| Ok(Error::internal("a handler panicked").into_response())).into_response()
    }
}

async fn overloaded() -> Error {
    Error::new(Code::Overloaded, "The server has all the connections that it may.")
        .with_hint("Try again in a moment, and keep connections open instead of opening new ones.")
}

async fn not_found() -> Error {
    Error::not_found("There is nothing at this address.").with_hint("The commands are at /api/v1/commands.")
}

async fn method_not_allowed() -> Error {
    Error::new(Code::MethodNotAllowed, "This address does not take this method.")
        .with_hint("The `Allow` header names the methods that it takes.")
}
