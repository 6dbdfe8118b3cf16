//! The web console: the files of `console/dist`, which this program has inside.
//!
//! They are made by Vite from `console/src` and committed, so that nobody who builds the program needs Node. All of them are
//! for everybody: what the console knows beside them it asks of the API, as any client does.

use std::io::Write;
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::RustEmbed;

use super::reply::is_known;
use crate::app::App;

/// Nothing from elsewhere, nothing to elsewhere, and no script or style that is not a file of this program.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

#[derive(RustEmbed)]
#[folder = "console/dist"]
struct Dist;

/// A file as it is sent: as it is, and compressed where that makes it smaller.
struct File {
    path: String,
    kind: HeaderValue,
    plain: Variant,
    gzip: Option<Variant>,
}

struct Variant {
    bytes: Bytes,
    /// A strong validator: the two forms of a file are two representations (RFC 9110, section 8.8.3).
    etag: HeaderValue,
}

/// Compressed once, at the first request for any.
static FILES: LazyLock<Vec<File>> = LazyLock::new(|| Dist::iter().filter_map(|name| file(&name)).collect());

fn file(name: &str) -> Option<File> {
    let embedded = Dist::get(name)?;
    let kind = match name.rsplit('.').next()? {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    };
    let hash = hex::encode(embedded.metadata.sha256_hash());
    let variant = |bytes: Bytes, form: &str| {
        let etag = HeaderValue::try_from(format!("\"{}{form}\"", hash.get(..16)?)).ok()?;
        Some(Variant { bytes, etag })
    };
    let compressed = compressed(&embedded.data).filter(|bytes| bytes.len() < embedded.data.len());
    Some(File {
        path: format!("/{name}"),
        kind: HeaderValue::from_static(kind),
        gzip: compressed.and_then(|bytes| variant(bytes.into(), "-gzip")),
        plain: variant(embedded.data.into_owned().into(), "")?,
    })
}

fn compressed(data: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).ok()?;
    encoder.finish().ok()
}

/// Adds what the page is made of; the page itself is at `/`, beside what that tells programs.
pub fn mount(router: Router<Arc<App>>) -> Router<Arc<App>> {
    paths().fold(router, |router, path| {
        let name = path.clone();
        router.route(&path, get(async move |headers: HeaderMap| send(&name, &headers)))
    })
}

/// The path of each file but the page.
pub fn paths() -> impl Iterator<Item = String> {
    Dist::iter().filter(|name| name != "index.html").map(|name| format!("/{name}"))
}

/// The page.
pub fn page(request: &Request) -> Response {
    send("/index.html", request.headers())
}

/// Whether a browser asks for a page to show: `text/html` is named and is not liked less than JSON (RFC 9110, section 12.5.1).
pub fn is_wanted(headers: &HeaderMap) -> bool {
    let page = weight(headers, ACCEPT, "text/html");
    page > 0.0 && page >= weight(headers, ACCEPT, "application/json")
}

fn send(path: &str, headers: &HeaderMap) -> Response {
    let Some(file) = FILES.iter().find(|file| file.path == path) else { return StatusCode::NOT_FOUND.into_response() };
    let takes_gzip = weight(headers, ACCEPT_ENCODING, "gzip") > 0.0;
    let zipped = file.gzip.as_ref().filter(|_| takes_gzip);
    let variant = zipped.unwrap_or(&file.plain);
    let mut response = if is_known(&variant.etag, headers) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(Body::from(variant.bytes.clone()))
    };
    let sent = response.headers_mut();
    sent.insert(CONTENT_TYPE, file.kind.clone());
    sent.insert(ETAG, variant.etag.clone());
    if zipped.is_some() {
        sent.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    // Vite names what is in this folder by what is in it; the page and its picture keep their names.
    let lives = if path.starts_with("/assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    sent.insert(CACHE_CONTROL, HeaderValue::from_static(lives));
    sent.insert(VARY, HeaderValue::from_static("accept, accept-encoding"));
    sent.insert(CONTENT_SECURITY_POLICY, POLICY);
    sent.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    sent.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// The weight of what is wanted, from 0 to 1 (RFC 9110, section 12.4.2); 0 where it is not named, however much anything is.
fn weight(headers: &HeaderMap, field: HeaderName, wanted: &str) -> f32 {
    let fields = headers.get_all(field).iter().filter_map(|value| value.to_str().ok());
    let named = fields.flat_map(|value| value.split(',')).filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        parts.next().filter(|name| name.eq_ignore_ascii_case(wanted))?;
        let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
        Some(weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0)))
    });
    named.fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wants(accept: &'static str) -> bool {
        is_wanted(&[(ACCEPT, HeaderValue::from_static(accept))].into_iter().collect())
    }

    #[test]
    fn who_names_html_first_gets_the_page() {
        for accept in [
            "text/html",
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
            "TEXT/HTML; q=0.5, application/json;q=0.4",
            "text/html, application/json",
        ] {
            assert!(wants(accept), "{accept}");
        }
        for accept in [
            "",
            "*/*",
            "application/json",
            "text/*",
            "text/html;q=0",
            "application/json, text/html;q=0.9",
            "text/html;q=x",
        ] {
            assert!(!wants(accept), "{accept}");
        }
        assert!(!is_wanted(&HeaderMap::new()));
    }

    #[test]
    fn every_file_has_a_kind_and_the_page_is_there() {
        assert!(FILES.iter().any(|file| file.path == "/index.html"));
        for file in &*FILES {
            assert_ne!(file.kind, "application/octet-stream", "{}", file.path);
        }
    }
}
