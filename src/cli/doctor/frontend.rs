//! Whether a page of this origin may call the server from a browser: asks what a browser asks (CORS preflight).

use std::time::Duration;

use http::Uri;
use reqwest::Method;
use reqwest::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, ORIGIN,
};

use super::super::remote::{Remote, innermost};
use super::check::Check;
use crate::origin::Origin;

const NAME: &str = "frontend";
const PATIENCE: Duration = Duration::from_secs(20);
/// What a frontend sends that a page may not send unasked.
const HEADERS: [&str; 2] = ["authorization", "content-type"];

/// The origin of a page, of which people know the address.
pub(super) fn origin_of(url: &str) -> Result<Origin, String> {
    let uri: Uri = url.parse().map_err(|_| "it is no URL".to_owned())?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err("it has no scheme; write it out, as in https://app.example.com".to_owned());
    };
    let usual = if scheme == "https" { ":443" } else { ":80" };
    let authority = authority.as_str().to_ascii_lowercase();
    let origin = format!("{scheme}://{}", authority.strip_suffix(usual).unwrap_or(&authority));
    origin.parse().map_err(|fault| format!("it {fault}"))
}

/// `allowed` is what the settings here allow already.
pub(super) async fn check(remote: &Remote, frontend: &Origin, allowed: &[Origin]) -> Check {
    let preflight = remote
        .request(Method::OPTIONS, "/api/v1/commands/execute")
        .header(ORIGIN, frontend.as_str())
        .header(ACCESS_CONTROL_REQUEST_METHOD, "POST")
        .header(ACCESS_CONTROL_REQUEST_HEADERS, HEADERS.join(","))
        .timeout(PATIENCE);
    let response = match preflight.send().await {
        Ok(response) => response,
        Err(error) => {
            let hint = "Look whether a proxy on the way refuses the method OPTIONS.";
            return Check::failed(NAME, format!("The preflight has no answer: {}.", innermost(&error)), hint);
        }
    };
    let named = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_allowed = [frontend.as_str(), "*"].contains(&named(ACCESS_CONTROL_ALLOW_ORIGIN));
    if is_allowed && response.status().is_success() && takes_headers(response.headers()) {
        return Check::ok(NAME, format!("Pages of {frontend} may call the server."));
    }
    if is_allowed {
        return Check::failed(
            NAME,
            format!("The preflight for pages of {frontend} is answered {}, not as nexus does.", response.status()),
            "Let the proxy pass OPTIONS on, and let it add no CORS headers of its own: nexus answers them.",
        );
    }
    Check::failed(NAME, format!("Pages of {frontend} may not call the server."), advice(frontend, allowed))
}

fn takes_headers(headers: &HeaderMap) -> bool {
    let taken = headers.get(ACCESS_CONTROL_ALLOW_HEADERS).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let taken: Vec<_> = taken.split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
    HEADERS.iter().all(|name| taken.iter().any(|taken| taken == name))
}

fn advice(frontend: &Origin, allowed: &[Origin]) -> String {
    let begin = if allowed.contains(frontend) {
        "The settings here allow them. Start the server again, with this line in its .env:"
    } else {
        "Start the server again, with this line in its .env (which allows what the settings here allow, and this page):"
    };
    let more = Some(frontend).filter(|frontend| !allowed.contains(frontend));
    let all: Vec<_> = allowed.iter().chain(more).map(Origin::as_str).collect();
    format!("{begin}\nALLOWED_ORIGINS={}", all.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_a_page_has_an_origin() {
        for (url, expected) in [
            ("https://app.example.com", "https://app.example.com"),
            ("https://App.example.com:443/a/b?c#d", "https://app.example.com"),
            ("http://localhost:5173/", "http://localhost:5173"),
            ("http://localhost:80", "http://localhost"),
            ("http://[::1]:8080/", "http://[::1]:8080"),
        ] {
            assert_eq!(origin_of(url).unwrap().as_str(), expected);
        }
        for url in ["app.example.com", "/index.html", "file:///index.html", "https://me@app.example.com", "https://a b"]
        {
            origin_of(url).unwrap_err();
        }
    }
}
