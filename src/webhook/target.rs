//! Where a webhook stands.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use super::public::is_public;
use crate::config::Allowance;

/// The longest URL, in bytes.
const LONGEST: usize = 2_048;

/// A URL that may be called, as far as can be told before its host is looked up.
#[derive(Clone)]
pub struct Target {
    pub(super) url: Url,
    pub(super) reach: Reach,
}

/// What its host may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Public, or in a network that the operator has named.
    Checked,
    /// Anything: the operator has named it.
    Named,
}

impl Target {
    /// Fails with what is wrong, as a sentence.
    pub(super) fn parse(text: &str, allowance: &Allowance) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("A URL has {LONGEST} bytes at most."));
        }
        // Readers of URLs take these out in silence.
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err("The URL holds white space or control characters.".to_owned());
        }
        let url =
            Url::parse(text).map_err(|_| "The URL is none; write it as in https://example.com/hook.".to_owned())?;
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return Err("The URL names no host.".to_owned());
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err("The URL holds a user name or a password.".to_owned());
        }
        if url.fragment().is_some() {
            return Err("The URL holds a fragment, which is not sent.".to_owned());
        }
        let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
        let address: Option<IpAddr> = host.parse().ok();
        let is_named = allowance.names(host, port) || address.is_some_and(|address| allowance.holds(address));
        match url.scheme() {
            "https" => {}
            "http" if is_named => {}
            "http" => {
                return Err(
                    "The URL is http; only https is called, unless NEXUS_WEBHOOK_ALLOW names the host.".to_owned()
                );
            }
            _ => return Err("The URL is neither https nor http.".to_owned()),
        }
        // What needs no lookup does not come before the resolver.
        if !is_named && address.is_some_and(|address| !is_public(address)) {
            return Err("The URL names an address that is not public.".to_owned());
        }
        let reach = if is_named { Reach::Named } else { Reach::Checked };
        Ok(Self { url, reach })
    }
}

/// A path or a query may hold a secret.
impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Target").field(&self.url.host_str().unwrap_or_default()).field(&self.reach).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, allow: &str, expected: Result<Reach, &str>) {
        let target = Target::parse(url, &allow.parse().unwrap());
        match (target, expected) {
            (Ok(target), Ok(reach)) => assert_eq!(target.reach, reach, "{url}"),
            (Err(said), Err(words)) => assert!(said.contains(words), "{url}: {said}"),
            (said, _) => panic!("{url}: {said:?}"),
        }
    }

    #[test]
    fn only_https_to_what_may_be_public_is_taken() {
        for good in
            ["https://example.com", "https://example.com:8443/a?b=c", "https://8.8.8.8/", "https://[2606:4700::1]/"]
        {
            check(good, "", Ok(Reach::Checked));
        }
        for (wrong, words) in [
            ("http://example.com/", "only https"),
            ("ftp://example.com/", "neither"),
            ("file:///etc/passwd", "no host"),
            ("example.com", "is none"),
            ("https://", "is none"),
            ("https://alice@example.com/", "user name"),
            ("https://:x@example.com/", "password"),
            ("https://example.com/#a", "fragment"),
            ("https://exa\tmple.com/", "white space"),
            ("https://example.com/a b", "white space"),
        ] {
            check(wrong, "", Err(words));
        }
        check(&format!("https://example.com/{}", "a".repeat(2_029)), "", Err("2048 bytes"));
    }

    #[test]
    fn an_address_is_known_in_whatever_way_it_is_written() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0x7f.1",
            "0177.0.0.1",
            "127.0.0.1.",
            "１２７.0.0.1",
            "169.254.169.254",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[64:ff9b::10.0.0.1]",
            "0",
            "10.0.0.1",
            "[fe80::1]",
        ] {
            check(&format!("https://{host}/"), "", Err("not public"));
        }
    }

    #[test]
    fn what_the_operator_names_may_be_private_and_plain() {
        check("http://localhost:8080/", "localhost", Ok(Reach::Named));
        check("http://LOCALHOST.:8080/", "localhost:8080", Ok(Reach::Named));
        check("http://localhost:8081/", "localhost:8080", Err("only https"));
        check("https://localhost:8081/", "localhost:8080", Ok(Reach::Checked));
        check("http://127.0.0.1/", "127.0.0.1:80", Ok(Reach::Named));
        check("http://127.0.0.9/", "127.0.0.0/8", Ok(Reach::Named));
        check("https://[::1]/", "::1", Ok(Reach::Named));
        check("https://127.0.0.1:81/", "127.0.0.1:80", Err("not public"));
        check("http://name.internal/", "127.0.0.0/8", Err("only https"));
    }
}
