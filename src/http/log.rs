//! One line a request.

use std::time::Instant;

use axum::extract::Request;
use axum::http::Method;
use axum::response::Response;
use tracing::{Level, enabled, info};
use uuid::Uuid;

use crate::app::App;
use crate::clock::Clock;
use crate::error::Code;

/// What is said of a response beside its status.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    pub code: Option<Code>,
    pub run_id: Option<Uuid>,
}

/// Finds the route of a path: a path as a client wrote it is not for the log.
#[derive(Default)]
pub struct Templates(matchit::Router<String>);

impl Templates {
    pub fn of<'a>(paths: impl Iterator<Item = &'a str>) -> Self {
        let mut router = matchit::Router::new();
        for path in paths {
            // The router that answers has taken the same paths, or there would be no server.
            let _ = router.insert(path, path.to_owned());
        }
        Self(router)
    }
}

/// The line of a request that is being answered; none when nobody reads it.
pub struct Line<'a>(Option<Begun<'a>>);

struct Begun<'a> {
    clock: Clock,
    at: Instant,
    method: Method,
    route: &'a str,
}

impl<'a> Line<'a> {
    pub fn begin(app: &App, templates: &'a Templates, request: &Request) -> Self {
        Self(enabled!(Level::INFO).then(|| Begun {
            clock: app.clock,
            at: app.clock.instant(),
            method: request.method().clone(),
            route: templates.0.at(request.uri().path()).map_or("-", |found| found.value.as_str()),
        }))
    }

    /// Writes it when the response begins; that of a stream goes on. Nothing that a client wrote is in the line.
    pub fn end(self, response: &Response, outcome: Outcome) {
        let Some(Begun { clock, at, method, route }) = self.0 else { return };
        info!(
            method = known(&method),
            route,
            status = response.status().as_u16(),
            code = outcome.code.map(Code::as_str),
            run_id = outcome.run_id.map(tracing::field::display),
            ms = clock.instant().duration_since(at).as_secs_f64() * 1000.0,
            "request"
        );
    }
}

/// A method that is one of HTTP's; another may be as long as a head.
fn known(method: &Method) -> &str {
    const KNOWN: [Method; 9] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
        Method::TRACE,
        Method::CONNECT,
    ];
    if KNOWN.contains(method) { method.as_str() } else { "-" }
}
