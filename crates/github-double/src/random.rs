//! Codes, tokens and identifiers in the forms that GitHub gives them.
//! Takes no seed: nothing here is repeatable.

use rand::TryRng;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const TOKEN_CHARS: usize = 36;
const REFRESH_TOKEN_CHARS: usize = 76;

/// A token such as `gho_…`: a prefix and 36 letters and digits.
pub(crate) fn token(prefix: &str) -> String {
    format!("{prefix}{}", base62(TOKEN_CHARS))
}

/// A refresh token, `ghr_…`, longer than the others.
pub(crate) fn refresh_token() -> String {
    format!("ghr_{}", base62(REFRESH_TOKEN_CHARS))
}

/// An authorization code: 20 hexadecimal digits.
pub(crate) fn code() -> String {
    hex::encode(bytes::<10>())
}

/// The name of a browser's sign-in.
pub(crate) fn session() -> String {
    hex::encode(bytes::<16>())
}

/// A version 4 UUID, as in `X-GitHub-Delivery` (RFC 9562 §5.4).
pub(crate) fn uuid() -> String {
    let mut raw = bytes::<16>();
    raw[6] = (raw[6] & 0x0f) | 0x40;
    raw[8] = (raw[8] & 0x3f) | 0x80;
    let hex = hex::encode(raw);
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    parts.join("-")
}

/// The value of `X-GitHub-Request-Id`.
pub(crate) fn request_id() -> String {
    let hex = hex::encode_upper(bytes::<15>());
    let parts = [&hex[..4], &hex[4..10], &hex[10..16], &hex[16..22], &hex[22..]];
    parts.join(":")
}

fn base62(chars: usize) -> String {
    let mut text = String::with_capacity(chars);
    while text.len() < chars {
        // 248 is the largest multiple of 62 in a byte: no letter is likelier than another.
        let fair = bytes::<64>().into_iter().filter(|byte| *byte < 248);
        text.extend(fair.map(|byte| char::from(BASE62[usize::from(byte % 62)])));
    }
    text.truncate(chars);
    text
}

#[expect(clippy::expect_used, reason = "without randomness nothing useful can go on")]
fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rngs::SysRng
        .try_fill_bytes(&mut bytes)
        .expect("the operating system gives random bytes");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_their_prefix_and_length() {
        assert_eq!(token("gho_").len(), 40);
        assert_eq!(refresh_token().len(), 80);
        assert_ne!(token("gho_"), token("gho_"));
    }

    #[test]
    fn a_delivery_id_is_a_random_uuid() {
        let id = uuid();
        assert_eq!(id.len(), 36);
        assert_eq!(id.as_bytes()[14], b'4');
    }
}
