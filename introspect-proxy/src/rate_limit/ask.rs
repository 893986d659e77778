//! Which limits a request is held against: those of its route, and its key's own.
//! It refuses to trust a spelling: addresses count by what they are, IPv6 by /64.

use crate::config::Per;
use crate::facts::Facts;
use crate::routes::Budget;
use shared_limits::{Ask, Who};
use std::net::{IpAddr, Ipv6Addr};

/// Who makes a request, as far as limits care.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    /// What is known of the credential.
    pub facts: Option<&'a Facts>,
    /// The client's address.
    pub address: IpAddr,
}

/// All limits of a request: of its route, when it has one, and of its key.
#[must_use]
pub fn asks<'a>(budgets: &'a [Budget], caller: Caller<'a>) -> Vec<Ask<'a>> {
    let own = caller.facts.and_then(Facts::own_limit);
    let key = own.map(|(key, rate)| Ask {
        name: "key",
        rate: rate.into(),
        label: "key",
        who: Who::Named(key),
    });
    let of_route = budgets.iter().map(|budget| Ask {
        name: budget.per.as_str(),
        rate: budget.rate.into(),
        label: &budget.label,
        who: who(budget.per, caller),
    });
    of_route.chain(key).collect()
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
}
