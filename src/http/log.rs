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

/// What a response says beside its status; whoever makes the response leaves it there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    pub code: Option<Code>,
    pub run_id: Option<Uuid>,
}

/// Finds the route of a path: a path as a client wrote it is not for the log.
pub struct Templates(matchit::Router<&'static str>);

impl Templates {
    pub fn of(paths: impl Iterator<Item = &'static str>) -> Self {
        let mut router = matchit::Router::new();
        for path in paths {
            // The router that answers has taken the same paths, or there would be no server.
            let _ = router.insert(path, path);
        }
        Self(router)
    }
}

/// The line of a request that is being answered; none when nobody reads it.
pub struct Line(Option<Begun>);

struct Begun {
    clock: Clock,
    at: Instant,
    method: Method,
    route: &'static str,
}

impl Line {
    pub fn begin(app: &App, templates: &Templates, request: &Request) -> Self {
        Self(enabled!(Level::INFO).then(|| Begun {
            clock: app.clock,
            at: app.clock.instant(),
            method: request.method().clone(),
            route: templates.0.at(request.uri().path()).map_or("-", |found| found.value),
        }))
    }

    /// Writes it when the response begins; that of a stream goes on. Nothing that a client sends is in the line but the
    /// name of the method.
    pub fn end(self, response: &Response) {
        let Some(Begun { clock, at, method, route }) = self.0 else { return };
        let Outcome { code, run_id } = response.extensions().get().copied().unwrap_or_default();
        info!(
            %method,
            route,
            status = response.status().as_u16(),
            code = code.map(Code::as_str),
            run_id = run_id.map(tracing::field::display),
            ms = clock.instant().duration_since(at).as_secs_f64() * 1000.0,
            "request"
        );
    }
}
