//! Instants as the documents write them.
//! Refuses local time.

use model::Timestamp;

/// RFC 3339 in UTC, to the second.
pub fn rfc3339(at: Timestamp) -> String {
    jiff::Timestamp::from_second(at.as_seconds()).map_or_else(|_| String::new(), |at| at.to_string())
}
