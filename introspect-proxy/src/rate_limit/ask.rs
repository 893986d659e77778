//! Which limits a request is held against: those of its route, and its key's own.
//! It refuses to trust a spelling: addresses count by what they are, IPv6 by /64.

use crate::config::{Per, Rate};
use crate::facts::Facts;
use crate::routes::Budget;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::net::{IpAddr, Ipv6Addr};

/// Who makes a request, as far as limits care.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// What is known of the credential.
    pub facts: Option<&'a Facts>,
    /// The client's address.
    pub address: IpAddr,
}

/// One limit of one caller.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// What answers call it.
    pub name: &'static str,
    /// The budget.
    pub rate: Rate,
    label: &'a str,
    who: Who<'a>,
}

#[derive(Clone, Copy, Debug, Hash)]
enum Who<'a> {
    Named(&'a str),
    Address(IpAddr),
}

impl<'a> Ask<'a> {
    /// All limits of a request: of its route, when it has one, and of its key.
    #[must_use]
    pub fn all(budgets: &'a [Budget], caller: Caller<'a>) -> Vec<Self> {
        let own = caller.facts.and_then(Facts::own_limit);
        let key = own.map(|(key, rate)| Self {
            name: "key",
            rate,
            label: "key",
            who: Who::Named(key),
        });
        let of_route = budgets.iter().map(|budget| Self {
            name: budget.per.as_str(),
            rate: budget.rate,
            label: &budget.label,
            who: who(budget.per, caller),
        });
        of_route.chain(key).collect()
    }

    /// What tells this limit of this caller from all others in this process.
    pub fn identity(&self) -> impl std::hash::Hash {
        (self.label, self.who)
    }

    /// The same for all proxies: a digest, so that a shared store learns no names.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.label.as_bytes());
        // No label and no name has a NUL, so two askers never spell the same text.
        match self.who {
            Who::Named(name) => {
                hash.update(b"\0name\0");
                hash.update(name.as_bytes());
            }
            Who::Address(address) => {
                hash.update(b"\0address\0");
                hash.update(address.to_string().as_bytes());
            }
        }
        URL_SAFE_NO_PAD.encode(&hash.finalize()[..18])
    }
}

fn who(per: Per, caller: Caller<'_>) -> Who<'_> {
    let named = match per {
        Per::Principal => caller.facts.and_then(Facts::principal),
        Per::Client => caller.facts.and_then(|facts| facts.client_id.as_deref()),
        Per::Address => None,
    };
    named.map_or_else(|| Who::Address(bucket(caller.address)), Who::Named)
}

/// The address that counts: IPv4 also when it comes mapped into IPv6, and IPv6 by its /64.
#[must_use]
pub fn bucket(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or_else(
            || {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            },
            IpAddr::V4,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A01
    #[test]
    fn spellings_of_one_client_share_a_bucket() {
        let of = |text: &str| bucket(text.parse().unwrap());
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_eq!(of("2001:db8::1"), of("2001:db8:0:0:ffff::2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }

    #[test]
    fn digests_tell_limits_callers_and_kinds_apart() {
        let ask = |label, who| Ask {
            name: "principal",
            rate: Rate::parse("1/s").unwrap(),
            label,
            who,
        };
        let digests = [
            ask("a", Who::Named("b")).digest(),
            ask("ab", Who::Named("")).digest(),
            ask("a", Who::Named("192.0.2.1")).digest(),
            ask("a", Who::Address("192.0.2.1".parse().unwrap())).digest(),
        ];
        let different: std::collections::BTreeSet<_> = digests.iter().collect();
        assert_eq!(different.len(), digests.len());
    }
}
