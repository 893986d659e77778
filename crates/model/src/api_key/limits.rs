//! What bounds a key besides its permissions: name, life, networks, repositories.
//! Refuses what is empty, endless or could be read in two ways.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{DAY, allows};
use crate::clock::Timestamp;

const LONGEST_NAME: usize = 64;
/// Ten years.
const MOST_DAYS: u64 = 3650;
const MOST_NETWORKS: usize = 50;
const MOST_REPOSITORIES: usize = 200;
const LONGEST_REPOSITORY: usize = 128;

/// What its owner calls a key: 1 to 64 characters on one line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyName(String);

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a name has 1 to 64 characters on one line")]
pub struct KeyNameError;

impl KeyName {
    /// # Errors
    /// When nothing is left between spaces, it is too long, or has control characters.
    pub fn parse(text: &str) -> Result<Self, KeyNameError> {
        let text = text.trim();
        let length = text.chars().take(LONGEST_NAME + 1).count();
        if (1..=LONGEST_NAME).contains(&length) && !text.chars().any(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(KeyNameError)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for KeyName {
    type Err = KeyNameError;

    fn from_str(text: &str) -> Result<Self, KeyNameError> {
        Self::parse(text)
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// For how long a key is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyLife {
    Never,
    For(Duration),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("must be `never`, or a number of days between 1d and 3650d")]
pub struct KeyLifeError;

impl KeyLife {
    pub const fn days(days: u64) -> Self {
        Self::For(Duration::from_secs(days * DAY.as_secs()))
    }

    /// `never`, or `30d`.
    ///
    /// # Errors
    /// For every other text, and for more than ten years.
    pub fn parse(text: &str) -> Result<Self, KeyLifeError> {
        if text == "never" {
            return Ok(Self::Never);
        }
        let digits = text.strip_suffix('d').ok_or(KeyLifeError)?;
        let plain = (1..=4).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
        let days = digits
            .parse()
            .ok()
            .filter(|days| plain && (1..=MOST_DAYS).contains(days));
        days.map(Self::days).ok_or(KeyLifeError)
    }

    /// When a key made at `now` ends.
    pub fn end(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Never => Timestamp::FAR_FUTURE,
            Self::For(life) => now.plus(life),
        }
    }
}

/// The networks a key may be used from; none named: from everywhere.
#[derive(Clone, Default, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Addresses(Vec<IpNet>);

/// The entry that is no address and no network, or one too many.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not an address or a network: {0:?}")]
pub struct AddressError(pub String);

impl Addresses {
    /// Single addresses, or networks such as `192.0.2.0/24`.
    ///
    /// # Errors
    /// Naming the first bad entry.
    pub fn parse<'e>(entries: impl IntoIterator<Item = &'e str>) -> Result<Self, AddressError> {
        let mut networks = Vec::new();
        for entry in entries {
            let blame = || AddressError(entry.chars().take(64).collect());
            let network = match entry.parse::<IpAddr>() {
                Ok(address) => IpNet::from(address.to_canonical()),
                Err(_) => entry.parse::<IpNet>().map_err(|_| blame())?.trunc(),
            };
            if networks.len() == MOST_NETWORKS {
                return Err(blame());
            }
            networks.push(network);
        }
        Ok(Self(networks))
    }

    /// Whether requests from there are allowed.
    pub fn allow(&self, address: IpAddr) -> bool {
        allows(&self.0, address)
    }

    pub fn iter(&self) -> impl Iterator<Item = &IpNet> {
        self.0.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Which repositories a key is for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repositories {
    All,
    /// These, by their ids; none for keys that have nothing to do with repositories.
    Only(Vec<String>),
}

/// The entry that is no id of a repository, or one too many.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not an id of a repository: {0:?}")]
pub struct RepositoryError(pub String);

impl Default for Repositories {
    fn default() -> Self {
        Self::Only(Vec::new())
    }
}

impl Repositories {
    /// # Errors
    /// Naming the first bad entry.
    pub fn only<'e>(ids: impl IntoIterator<Item = &'e str>) -> Result<Self, RepositoryError> {
        let mut only: Vec<String> = Vec::new();
        for id in ids {
            let good = (1..=LONGEST_REPOSITORY).contains(&id.len())
                && id.bytes().all(|byte| byte.is_ascii_graphic());
            if !good || only.len() == MOST_REPOSITORIES {
                return Err(RepositoryError(id.chars().take(64).collect()));
            }
            if !only.iter().any(|known| known == id) {
                only.push(id.to_owned());
            }
        }
        Ok(Self::Only(only))
    }

    pub fn are_all(&self) -> bool {
        *self == Self::All
    }

    /// Those named one by one.
    pub fn named(&self) -> &[String] {
        match self {
            Self::All => &[],
            Self::Only(only) => only,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// K06
    #[test]
    fn a_life_is_never_or_whole_days_within_bounds() {
        assert_eq!(KeyLife::parse("never"), Ok(KeyLife::Never));
        assert_eq!(KeyLife::parse("30d"), Ok(KeyLife::days(30)));
        assert_eq!(KeyLife::parse("3650d"), Ok(KeyLife::days(3650)));
        for bad in [
            "",
            "d",
            "0d",
            "00d",
            "-1d",
            "+1d",
            "1.5d",
            "3651d",
            "1000000000000d",
            "1e12d",
            "30",
            "30D",
            "30 d",
            "1h",
            "Never",
            "٣d",
        ] {
            assert_eq!(KeyLife::parse(bad), Err(KeyLifeError), "{bad}");
        }
        let now = Timestamp::from_seconds(1000);
        assert_eq!(KeyLife::days(1).end(now), Timestamp::from_seconds(87_400));
        assert_eq!(KeyLife::Never.end(now), Timestamp::FAR_FUTURE);
    }

    #[test]
    fn a_name_is_one_line_of_at_most_64_characters() {
        assert_eq!(KeyName::parse("  CI pipeline ").unwrap().as_str(), "CI pipeline");
        assert!(KeyName::parse(&"ü".repeat(64)).is_ok());
        for bad in ["", "  ", "a\nb", "a\u{0}b", &"x".repeat(65)] {
            assert_eq!(KeyName::parse(bad), Err(KeyNameError), "{bad:?}");
        }
    }

    #[test]
    fn networks_are_judged_whatever_the_spelling_of_an_address() {
        let office = Addresses::parse(["192.0.2.7/24", "2001:db8::1"]).unwrap();
        for (address, allowed) in [
            ("192.0.2.200", true),
            ("::ffff:192.0.2.200", true),
            ("192.0.3.1", false),
            ("2001:db8::1", true),
            ("2001:db8::2", false),
        ] {
            assert_eq!(office.allow(address.parse().unwrap()), allowed, "{address}");
        }
        assert!(Addresses::default().allow("192.0.2.1".parse().unwrap()));
        for bad in ["", "192.0.2", "192.0.2.0/33", "example.org"] {
            assert_eq!(Addresses::parse([bad]), Err(AddressError(bad.to_owned())));
        }
        assert!(Addresses::parse(vec!["192.0.2.1"; 51]).is_err());
    }

    #[test]
    fn repositories_are_ids_each_once() {
        assert_eq!(Repositories::only(["a", "b", "a"]).unwrap().named(), ["a", "b"]);
        for bad in ["", "a b", "ä", &"x".repeat(129)] {
            assert!(Repositories::only([bad]).is_err(), "{bad:?}");
        }
    }
}
