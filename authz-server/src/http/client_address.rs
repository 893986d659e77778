//! The real client's address behind reverse proxies.
//! Believes `X-Forwarded-For` only as far as the configured proxies wrote it.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const MOST_HOPS: usize = 32;

/// The socket's peer or, where the peer is a trusted proxy, the rightmost address in `X-Forwarded-For` that is not.
pub(super) fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let mut nearest = peer.to_canonical();
    let lines: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .map(|line| line.to_str().unwrap_or(""))
        .collect();
    let hops = lines
        .iter()
        .rev()
        .flat_map(|line| line.rsplit(','))
        .take(MOST_HOPS);
    for hop in hops {
        if !trusted.iter().any(|network| network.contains(&nearest)) {
            break;
        }
        // A proxy wrote something unreadable: it is the last that can be named.
        let Some(address) = parse(hop.trim()) else { break };
        nearest = address;
    }
    nearest
}

/// An address as proxies write it: bare, with a port, or in brackets.
fn parse(hop: &str) -> Option<IpAddr> {
    let bare = hop.parse::<IpAddr>().ok();
    let with_port = || hop.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    bare.or_else(with_port)
        .or_else(bracketed)
        .map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, lines: &[&str], trusted: &[&str]) -> String {
        let headers: HeaderMap = lines
            .iter()
            .map(|line| (FORWARDED_FOR, line.parse().unwrap()))
            .collect();
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        client_address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    /// X09: nobody is trusted by default.
    #[test]
    fn an_untrusted_peer_is_the_client_whatever_it_claims() {
        assert_eq!(seen("192.0.2.1", &["10.1.1.1"], &[]), "192.0.2.1");
        assert_eq!(
            seen("192.0.2.1", &["10.1.1.1, 192.0.2.1"], &["10.0.0.0/8"]),
            "192.0.2.1"
        );
    }

    #[test]
    fn behind_trusted_proxies_the_rightmost_untrusted_address_counts() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(seen("10.0.0.1", &["198.51.100.7"], &trusted), "198.51.100.7");
        assert_eq!(
            seen("10.0.0.1", &["1.1.1.1, 198.51.100.7, 10.0.0.2"], &trusted),
            "198.51.100.7"
        );
        assert_eq!(
            seen("10.0.0.1", &["1.1.1.1", "198.51.100.7"], &trusted),
            "198.51.100.7"
        );
        assert_eq!(
            seen("::ffff:10.0.0.1", &["[2001:db8::1]:4711"], &trusted),
            "2001:db8::1"
        );
        assert_eq!(seen("10.0.0.1", &["198.51.100.7:80"], &trusted), "198.51.100.7");
    }

    #[test]
    fn what_a_proxy_garbles_is_not_guessed_at() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(seen("10.0.0.1", &["198.51.100.7, unknown"], &trusted), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &[], &trusted), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &["10.0.0.3, 10.0.0.2"], &trusted), "10.0.0.3");
    }
}
