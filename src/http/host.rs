//! Under which names we answer. A page that resolves a name of its own to our address (DNS rebinding) is turned away.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request};
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Uri};

use crate::app::App;
use crate::error::{Code, Error, Result};
use crate::origin::{Origin, is_loopback_name};

/// For probes, which call by address.
const EXEMPT: [&str; 4] = ["/livez", "/readyz", "/health", "/metrics"];

/// Lets a request pass when its host name is that of a public origin, or a loopback name on a loopback address. The port
/// is not looked at: a proxy may have changed it. Fails with `host_not_allowed`.
pub fn check(app: &App, path: &str, host: Option<&HeaderValue>) -> Result<()> {
    let is_ours = host.is_some_and(|host| {
        public_origin(app, host).is_some() || host.to_str().is_ok_and(|host| answers_to(app, without_port(host)))
    });
    if is_ours || EXEMPT.contains(&path) {
        return Ok(());
    }
    Err(Error::new(Code::HostNotAllowed, "This server does not answer under the host name of the request.")
        .with_hint("Call it by one of its public origins; NEXUS_PUBLIC_ORIGINS names them."))
}

/// The public origin that the request was made to, or the first: what a signature is made out to.
pub fn audience<'a>(app: &'a App, host: Option<&HeaderValue>) -> &'a str {
    host.and_then(|host| public_origin(app, host)).or(app.public_origins.first()).map_or("", Origin::as_str)
}

/// [`audience`] for a handler.
pub struct Audience(pub String);

impl FromRequestParts<Arc<App>> for Audience {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        Ok(Self(audience(app, named_in(&parts.uri, &parts.headers).as_ref()).to_owned()))
    }
}

/// The public origin of exactly this host and port.
fn public_origin<'a>(app: &'a App, host: &HeaderValue) -> Option<&'a Origin> {
    let is_host = |origin: &&Origin| origin.authority().as_str().as_bytes().eq_ignore_ascii_case(host.as_bytes());
    app.public_origins.iter().find(is_host)
}

/// The one host that a request names, with its port: in its target (RFC 9112, section 3.2.2), else in its one `Host`
/// field.
pub fn named(request: &Request) -> Option<HeaderValue> {
    named_in(request.uri(), request.headers())
}

fn named_in(target: &Uri, headers: &HeaderMap) -> Option<HeaderValue> {
    let mut fields = headers.get_all(HOST).iter();
    let field = fields.next();
    if fields.next().is_some() {
        return None;
    }
    match target.authority() {
        Some(authority) => HeaderValue::try_from(authority.as_str()).ok(),
        None => field.cloned(),
    }
}

/// Whether the request names an address or a loopback name, which no page can make point to us (DNS rebinding).
pub fn is_called_by_address(request: &Request) -> bool {
    let host = named(request);
    let name = host.as_ref().and_then(|host| host.to_str().ok()).map(without_port).unwrap_or_default();
    is_loopback_name(name) || name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok()
}

/// The name in `name`, `name:port`, `[::1]` and `[::1]:port`.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => name,
        _ => host,
    }
}

fn answers_to(app: &App, name: &str) -> bool {
    app.public_origins.iter().any(|origin| origin.authority().host().eq_ignore_ascii_case(name))
        || (app.config.address.ip().is_loopback() && is_loopback_name(name))
}
