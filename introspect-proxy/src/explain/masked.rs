//! Paths without what may be a secret in them, and paths without what makes each one special.
//! It refuses to show a segment that looks like a credential.

use crate::bearer;

/// The longest path that is kept.
const LONGEST_PATH: usize = 512;
/// A longer segment may be a secret: 128 bits take 22 characters of base64, and names rarely take forty.
const LONGEST_SEGMENT: usize = 40;
/// A longer segment is hardly one word of a design.
const LONGEST_WORD: usize = 24;
const MOST_SEGMENTS: usize = 8;

/// A normalised path for operators: segments that may be secrets are left out, and so is the end of a long one.
#[must_use]
pub fn mask(path: &str) -> String {
    let mut masked = String::with_capacity(path.len().min(LONGEST_PATH));
    for (number, segment) in path.split('/').enumerate() {
        if number > 0 {
            masked.push('/');
        }
        let shown = if is_secret(segment) { "{secret}" } else { segment };
        if masked.len() + shown.len() > LONGEST_PATH {
            masked.push('…');
            return masked;
        }
        masked.push_str(shown);
    }
    masked
}

/// The path with `*` for whatever is a name of one thing: digits, or too long for a word. There are few of these.
#[must_use]
pub fn shape(path: &str) -> String {
    let mut shape = String::with_capacity(path.len().min(64));
    for (number, segment) in path.split('/').skip(1).enumerate() {
        shape.push('/');
        if number == MOST_SEGMENTS {
            shape.push_str("**");
            return shape;
        }
        shape.push_str(if is_word(segment) { segment } else { "*" });
    }
    shape
}

fn is_word(segment: &str) -> bool {
    let version = segment
        .strip_prefix('v')
        .is_some_and(|rest| rest.len() <= 2 && rest.bytes().all(|byte| byte.is_ascii_digit()));
    version
        || (segment.len() <= LONGEST_WORD
            && !segment.bytes().any(|byte| byte.is_ascii_digit() || byte == b'%'))
}

fn is_secret(segment: &str) -> bool {
    segment.len() > LONGEST_SEGMENT || bearer::is_ours(segment) || jose::looks_like_jws(segment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_keep_words_and_drop_names() {
        for (path, expected) in [
            ("/", "/"),
            ("/orders/", "/orders/"),
            ("/v1/orders/123/items", "/v1/orders/*/items"),
            ("/users/0b9c7d4e-aaaa/keys", "/users/*/keys"),
            ("/a/b/c/d/e/f/g/h/i/j", "/a/b/c/d/e/f/g/h/**"),
            ("/caf%C3%A9", "/*"),
        ] {
            assert_eq!(shape(path), expected);
        }
    }

    /// A02, C02
    #[test]
    fn credentials_in_paths_are_not_kept() {
        let secret = oauth::opaque::encode(oauth::opaque::OpaqueKind::AccessToken, &[1; 32]);
        let path = format!("/reset/{}/x", *secret);
        assert_eq!(mask(&path), "/reset/{secret}/x");
        assert_eq!(mask("/a/eyJhIjoxfQ.eyJhIjoxfQ.c2ln"), "/a/{secret}");
        assert_eq!(mask(&format!("/m/{}", "x".repeat(41))), "/m/{secret}");
        assert_eq!(mask("/orders/17"), "/orders/17");
        assert!(mask(&"/abc".repeat(1000)).len() <= LONGEST_PATH + 4);
    }
}
