//! Razorpay's signatures: lower-case hexadecimal HMAC-SHA256.
//! Compares in constant time.

use aws_lc_rs::{constant_time, hmac};

pub(crate) fn hex(secret: &str, message: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hex::encode(hmac::sign(&key, message.as_bytes()))
}

/// Whether two secrets are the same.
pub(crate) fn same(one: &str, other: &str) -> bool {
    constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231 §4.3.
    #[test]
    fn signatures_are_hexadecimal_hmacs() {
        let wanted = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(hex("Jefe", "what do ya want for nothing?"), wanted);
        assert!(same("a", "a") && !same("a", "b") && !same("a", "aa"));
    }
}
