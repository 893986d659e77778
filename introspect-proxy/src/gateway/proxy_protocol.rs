//! The PROXY protocol header (versions 1 and 2) with which a load balancer names its client.
//! It refuses connections of others, and connections that begin with anything else.

use super::Origin;
use bytes::BytesMut;
use ppp::{HeaderResult, PartialResult, v1, v2};
use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncRead, AsyncReadExt};

/// The longest header, additional fields (TLVs) included.
const MAX_HEADER: usize = 4096;

/// A connection after its header.
pub struct Announced {
    /// The client, when the header names one; a health check of the load balancer names none.
    pub client: Option<SocketAddr>,
    /// What was read beyond the header.
    pub rest: BytesMut,
}

/// Reads the header that a connection from `peer` must begin with.
///
/// # Errors
/// When the peer may not send one, or sends something else.
pub async fn read<S: AsyncRead + Unpin>(
    stream: &mut S,
    peer: SocketAddr,
    origin: &Origin,
) -> io::Result<Announced> {
    let address = peer.ip().to_canonical();
    if !origin
        .trusted_peers
        .iter()
        .any(|network| network.contains(&address))
    {
        return Err(io::Error::other("only trusted peers may connect here"));
    }
    let mut bytes = BytesMut::new();
    loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let (client, length) = match HeaderResult::parse(&bytes) {
            result if result.is_incomplete() && bytes.len() < MAX_HEADER => continue,
            HeaderResult::V1(Ok(header)) => (of_version_1(&header.addresses), header.header.len()),
            HeaderResult::V2(Ok(header)) => (of_version_2(&header), header.len()),
            HeaderResult::V1(Err(_)) | HeaderResult::V2(Err(_)) => {
                return Err(io::Error::other("the connection begins with no PROXY header"));
            }
        };
        let rest = bytes.split_off(length);
        return Ok(Announced { client, rest });
    }
}

fn of_version_1(addresses: &v1::Addresses) -> Option<SocketAddr> {
    match addresses {
        v1::Addresses::Tcp4(ip) => Some((ip.source_address, ip.source_port).into()),
        v1::Addresses::Tcp6(ip) => Some((ip.source_address, ip.source_port).into()),
        v1::Addresses::Unknown => None,
    }
}

fn of_version_2(header: &v2::Header<'_>) -> Option<SocketAddr> {
    if header.command == v2::Command::Local {
        return None;
    }
    match &header.addresses {
        v2::Addresses::IPv4(ip) => Some((ip.source_address, ip.source_port).into()),
        v2::Addresses::IPv6(ip) => Some((ip.source_address, ip.source_port).into()),
        v2::Addresses::Unix(_) | v2::Addresses::Unspecified => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    const PEER: &str = "192.0.2.10:4000";

    fn origin() -> Origin {
        Origin {
            trusted_peers: vec!["192.0.2.0/24".parse().unwrap()],
            tls: false,
            proxy_protocol: true,
            client_cert_header: false,
        }
    }

    fn announced(mut bytes: &[u8], peer: &str) -> io::Result<Announced> {
        read(&mut bytes, peer.parse().unwrap(), &origin())
            .now_or_never()
            .unwrap()
    }

    fn version_2(command: u8, addresses: &[u8]) -> Vec<u8> {
        let length = u8::try_from(addresses.len()).unwrap();
        [
            b"\r\n\r\n\0\r\nQUIT\n",
            &[command, 0x11, 0, length][..],
            addresses,
            b"GET",
        ]
        .concat()
    }

    #[test]
    fn both_versions_name_the_client_and_keep_what_follows() {
        let first = announced(b"PROXY TCP4 198.51.100.7 192.0.2.1 51000 443\r\nGET", PEER).unwrap();
        assert_eq!(first.client, Some("198.51.100.7:51000".parse().unwrap()));
        assert_eq!(&*first.rest, b"GET");
        let sixth = announced(b"PROXY TCP6 2001:db8::7 2001:db8::1 51000 443\r\nGET", PEER).unwrap();
        assert_eq!(sixth.client, Some("[2001:db8::7]:51000".parse().unwrap()));
        let addresses = [198, 51, 100, 7, 192, 0, 2, 1, 0xc7, 0x38, 1, 0xbb];
        let second = announced(&version_2(0x21, &addresses), PEER).unwrap();
        assert_eq!(second.client, Some("198.51.100.7:51000".parse().unwrap()));
        assert_eq!(&*second.rest, b"GET");
    }

    #[test]
    fn a_health_check_of_the_load_balancer_keeps_its_own_address() {
        assert_eq!(announced(b"PROXY UNKNOWN\r\nGET", PEER).unwrap().client, None);
        assert_eq!(announced(&version_2(0x20, &[0; 12]), PEER).unwrap().client, None);
    }

    /// X09
    #[test]
    fn strangers_and_connections_without_a_header_are_refused() {
        assert!(
            announced(
                b"PROXY TCP4 198.51.100.7 192.0.2.1 51000 443\r\n",
                "203.0.113.9:1"
            )
            .is_err()
        );
        for bytes in [
            &b"GET / HTTP/1.1\r\n\r\n"[..],
            b"PROXY TCP4 198.51.100.7",
            b"PROXY TCP4 300.1.1.1 192.0.2.1 51000 443\r\n",
            b"PROXY TCP9 a b 1 2\r\n",
            b"",
        ] {
            assert!(announced(bytes, PEER).is_err(), "{bytes:?}");
        }
    }
}
