//! Which addresses are the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

const fn v6(first: u16, second: u16, length: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0), length)
}

/// What is not public of IPv4: the IANA IPv4 Special-Purpose Address Registry (RFC 6890), and multicast.
const NOT_PUBLIC_V4: [Ipv4Net; 15] = [
    v4(0, 0, 0, 0, 8),       // this network: RFC 791, section 3.2
    v4(10, 0, 0, 0, 8),      // private: RFC 1918
    v4(100, 64, 0, 0, 10),   // shared by customers of a carrier: RFC 6598
    v4(127, 0, 0, 0, 8),     // loopback: RFC 1122, section 3.2.1.3
    v4(169, 254, 0, 0, 16),  // link-local: RFC 3927; where clouds answer for their machines
    v4(172, 16, 0, 0, 12),   // private: RFC 1918
    v4(192, 0, 0, 0, 24),    // protocol assignments: RFC 6890, section 2.1
    v4(192, 0, 2, 0, 24),    // documentation: RFC 5737
    v4(192, 88, 99, 0, 24),  // relays of 6to4, no longer in use: RFC 7526
    v4(192, 168, 0, 0, 16),  // private: RFC 1918
    v4(198, 18, 0, 0, 15),   // benchmarking: RFC 2544
    v4(198, 51, 100, 0, 24), // documentation: RFC 5737
    v4(203, 0, 113, 0, 24),  // documentation: RFC 5737
    v4(224, 0, 0, 0, 4),     // multicast: RFC 5771
    v4(240, 0, 0, 0, 4),     // reserved: RFC 1112, section 4; with broadcast: RFC 919
];

/// All that is public of IPv6 stands in here (RFC 4291, section 2.4); outside are `::`, `::1`, discard-only `100::/64`, the
/// segments `5f00::/16`, `fc00::/7`, `fe80::/10`, multicast, and the addresses that embed one of IPv4.
const UNICAST: Ipv6Net = v6(0x2000, 0, 3);

/// What is not public in there: the IANA IPv6 Special-Purpose Address Registry (RFC 6890).
const NOT_PUBLIC_V6: [Ipv6Net; 4] = [
    v6(0x2001, 0, 23), // protocol assignments: RFC 2928; among them Teredo (RFC 4380), which embeds IPv4
    v6(0x2001, 0x0db8, 32), // documentation: RFC 3849
    v6(0x2002, 0, 16), // 6to4, which embeds IPv4: RFC 3056
    v6(0x3fff, 0, 20), // documentation: RFC 9637
];

/// `64:ff9b::/96`, under which a translator reaches all of IPv4 (RFC 6052). Its sibling for local use, `64:ff9b:1::/48`
/// (RFC 8215), is not public.
const TRANSLATED: Ipv6Net = v6(0x0064, 0xff9b, 96);

/// Whether the address is one that anybody may be at, as far as the address tells. One of IPv6 that embeds one of IPv4 is as
/// public as that. A network may translate under a prefix of its own, which nobody can tell from outside.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !NOT_PUBLIC_V4.iter().any(|network| network.contains(&address))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(embedded) = address.to_ipv4_mapped() {
        return is_public_v4(embedded);
    }
    let [.., a, b, c, d] = address.octets();
    let embedded = Ipv4Addr::new(a, b, c, d);
    if TRANSLATED.contains(&address) {
        return is_public_v4(embedded);
    }
    // ISATAP (RFC 5214, section 6.1) stands in the half that names the machine, under any prefix.
    let [.., fifth, sixth, _, _] = address.segments();
    let is_isatap = fifth & !0x0200 == 0 && sixth == 0x5efe;
    UNICAST.contains(&address)
        && !NOT_PUBLIC_V6.iter().any(|network| network.contains(&address))
        && (!is_isatap || is_public_v4(embedded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(addresses: &[&str], expected: bool) {
        for address in addresses {
            assert_eq!(is_public(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn no_special_purpose_address_of_ipv4_is_public_from_its_first_to_its_last() {
        check(&["0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255"], false);
        check(
            &["127.0.0.0", "127.0.0.1", "127.255.255.255", "169.254.0.0", "169.254.169.254", "169.254.255.255"],
            false,
        );
        check(&["172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.255", "192.0.2.1", "192.88.99.1"], false);
        check(
            &["192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.9", "203.0.113.9"],
            false,
        );
        check(&["224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.254", "255.255.255.255"], false);
    }

    #[test]
    fn what_lies_beside_them_is_public() {
        check(&["1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255"], true);
        check(
            &["128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "191.255.255.255"],
            true,
        );
        check(&["192.0.1.0", "192.0.3.0", "192.88.98.255", "192.167.255.255", "192.169.0.0", "198.17.255.255"], true);
        check(&["198.20.0.0", "198.51.99.255", "203.0.114.0", "223.255.255.255", "8.8.8.8"], true);
    }

    #[test]
    fn no_special_purpose_address_of_ipv6_is_public() {
        check(
            &["::", "::1", "100::1", "100::ffff:ffff:ffff:ffff", "64:ff9b:1::8.8.8.8", "5f00::1", "1fff::1", "4000::1"],
            false,
        );
        check(&["fc00::", "fd00:ec2::254", "fdff::1", "fe80::1", "febf::1", "fec0::1", "ff00::", "ff02::1"], false);
        check(&["2001:2::1", "2001:10::1", "2001:20::1", "2001:1ff:ffff::1", "2001:db8::1", "2001:db8:ffff::1"], false);
        check(&["3fff::1", "3fff:fff::1"], false);
        check(
            &["2000::1", "2001:200::1", "2001:db7::1", "2001:db9::1", "2003::1", "2606:4700::1111", "3fff:1000::1"],
            true,
        );
    }

    #[test]
    fn an_embedded_address_is_judged_or_refused() {
        check(&["::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::10.0.0.1", "64:ff9b::7f00:1"], false);
        check(&["::127.0.0.1", "::8.8.8.8", "::ffff:0:127.0.0.1", "2002:7f00:1::", "2002:808:808::", "2001::1"], false);
        check(&["2606:4700::5efe:10.0.0.1", "2606:4700::200:5efe:127.0.0.1"], false);
        check(&["::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2606:4700::5efe:8.8.8.8", "2606:4700::200:5efe:8.8.8.8"], true);
    }
}
