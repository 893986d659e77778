//! Who really calls, and the `X-Forwarded-*` headers toward the upstream.
//! It refuses to believe forwarding headers of anyone but configured peers.

use crate::rate_limit::bucket;
use http::header::{self, HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};
use ipnet::IpNet;
use std::net::IpAddr;

/// The chain of addresses.
pub const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// `http` or `https`.
pub const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// The host the client asked for.
pub const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// What is written here; every other `X-Forwarded-*` is never passed on, and `Forwarded` neither.
const WRITTEN: [HeaderName; 3] = [FOR, PROTO, HOST];
/// Names under which others tell who calls, after `x-`.
const CLIENTS: [&str; 4] = ["real-ip", "client-ip", "cluster-client-ip", "originating-ip"];
/// The same of content delivery networks: only such may say it, so only of trusted peers.
const NETWORKS: [&str; 3] = ["cf-connecting-ip", "true-client-ip", "fastly-client-ip"];

/// The other end of a request.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// The socket's address.
    pub socket: IpAddr,
    /// Whether its forwarding headers count.
    pub trusted: bool,
    /// The address limits apply to.
    pub client: IpAddr,
    /// SHA-256 of the certificate that the client proved to have the key of.
    pub certificate: Option<[u8; 32]>,
}

impl Peer {
    /// Finds out who calls from `socket`; knows nothing of certificates.
    #[must_use]
    pub fn identify(socket: IpAddr, headers: &HeaderMap, trusted_peers: &[IpNet]) -> Self {
        let socket = socket.to_canonical();
        let is_trusted = |address: IpAddr| trusted_peers.iter().any(|network| network.contains(&address));
        let trusted = is_trusted(socket);
        let client = if trusted {
            rightmost_stranger(headers, is_trusted).unwrap_or(socket)
        } else {
            socket
        };
        Self {
            socket,
            trusted,
            client,
            certificate: None,
        }
    }

    /// The bucket of the client for limits.
    #[must_use]
    pub fn bucket(&self) -> IpAddr {
        bucket(self.client)
    }
}

/// The last address of the chain that is not one of ours; anything unreadable ends the chain.
fn rightmost_stranger(headers: &HeaderMap, is_trusted: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
    let mut last = None;
    for value in headers.get_all(FOR).iter().rev() {
        for part in value.to_str().ok()?.rsplit(',') {
            let Ok(address) = part.trim().parse::<IpAddr>() else {
                return last;
            };
            let address = address.to_canonical();
            last = Some(address);
            if !is_trusted(address) {
                return last;
            }
        }
    }
    last
}

/// Whether a header is never passed on.
#[must_use]
pub fn is_removed(name: &HeaderName) -> bool {
    match name.as_str().strip_prefix("x-") {
        Some(rest) if rest.starts_with("forwarded-") => !is_written(name),
        Some(rest) => CLIENTS.contains(&rest),
        None => *name == header::FORWARDED,
    }
}

/// Whether only a trusted peer may say this of its client.
#[must_use]
pub fn is_for_trusted(name: &HeaderName) -> bool {
    NETWORKS.contains(&name.as_str())
}

/// Whether a header is written here.
#[must_use]
pub fn is_written(name: &HeaderName) -> bool {
    WRITTEN.contains(name)
}

/// Writes the forwarding headers of the upstream request.
///
/// # Errors
/// When the host can't be in a header.
pub fn write(headers: &mut HeaderMap, peer: &Peer, tls: bool, host: &str) -> Result<(), InvalidHeaderValue> {
    let chain = match (peer.trusted, joined(headers)) {
        (true, Some(chain)) => format!("{chain}, {}", peer.socket),
        _ => spelled(peer.socket),
    };
    headers.insert(FOR, HeaderValue::try_from(chain)?);
    let keep = |name: &HeaderName, headers: &HeaderMap| peer.trusted && headers.contains_key(name);
    if !keep(&PROTO, headers) {
        headers.insert(
            PROTO,
            HeaderValue::from_static(if tls { "https" } else { "http" }),
        );
    }
    if !keep(&HOST, headers) {
        headers.insert(HOST, HeaderValue::from_str(host)?);
    }
    Ok(())
}

/// An address as text. Nearly all are IPv4, which the formatting of `std` takes six times as long for.
fn spelled(address: IpAddr) -> String {
    let IpAddr::V4(address) = address else {
        return address.to_string();
    };
    let mut text = String::with_capacity(16);
    for (number, octet) in address.octets().into_iter().enumerate() {
        if number > 0 {
            text.push('.');
        }
        for (unit, shown) in [(100, octet >= 100), (10, octet >= 10), (1, true)] {
            if shown {
                text.push(char::from(b'0' + octet / unit % 10));
            }
        }
    }
    text
}

fn joined(headers: &HeaderMap) -> Option<String> {
    let parts: Vec<_> = headers
        .get_all(FOR)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    if parts.is_empty() {
        None
    } else {
        Some(parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(socket: &str, chain: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in chain {
            headers.append(FOR, HeaderValue::from_str(value).unwrap());
        }
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        Peer::identify(socket.parse().unwrap(), &headers, &trusted)
            .client
            .to_string()
    }

    /// X09
    #[test]
    fn what_other_proxies_say_is_removed() {
        for name in [
            "Forwarded",
            "X-Forwarded-Port",
            "X-Forwarded-Uri",
            "X-Forwarded-User",
            "X-Forwarded-Access-Token",
            "X-Forwarded-Client-Cert",
            "X-Real-IP",
            "X-Client-IP",
        ] {
            assert!(
                is_removed(&HeaderName::from_bytes(name.as_bytes()).unwrap()),
                "{name}"
            );
        }
        for name in ["x-forwarded-for", "x-request-id", "real-ip", "forwarded-port"] {
            assert!(!is_removed(&HeaderName::from_static(name)), "{name}");
        }
    }

    #[test]
    fn addresses_are_spelled_as_everywhere() {
        for text in ["0.0.0.0", "1.20.255.9", "100.101.10.200", "2001:db8::1"] {
            assert_eq!(spelled(text.parse().unwrap()), text);
        }
    }

    /// X09
    #[test]
    fn strangers_cannot_choose_their_address() {
        assert_eq!(client("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(client("::ffff:192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
    }

    #[test]
    fn trusted_peers_name_the_client() {
        assert_eq!(client("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(
            client("10.0.0.1", &["1.1.1.1, 198.51.100.7, 10.0.0.2"]),
            "198.51.100.7"
        );
        assert_eq!(client("10.0.0.1", &["1.1.1.1", "198.51.100.7"]), "198.51.100.7");
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["nonsense"]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["1.1.1.1, nonsense, 10.0.0.2"]), "10.0.0.2");
    }
}
