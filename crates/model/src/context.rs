//! What every capability is handed first: the moment, the randomness and where the request came from.
//! Refuses to say who acts: that is an actor's business.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::audit::Trail;
use crate::clock::Timestamp;
use crate::random::Random;
use crate::secret::SecretDigest;

/// One request's view of the world.
#[derive(Clone)]
pub struct Ctx {
    pub now: Timestamp,
    pub random: Arc<dyn Random>,
    pub origin: Origin,
}

/// Where a request came from, for audit, throttling and session lists.
#[derive(Clone, Default)]
pub struct Origin {
    /// The real client address: forwarding headers of configured proxies are already resolved.
    pub address: Option<IpAddr>,
    /// At most 512 characters, as sent.
    pub user_agent: Option<String>,
    pub request_id: Option<String>,
    /// The mark that the browser keeps, when the request comes from one.
    pub device: Option<SecretDigest>,
    /// What the browser keeps for having been trusted. Worth something to one user only, and only with the device's mark.
    pub trust: Option<SecretDigest>,
    /// What the request does on its way, for its entry in the audit log.
    pub trail: Trail,
}

/// Without what the browser keeps, which is its owner's business.
impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Origin")
            .field("address", &self.address)
            .field("user_agent", &self.user_agent)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

impl Origin {
    /// The network an address is held responsible for: an IPv4 address, or the /64 of an IPv6 one, with mapped
    /// addresses folded to IPv4.
    pub fn network(&self) -> Option<String> {
        self.address.map(|address| match address.to_canonical() {
            IpAddr::V4(v4) => v4.to_string(),
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A01
    #[test]
    fn spellings_and_neighbours_share_one_network() {
        let network = |text: &str| {
            Origin {
                address: text.parse().ok(),
                ..Origin::default()
            }
            .network()
        };
        assert_eq!(network("::ffff:192.0.2.7"), network("192.0.2.7"));
        assert_eq!(network("2001:db8::1"), network("2001:db8:0:0:ffff::2"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
    }
}
