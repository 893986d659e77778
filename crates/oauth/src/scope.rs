//! Scopes and sets of scopes (RFC 6749 §3.3).
//! Refuses foreign characters, empty and repeated tokens, and sets beyond the limits.

use crate::permission;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// The longest scope token in bytes.
pub const MAX_SCOPE_LEN: usize = 128;
/// The longest scope parameter in bytes.
pub const MAX_SET_LEN: usize = 4096;
/// The most scope tokens in one parameter.
pub const MAX_SET_COUNT: usize = 100;

/// The longest text of all the scopes of one token in bytes; a token may sum up more than one request asks for.
pub const MAX_GRANTED_LEN: usize = 16 * 1024;
/// The most scopes of one token.
pub const MAX_GRANTED_COUNT: usize = 1000;

/// Why a scope or a set of scopes was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// Two spaces in a row, or one at an end.
    #[error("empty scope token")]
    Empty,
    /// A character outside RFC 6749 §3.3.
    #[error("scope contains a character that is not allowed")]
    Character,
    /// A token or the whole parameter is too long, or there are too many tokens.
    #[error("scope is too long")]
    TooLong,
    /// The same token twice.
    #[error("scope token repeated")]
    Repeated,
}

/// One scope token.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(Box<str>);

impl Scope {
    /// Checks characters and length of one token.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        if text.is_empty() {
            return Err(ScopeError::Empty);
        }
        if text.len() > MAX_SCOPE_LEN {
            return Err(ScopeError::TooLong);
        }
        // RFC 6749 §3.3: %x21 / %x23-5B / %x5D-7E
        let allowed = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
        if !text.bytes().all(allowed) {
            return Err(ScopeError::Character);
        }
        Ok(Self(text.into()))
    }

    /// The token as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Scope {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        Self::parse(text)
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Scope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// A set of scopes in one canonical order; its text is the tokens joined by single spaces.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct ScopeSet(BTreeSet<Scope>);

impl ScopeSet {
    /// Reads a scope parameter strictly; the empty text is the empty set.
    pub fn parse(text: &str) -> Result<Self, ScopeError> {
        Self::within(text, MAX_SET_LEN, MAX_SET_COUNT)
    }

    /// Reads the scopes that a token says it was granted, by the same rules and with wider limits.
    pub fn parse_granted(text: &str) -> Result<Self, ScopeError> {
        Self::within(text, MAX_GRANTED_LEN, MAX_GRANTED_COUNT)
    }

    fn within(text: &str, longest: usize, most: usize) -> Result<Self, ScopeError> {
        if text.len() > longest {
            return Err(ScopeError::TooLong);
        }
        let mut set = BTreeSet::new();
        if text.is_empty() {
            return Ok(Self(set));
        }
        for token in text.split(' ') {
            if set.len() == most {
                return Err(ScopeError::TooLong);
            }
            if !set.insert(Scope::parse(token)?) {
                return Err(ScopeError::Repeated);
            }
        }
        Ok(Self(set))
    }

    /// Whether the set has this token.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        self.0.contains(scope)
    }

    /// Whether every token is also in `other`.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// The tokens in both sets.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).cloned().collect())
    }

    /// The tokens in either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }

    /// The tokens that are not in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        Self(self.0.difference(&other.0).cloned().collect())
    }

    /// Whether this scope is granted: the set has it, or an owned permission above it (see [`crate::permission`]).
    #[must_use]
    pub fn covers(&self, wanted: &str) -> bool {
        self.contains(wanted)
            || permission::ancestors(wanted)
                .any(|(key, action)| self.contains(format!("{key}:{action}").as_str()))
    }

    /// Whether every scope of `wanted` is granted.
    #[must_use]
    pub fn covers_all(&self, wanted: &Self) -> bool {
        wanted.iter().all(|scope| self.covers(scope.as_str()))
    }

    /// The scopes of `wanted` that are not granted.
    #[must_use]
    pub fn uncovered(&self, wanted: &Self) -> Self {
        let missing = wanted.iter().filter(|scope| !self.covers(scope.as_str()));
        Self(missing.cloned().collect())
    }

    /// What both sets grant, and no more; without what is granted twice.
    #[must_use]
    pub fn common(&self, other: &Self) -> Self {
        let of_both = self.iter().filter(|scope| other.covers(scope.as_str()));
        let of_both = of_both.chain(other.iter().filter(|scope| self.covers(scope.as_str())));
        let both = Self(of_both.cloned().collect());
        let above = |scope: &Scope| {
            let mut above = permission::ancestors(scope.as_str());
            above.any(|(key, action)| both.contains(format!("{key}:{action}").as_str()))
        };
        Self(both.iter().filter(|scope| !above(scope)).cloned().collect())
    }

    /// Whether there is no token at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many tokens there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The tokens in canonical order.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(&scope.0)?;
        }
        Ok(())
    }
}

impl FromStr for ScopeSet {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        Self::parse(text)
    }
}

impl Serialize for ScopeSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ScopeSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
