//! The one name by which a client is known in certificates that an authority signed (RFC 8705 §2.1.2).
//! Refuses patterns: a name is met by the same name and by nothing that merely covers it.

use super::distinguished_name::DistinguishedName;
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// The longest name in bytes.
const MAX_LEN: usize = 1024;

/// What a client registered; exactly one of the five.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExpectedName {
    /// The subject (RFC 4514).
    #[serde(rename = "tls_client_auth_subject_dn")]
    SubjectDn(String),
    /// A DNS name of the subject.
    #[serde(rename = "tls_client_auth_san_dns")]
    SanDns(String),
    /// A URI of the subject.
    #[serde(rename = "tls_client_auth_san_uri")]
    SanUri(String),
    /// An address of the subject.
    #[serde(rename = "tls_client_auth_san_ip")]
    SanIp(IpAddr),
    /// A mailbox of the subject.
    #[serde(rename = "tls_client_auth_san_email")]
    SanEmail(String),
}

/// The names in a certificate that an authority vouches for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VouchedNames {
    /// The subject, where it can be read.
    pub subject: Option<DistinguishedName>,
    /// Its DNS names.
    pub dns: Vec<String>,
    /// Its URIs.
    pub uris: Vec<String>,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// Its mailboxes.
    pub emails: Vec<String>,
}

impl ExpectedName {
    /// The metadata members (RFC 8705 §2.1.2).
    pub const MEMBERS: [&str; 5] = [
        "tls_client_auth_subject_dn",
        "tls_client_auth_san_dns",
        "tls_client_auth_san_uri",
        "tls_client_auth_san_ip",
        "tls_client_auth_san_email",
    ];

    /// Reads the value of a member; nothing when it names nobody.
    #[must_use]
    pub fn parse(member: &str, value: &str) -> Option<Self> {
        let plain = |value: &str| {
            let sane =
                (1..=MAX_LEN).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_graphic());
            sane.then(|| value.to_owned())
        };
        match member {
            "tls_client_auth_subject_dn" => {
                DistinguishedName::parse(value).map(|_| Self::SubjectDn(value.to_owned()))
            }
            "tls_client_auth_san_dns" => plain(value).filter(|name| is_host(name)).map(Self::SanDns),
            "tls_client_auth_san_uri" => plain(value).filter(|uri| uri.contains(':')).map(Self::SanUri),
            "tls_client_auth_san_ip" => value.parse().ok().map(Self::SanIp),
            "tls_client_auth_san_email" => plain(value).filter(|name| name.contains('@')).map(Self::SanEmail),
            _ => None,
        }
    }

    /// The member and its value.
    #[must_use]
    pub fn told(&self) -> (&'static str, String) {
        match self {
            Self::SubjectDn(name) => (Self::MEMBERS[0], name.clone()),
            Self::SanDns(name) => (Self::MEMBERS[1], name.clone()),
            Self::SanUri(uri) => (Self::MEMBERS[2], uri.clone()),
            Self::SanIp(address) => (Self::MEMBERS[3], address.to_string()),
            Self::SanEmail(mailbox) => (Self::MEMBERS[4], mailbox.clone()),
        }
    }

    /// Whether a certificate has this name.
    #[must_use]
    pub fn is_among(&self, names: &VouchedNames) -> bool {
        match self {
            Self::SubjectDn(text) => {
                let own = DistinguishedName::parse(text);
                own.is_some() && own == names.subject
            }
            // RFC 5280 §7.2: DNS names are compared without regard to case.
            Self::SanDns(name) => names.dns.iter().any(|other| other.eq_ignore_ascii_case(name)),
            Self::SanUri(uri) => names.uris.contains(uri),
            Self::SanIp(address) => names.addresses.contains(address),
            Self::SanEmail(mailbox) => names.emails.contains(mailbox),
        }
    }
}

fn is_host(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> VouchedNames {
        VouchedNames {
            subject: DistinguishedName::parse("CN=till,O=Shop"),
            dns: vec!["till.example".to_owned(), "*.wild.example".to_owned()],
            uris: vec!["spiffe://shop/till".to_owned()],
            addresses: vec!["192.0.2.7".parse().unwrap()],
            emails: vec!["Till@shop.example".to_owned()],
        }
    }

    fn parsed(member: usize, value: &str) -> Option<ExpectedName> {
        ExpectedName::parse(ExpectedName::MEMBERS[member], value)
    }

    /// O18
    #[test]
    fn a_name_is_met_by_itself_only() {
        for (member, own, others) in [
            (0, "cn=till, O=Shop", ["CN=till", "CN=till2,O=Shop"]),
            (1, "Till.example", ["till.example.org", "a.wild.example"]),
            (
                2,
                "spiffe://shop/till",
                ["spiffe://shop/till/", "spiffe://SHOP/till"],
            ),
            (3, "192.0.2.7", ["192.0.2.8", "::ffff:192.0.2.7"]),
            (4, "Till@shop.example", ["till@shop.example", "x@shop.example"]),
        ] {
            assert!(parsed(member, own).unwrap().is_among(&names()), "{own}");
            for other in others {
                assert!(!parsed(member, other).unwrap().is_among(&names()), "{other}");
            }
            assert!(!parsed(member, own).unwrap().is_among(&VouchedNames::default()));
        }
    }

    #[test]
    fn patterns_and_nonsense_are_no_names() {
        for (member, value) in [
            (0, "till"),
            (1, "*.example"),
            (1, ""),
            (2, "till"),
            (3, "192.0.2.0/24"),
            (4, "shop.example"),
            (2, "a:\u{e9}"),
        ] {
            assert_eq!(parsed(member, value), None, "{value}");
        }
        assert_eq!(ExpectedName::parse("tls_client_auth_san", "a"), None);
    }

    #[test]
    fn it_is_stored_and_told_by_its_member() {
        for (member, value) in [(0, "CN=a"), (1, "a"), (2, "a:b"), (3, "::1"), (4, "a@b")] {
            let name = parsed(member, value).unwrap();
            assert_eq!(name.told(), (ExpectedName::MEMBERS[member], value.to_owned()));
            let text = serde_json::to_string(&name).unwrap();
            assert_eq!(
                text,
                format!("{{\"{}\":\"{value}\"}}", ExpectedName::MEMBERS[member])
            );
            assert_eq!(serde_json::from_str::<ExpectedName>(&text).unwrap(), name);
        }
    }
}
