//! Under which names we answer. A page that resolves a name of its own to our address (DNS rebinding) is turned away.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::error::{Code, Error};
use crate::origin::is_loopback_name;

/// For probes, which call by address.
const EXEMPT: [&str; 4] = ["/livez", "/readyz", "/health", "/metrics"];

/// Lets a request pass when its host name is that of a public origin, or a loopback name on a loopback address. The port
/// is not looked at: a proxy may have changed it. Fails with `host_not_allowed`.
pub async fn check(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let is_ours =
        EXEMPT.contains(&request.uri().path()) || named(&request).is_some_and(|host| answers_to(&app, host.host()));
    if is_ours {
        return next.run(request).await;
    }
    Error::new(Code::HostNotAllowed, "This server does not answer under the host name of the request.")
        .with_hint("Call it by one of its public origins; NEXUS_PUBLIC_ORIGINS names them.")
        .into_response()
}

/// The public origin that the request was made to, or the first: what a signature is made out to.
pub fn audience<'a>(app: &'a App, host: Option<&Authority>) -> &'a str {
    let named = app.public_origins.iter().find(|origin| Some(origin.authority()) == host);
    named.or(app.public_origins.first()).map_or("", |origin| origin.as_str())
}

/// The one host that a request names: in its target (RFC 9112, section 3.2.2), else in its one `Host` field.
pub fn named(request: &Request) -> Option<Authority> {
    let mut fields = request.headers().get_all(HOST).iter();
    let field = fields.next();
    if fields.next().is_some() {
        return None;
    }
    let named = request.uri().authority().cloned().or_else(|| field?.to_str().ok()?.parse().ok());
    named.filter(|host: &Authority| !host.as_str().contains('@'))
}

fn answers_to(app: &App, name: &str) -> bool {
    app.public_origins.iter().any(|origin| origin.authority().host().eq_ignore_ascii_case(name))
        || (app.config.address.ip().is_loopback() && is_loopback_name(name))
}
