//! HMAC-SHA256 as other services write it: 64 lower-case hexadecimal digits.
//! Refuses every other writing of a tag; compares in constant time.

use aws_lc_rs::hmac;

/// Whether `tag` is right for `message` under `secret`.
pub(super) fn verifies(secret: &str, message: &[u8], tag: &str) -> bool {
    let Some(tag) = decode(tag) else {
        return false;
    };
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hmac::verify(&key, message, &tag).is_ok()
}

fn decode(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text
        .bytes()
        .map(|byte| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        })
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits
        .chunks_exact(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect();
    bytes.try_into().ok().filter(|_| digits.len() == 64)
}
