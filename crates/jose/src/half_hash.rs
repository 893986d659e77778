//! The left-half hash that binds a token or a code to an ID token.
//! Does not compare; the caller holds both sides.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256, Sha512};

use crate::Algorithm;

/// `at_hash` or `c_hash` of `token` for an ID token signed with `algorithm` (OpenID Connect Core §3.1.3.6).
///
/// Ed25519 hashes with SHA-512 inside, so its half hash is taken from SHA-512.
#[must_use]
pub fn half_hash(algorithm: Algorithm, token: &str) -> String {
    match algorithm {
        Algorithm::Es256 | Algorithm::Rs256 | Algorithm::Ps256 => {
            URL_SAFE_NO_PAD.encode(&Sha256::digest(token)[..16])
        }
        Algorithm::EdDsa => URL_SAFE_NO_PAD.encode(&Sha512::digest(token)[..32]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_the_published_example() {
        // OpenID Connect Core, appendix A.3: access token and its at_hash.
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(half_hash(Algorithm::Rs256, token), "77QmUPtjPfzWtF2AnpK9RQ");
    }

    #[test]
    fn ed25519_takes_half_of_sha_512() {
        assert_eq!(half_hash(Algorithm::EdDsa, "token").len(), 43);
        assert_eq!(half_hash(Algorithm::Es256, "token").len(), 22);
    }
}
