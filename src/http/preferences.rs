//! What a request says about how it wants to be treated.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use sfv::{BareItem, Item, Parser};

use crate::error::{Code, Error, Result};

const PREFER: HeaderName = HeaderName::from_static("prefer");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The longest key, in characters.
const LONGEST_KEY: usize = 255;

/// What `Prefer` and `Idempotency-Key` say. Fails with `malformed_request`.
pub struct Preferences {
    pub respond_async: bool,
    pub idempotency_key: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Preferences {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self> {
        let headers = &parts.headers;
        Ok(Self { respond_async: respond_async(headers), idempotency_key: idempotency_key(headers)? })
    }
}

/// Whether `Prefer` has `respond-async` in it (RFC 7240). What it has beside that, and what cannot be read, is passed over, as
/// that RFC wants it.
fn respond_async(headers: &HeaderMap) -> bool {
    let fields = headers.get_all(PREFER).iter().filter_map(|field| field.to_str().ok());
    let mut preferences = fields.flat_map(|field| field.split(','));
    preferences.any(|preference| {
        let name = preference.split([';', '=']).next().unwrap_or_default();
        name.trim().eq_ignore_ascii_case("respond-async")
    })
}

/// The key of `Idempotency-Key`: a string in quotes (RFC 9651), as draft-ietf-httpapi-idempotency-key-header has it. Fails
/// with `malformed_request`.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>> {
    let mut fields = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(field) = fields.next() else { return Ok(None) };
    let item = Parser::new(field.as_bytes()).parse::<Item>().ok().filter(|_| fields.next().is_none());
    match item.map(|item| item.bare_item) {
        Some(BareItem::String(key)) if (1..=LONGEST_KEY).contains(&key.as_str().len()) => {
            Ok(Some(key.as_str().to_owned()))
        }
        _ => Err(Error::new(Code::MalformedRequest, "The `Idempotency-Key` header is not readable.").with_hint(
            "Send it once, as a string in quotes of 1 to 255 ASCII characters: Idempotency-Key: \"8e03978e-40d5\".",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &HeaderName, fields: &[&str]) -> HeaderMap {
        fields.iter().map(|field| (name.clone(), field.parse().unwrap())).collect()
    }

    #[test]
    fn only_the_name_of_the_preference_counts() {
        let is_asked = |fields: &[&str]| respond_async(&headers(&PREFER, fields));
        for fields in
            [&["respond-async"][..], &["Respond-Async"], &["wait=10, respond-async"], &["x", "respond-async;a=1"]]
        {
            assert!(is_asked(fields), "{fields:?}");
        }
        for fields in
            [&[][..], &[""], &["respond-asynchronously"], &["\"respond-async\""], &["x=respond-async"], &[",;=,"]]
        {
            assert!(!is_asked(fields), "{fields:?}");
        }
    }

    #[test]
    fn a_key_is_a_string_in_quotes() {
        let key = |fields: &[&str]| idempotency_key(&headers(&IDEMPOTENCY_KEY, fields)).map_err(|error| error.code);
        let long = "x".repeat(LONGEST_KEY);
        assert_eq!(key(&[]), Ok(None));
        assert_eq!(key(&["\"a\""]), Ok(Some("a".to_owned())));
        assert_eq!(key(&[r#" "a \"b\" \\" "#]), Ok(Some(r#"a "b" \"#.to_owned())));
        assert_eq!(key(&["\"a\";p=1"]), Ok(Some("a".to_owned())));
        assert_eq!(key(&[&format!("\"{long}\"")]), Ok(Some(long.clone())));
        let too_long = format!("\"{long}x\"");
        for field in
            ["", "a", "8e03978e-40d5", "\"\"", "\"a", "a\"", "'a'", "\"a\" \"b\"", "1", "?1", "(\"a\")", &too_long]
        {
            assert_eq!(key(&[field]), Err(Code::MalformedRequest), "{field}");
        }
        assert_eq!(key(&["\"a\"", "\"a\""]), Err(Code::MalformedRequest));
    }
}
