//! The revocation feed between server and proxies: `GET /revocations?after=n`.
//! Refuses oversized, unordered or unknown events, so that a bad answer never counts as news.

use serde::{Deserialize, Serialize};

/// The largest feed answer in bytes.
pub const MAX_FEED_LEN: usize = 64 * 1024 * 1024;
/// The most events in one answer.
pub const MAX_EVENTS: usize = 500_000;
/// The longest id in bytes.
pub const MAX_ID_LEN: usize = 255;

/// What an event kills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationKind {
    /// The token with this `jti`.
    Token,
    /// Every token bound to this session.
    Session,
    /// Every token of this grant (family).
    Grant,
    /// This API key.
    Key,
    /// Tokens that speak for this subject.
    Subject,
    /// Tokens issued to this client.
    Client,
    /// Tokens of this account.
    Account,
}

impl RevocationKind {
    /// Every kind there is.
    pub const ALL: [Self; 7] = [
        Self::Token,
        Self::Session,
        Self::Grant,
        Self::Key,
        Self::Subject,
        Self::Client,
        Self::Account,
    ];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Session => "session",
            Self::Grant => "grant",
            Self::Key => "key",
            Self::Subject => "subject",
            Self::Client => "client",
            Self::Account => "account",
        }
    }

    /// The kind with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// One revocation, at its place in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationEvent {
    /// The position, which rises with every commit and is never used again, also when history was lost.
    pub position: u64,
    /// What it kills.
    pub kind: RevocationKind,
    /// Which one.
    pub id: String,
    /// Only what was issued up to here, in microseconds since the epoch; everything when absent.
    pub issued_before: Option<i64>,
    /// When it may be forgotten, in seconds since the epoch.
    pub until: i64,
}

/// One answer of the feed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationFeed {
    /// The position that everything is told up to: that of the last revocation committed, unless there is `more`.
    pub head: u64,
    /// The events asked for, in order of position.
    pub events: Vec<RevocationEvent>,
    /// There is more than one answer holds: ask again at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
    /// What the published key set is called: under another name it has other keys, and is to be fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<String>,
}

/// Why a feed answer was refused.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// Too many bytes, events or characters.
    #[error("revocation feed answer too large")]
    TooLarge,
    /// Events out of order or beyond the head.
    #[error("revocation feed answer out of order")]
    Order,
    /// Not the JSON it should be.
    #[error("revocation feed answer malformed")]
    Malformed(#[from] serde_json::Error),
}

impl RevocationFeed {
    /// Reads an answer and checks sizes and order.
    pub fn from_json(bytes: &[u8]) -> Result<Self, FeedError> {
        if bytes.len() > MAX_FEED_LEN {
            return Err(FeedError::TooLarge);
        }
        let feed: Self = serde_json::from_slice(bytes)?;
        let long = |id: &String| id.len() > MAX_ID_LEN;
        if feed.events.len() > MAX_EVENTS
            || feed.events.iter().any(|event| long(&event.id))
            || feed.keys.as_ref().is_some_and(long)
        {
            return Err(FeedError::TooLarge);
        }
        let ordered = feed
            .events
            .windows(2)
            .all(|pair| pair[0].position < pair[1].position);
        let within = feed.events.last().is_none_or(|event| event.position <= feed.head);
        if ordered && within {
            Ok(feed)
        } else {
            Err(FeedError::Order)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: &serde_json::Value) -> Result<RevocationFeed, FeedError> {
        RevocationFeed::from_json(value.to_string().as_bytes())
    }

    fn event(position: u64, kind: &str, id: &str) -> serde_json::Value {
        json!({"position": position, "kind": kind, "id": id, "issued_before": null, "until": 9})
    }

    #[test]
    fn every_kind_reads_back() {
        for (position, kind) in (1..).zip(RevocationKind::ALL) {
            let wire = json!({"head": 17, "events": [event(position, kind.as_str(), "x_1")]});
            let feed = read(&wire).unwrap();
            assert_eq!(feed.events[0].kind, kind);
            assert_eq!(RevocationKind::from_name(kind.as_str()), Some(kind));
            assert_eq!(serde_json::to_value(&feed).unwrap(), wire);
        }
    }

    #[test]
    fn bad_answers_are_refused() {
        let long = "x".repeat(MAX_ID_LEN + 1);
        let cases = [
            json!({"events": []}),
            json!({"head": -1, "events": []}),
            json!({"head": 5, "events": [event(1, "planet", "a")]}),
            json!({"head": 5, "events": [event(6, "token", "a")]}),
            json!({"head": 5, "events": [event(2, "token", "a"), event(2, "token", "b")]}),
            json!({"head": 5, "events": [event(3, "token", "a"), event(2, "token", "b")]}),
            json!({"head": 5, "events": [event(3, "token", &long)]}),
            json!({"head": 5, "events": [], "keys": &long}),
        ];
        for case in cases {
            assert!(read(&case).is_err(), "{case}");
        }
    }
}
