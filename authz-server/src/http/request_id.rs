//! The name of one request, in logs, answers and audit.
//! A caller's own name is taken only when it could not be mistaken for anything else.

use http::{HeaderMap, HeaderName};
use model::{Id, Random};

pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

#[derive(Debug)]
struct RequestKind;

impl model::id::Kind for RequestKind {
    const PREFIX: &'static str = "req";
}

/// The caller's `X-Request-Id` if it is one plain word of 8 to 64 characters, else a fresh one.
pub(super) fn of(headers: &HeaderMap, random: &dyn Random) -> String {
    let mut given = headers.get_all(HEADER).iter();
    match (given.next().and_then(|value| value.to_str().ok()), given.next()) {
        (Some(id), None) if is_sane(id) => id.to_owned(),
        _ => Id::<RequestKind>::random(random).to_string(),
    }
}

fn is_sane(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (8..=64).contains(&id.len()) && id.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::SystemRandom;

    fn of_header(values: &[&str]) -> String {
        let headers: HeaderMap = values
            .iter()
            .map(|value| (HEADER, value.parse().unwrap()))
            .collect();
        of(&headers, &SystemRandom)
    }

    #[test]
    fn a_plain_word_of_8_to_64_characters_is_kept() {
        for id in ["abcd-123", &"a".repeat(64)] {
            assert_eq!(of_header(&[id]), id);
        }
    }

    #[test]
    fn anything_else_is_replaced() {
        for ids in [
            &[][..],
            &["seven-7"],
            &["a b c d e f"],
            &["x/../../y"],
            &["one-two-1", "one-two-2"],
            &[&"a".repeat(65)],
        ] {
            let id = of_header(ids);
            assert!(id.starts_with("req_") && id.len() == 30, "{ids:?} {id}");
        }
    }
}
