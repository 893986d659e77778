//! The signature under a webhook: HMAC-SHA256 of the bytes as they came.
//! Refuses every other writing of it; compares in constant time.

use super::super::hmac_tag;

/// Whether `header`, `sha256=` and 64 lower-case hexadecimal digits, is right for `body`.
pub(super) fn verifies(secret: &str, body: &[u8], header: &str) -> bool {
    let tag = header.strip_prefix("sha256=");
    tag.is_some_and(|tag| hmac_tag::verifies(secret, body, tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of GitHub's documentation.
    #[test]
    fn the_documented_signature_is_right_and_no_other() {
        let secret = "It's a Secret to Everybody";
        let right = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
        assert!(verifies(secret, b"Hello, World!", right));
        assert!(!verifies(secret, b"Hello, World", right));
        assert!(!verifies("It's a secret to everybody", b"Hello, World!", right));
        let upper = right.to_uppercase().replace("SHA256", "sha256");
        for wrong in [
            "",
            "sha256=",
            &right[7..],
            &right[..70],
            &format!("{right}0"),
            &upper,
        ] {
            assert!(!verifies(secret, b"Hello, World!", wrong), "{wrong}");
        }
    }
}
