//! The one-response value that lets our own `<style>` and `<script>` through the content security policy.
//! Draws no randomness itself: the caller brings the bytes.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A fresh nonce, used for one response only. Its alphabet is safe in a header and in an attribute.
#[derive(Clone, PartialEq, Eq)]
pub struct Nonce(String);

impl Nonce {
    /// Encodes 128 random bits. // CSP Level 3 §7.1
    pub fn from_bytes(random: [u8; 16]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(random))
    }

    /// The text as it stands in the header and in the `nonce` attribute.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
