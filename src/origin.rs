//! Web origins: who may call from a browser, and under which names we are known.

use std::fmt;
use std::str::FromStr;

use http::Uri;
use http::uri::Authority;

/// `scheme://host[:port]` in its one canonical form (RFC 6454): `http` or `https`, lower case, no default port, no path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    text: String,
    authority: Authority,
}

impl Origin {
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    pub fn is_loopback(&self) -> bool {
        is_loopback_name(self.authority.host())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Origin {
    type Err = String;

    /// Fails with what is wrong, as the second half of a sentence.
    fn from_str(text: &str) -> Result<Self, String> {
        let uri: Uri = text.parse().map_err(|_| "is no origin".to_owned())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err("has no scheme; write it out, as in http://localhost:5173".to_owned());
        };
        let default_port = match scheme {
            "http" => 80,
            "https" => 443,
            _ => return Err("is neither http nor https".to_owned()),
        };
        if text != format!("{scheme}://{authority}") {
            return Err("goes on after the host and port; leave out the path and the last slash".to_owned());
        }
        if authority.as_str().contains('@') {
            return Err("holds a user name".to_owned());
        }
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err("has upper-case letters; browsers send origins in lower case".to_owned());
        }
        if authority.port_u16() == Some(default_port) {
            return Err(format!("names the port {default_port}, which browsers leave out"));
        }
        Ok(Self { text: text.to_owned(), authority: authority.clone() })
    }
}

/// `localhost`, 127.0.0.0/8 and `[::1]`: names that only this machine answers to.
pub fn is_loopback_name(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, accepted: bool) {
        assert_eq!(text.parse::<Origin>().is_ok(), accepted, "{text}");
    }

    #[test]
    fn takes_only_what_a_browser_would_send() {
        check("http://localhost:5173", true);
        check("https://app.example.com", true);
        check("http://[::1]:8000", true);
        check("https://app.example.com/", false);
        check("https://app.example.com:443", false);
        check("http://app.example.com:80", false);
        check("https://App.example.com", false);
        check("https://me@app.example.com", false);
        check("ftp://app.example.com", false);
        check("localhost:5173", false);
        check("*", false);
        check("null", false);
        check("", false);
    }

    #[test]
    fn knows_loopback_names() {
        for host in ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "[::1]"] {
            assert!(is_loopback_name(host), "{host}");
        }
        for host in ["localhost.example.com", "10.0.0.1", "example.com", "[::2]", ""] {
            assert!(!is_loopback_name(host), "{host}");
        }
    }
}
