//! Under which names we answer. A page that resolves a name of its own to our address (DNS rebinding) is turned away.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Uri};
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
    let is_ours = EXEMPT.contains(&request.uri().path())
        || named(request.uri(), request.headers().get_all(HOST).iter())
            .is_some_and(|host| answers_to(&app, host.host()));
    if is_ours {
        return next.run(request).await;
    }
    Error::new(Code::HostNotAllowed, "This server does not answer under the host name of the request.")
        .with_hint("Call it by one of its public origins; NEXUS_PUBLIC_ORIGINS names them.")
        .into_response()
}

/// The public origin that the request was made to, or the first: what a signature is made out to.
pub fn audience<'a>(app: &'a App, host: Option<&HeaderValue>) -> &'a str {
    let host: Option<Authority> = host.and_then(|host| host.to_str().ok()?.parse().ok());
    let named = app.public_origins.iter().find(|origin| Some(origin.authority()) == host.as_ref());
    named.or(app.public_origins.first()).map_or("", |origin| origin.as_str())
}

fn answers_to(app: &App, name: &str) -> bool {
    app.public_origins.iter().any(|origin| origin.authority().host().eq_ignore_ascii_case(name))
        || (app.config.address.ip().is_loopback() && is_loopback_name(name))
}

/// The one host that a request names: in its target (RFC 9112, section 3.2.2), else in its one `Host` field.
fn named<'a>(target: &Uri, mut fields: impl Iterator<Item = &'a HeaderValue>) -> Option<Authority> {
    let field = fields.next();
    if fields.next().is_some() {
        return None;
    }
    target.authority().cloned().or_else(|| field?.to_str().ok()?.parse().ok())
}
