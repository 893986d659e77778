//! Names of requests and decisions: unique, meaningless, cheap.
//! They refuse to be secrets. Those of decisions are in the order of time, and too many to be tried.

use http::HeaderValue;
use std::hash::{BuildHasher, RandomState};
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};

/// The name of one request, ready to stand in a header.
#[derive(Clone, Debug)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The name that a client gave, when it can be used as it is.
    #[must_use]
    pub fn given(value: &HeaderValue) -> Option<Self> {
        is_sane(value.as_bytes()).then(|| Self(value.clone()))
    }

    /// For a header; it shares the bytes.
    #[must_use]
    pub fn value(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl Default for RequestId {
    fn default() -> Self {
        Self(HeaderValue::from_static(""))
    }
}

impl Deref for RequestId {
    type Target = str;

    fn deref(&self) -> &str {
        // Only ASCII is ever in it.
        self.0.to_str().unwrap_or_default()
    }
}

/// Makes names.
#[derive(Default)]
pub struct RequestIds {
    seed: RandomState,
    count: AtomicU64,
}

impl RequestIds {
    /// A new name for a request.
    #[must_use]
    pub fn request(&self) -> RequestId {
        let (high, low) = self.draw();
        let mut name = *b"req_00000000000000000000000000000000";
        write_hex(&mut name[4..20], high);
        write_hex(&mut name[20..], low);
        HeaderValue::from_bytes(&name).map_or_else(|_| RequestId::default(), RequestId)
    }

    /// A new name for a decision made at `millis`: names sort as the decisions were made, and have 80 bits that
    /// nobody outside can tell beforehand.
    #[must_use]
    pub fn decision(&self, millis: u64) -> String {
        let (high, low) = self.draw();
        let millis = millis & 0xffff_ffff_ffff;
        let high = high & 0xffff;
        format!("dec_{millis:012x}{high:04x}{low:016x}")
    }

    fn draw(&self) -> (u64, u64) {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        (
            self.seed.hash_one((count, 0_u8)),
            self.seed.hash_one((count, 1_u8)),
        )
    }
}

/// Fills `digits` with the last digits of a number. The formatting of `std` takes five times as long.
fn write_hex(digits: &mut [u8], mut number: u64) {
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(number & 15) as usize];
        number >>= 4;
    }
}

/// Whether a name given by the client can be used as it is.
pub(crate) fn is_sane(name: &[u8]) -> bool {
    (8..=64).contains(&name.len())
        && name
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_sort_by_time_and_none_is_named_twice() {
        let ids = RequestIds::default();
        let names: Vec<_> = [1_800_000_000_000, 1_800_000_000_001, 1_900_000_000_000]
            .map(|millis| ids.decision(millis))
            .into();
        assert!(
            names.is_sorted()
                && names
                    .iter()
                    .all(|name| name.len() == 36 && is_sane(name.as_bytes())),
            "{names:?}"
        );
        assert_ne!(ids.decision(5), ids.decision(5));
    }

    #[test]
    fn requests_are_named_by_all_their_digits() {
        let ids = RequestIds::default();
        let (one, other) = (ids.request(), ids.request());
        assert!(
            one.starts_with("req_") && one.len() == 36 && is_sane(one.as_bytes()),
            "{one:?}"
        );
        assert_ne!(*one, *other);
        let mut digits = *b"??????";
        write_hex(&mut digits, 0x00ab_cdef_0123);
        assert_eq!(&digits, b"ef0123");
    }

    #[test]
    fn a_name_from_outside_is_taken_whole_or_not_at_all() {
        let given = |text: &'static str| RequestId::given(&HeaderValue::from_static(text));
        assert_eq!(given("client-1_A").as_deref(), Some("client-1_A"));
        for text in ["short", "with space", "semi;colon", ""] {
            assert!(given(text).is_none(), "{text}");
        }
    }
}
