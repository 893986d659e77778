//! One limit of one caller.
//! It refuses to tell the store who that is: there it is a digest.

use crate::Rate;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use std::net::IpAddr;

/// What one request asks of one limit.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// What the program calls the limit.
    pub name: &'static str,
    /// The budget. Where a process counts alone what others count too, its share is put here.
    pub rate: Rate,
    /// What tells the limit from all others, for all processes alike; no NUL is in it.
    pub label: &'a str,
    /// Who is counted.
    pub who: Who<'a>,
}

/// Who is counted.
#[derive(Clone, Copy, Debug, Hash)]
pub enum Who<'a> {
    /// Somebody with a name, in which no NUL is.
    Named(&'a str),
    /// Whoever calls from there.
    Address(IpAddr),
}

impl Ask<'_> {
    /// What tells this limit of this caller from all others in this process.
    pub fn identity(&self) -> impl std::hash::Hash {
        (self.label, self.who)
    }

    /// The same for all processes: a digest, so that a shared store learns no names.
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn digests_tell_limits_callers_and_kinds_apart() {
        let ask = |label, who| Ask {
            name: "principal",
            rate: Rate {
                count: 1,
                window: Duration::from_secs(1),
            },
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
