//! Which machine is calling.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use ipnet::IpNet;

use crate::app::App;

/// The address at the other end of the connection; the listener puts it into every request.
#[derive(Clone, Copy, Debug)]
pub struct Connection(pub IpAddr);

/// Who is calling, as far as the network knows: the address of the connection or, behind proxies that are trusted, the one
/// they forward; of IPv6 its first 64 bits, since addresses in there cost nothing.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

impl FromRequestParts<Arc<App>> for Peer {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        // Without a connection, which no listener of ours forgets, all share one address and its limits.
        let connection = parts.extensions.get().map_or(IpAddr::from([0; 4]), |Connection(address)| *address);
        Ok(Self(subscriber(forwarded(connection, &parts.headers, &app.config.limits.trusted_proxies.0))))
    }
}

/// Walks `X-Forwarded-For` from the proxy that is nearest to us outward, as long as each is trusted: what stands further
/// out was written by whoever it names.
fn forwarded(connection: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let fields: Vec<_> = headers.get_all("x-forwarded-for").iter().filter_map(|field| field.to_str().ok()).collect();
    let mut hops = fields.iter().flat_map(|field| field.split(',')).rev();
    let mut peer = connection.to_canonical();
    while is_trusted(peer) {
        let Some(Ok(next)) = hops.next().map(|hop| hop.trim().parse::<IpAddr>()) else { break };
        peer = next.to_canonical();
    }
    peer
}

/// What one subscriber of the network has: an IPv4 address, or a /64 of IPv6.
fn subscriber(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(connection: &str, fields: &[&str], expected: &str) {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append("x-forwarded-for", field.parse().unwrap());
        }
        let trusted = ["127.0.0.1/32".parse().unwrap(), "10.0.0.0/8".parse().unwrap()];
        let peer = forwarded(connection.parse().unwrap(), &headers, &trusted);
        assert_eq!(peer, expected.parse::<IpAddr>().unwrap(), "{connection} {fields:?}");
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        check("192.0.2.1", &["198.51.100.7"], "192.0.2.1");
        check("127.0.0.1", &[], "127.0.0.1");
        check("127.0.0.1", &["198.51.100.7"], "198.51.100.7");
        check("::ffff:127.0.0.1", &["198.51.100.7"], "198.51.100.7");
        check("127.0.0.1", &["203.0.113.9, 198.51.100.7"], "198.51.100.7");
        check("127.0.0.1", &["203.0.113.9, 198.51.100.7, 10.1.2.3"], "198.51.100.7");
        check("127.0.0.1", &["203.0.113.9", "198.51.100.7", "10.1.2.3"], "198.51.100.7");
        check("127.0.0.1", &["198.51.100.7, nonsense"], "127.0.0.1");
        check("127.0.0.1", &["2001:db8::1"], "2001:db8::1");
    }
}
