//! Reads a provider's ID token (OIDC Core §3.1.3.7).
//! Refuses one that no published key of exactly this issuer has signed for exactly this client and visit.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::federation::UpstreamError;
use model::PlainSecret;
use openidconnect::core::{CoreIdToken, CoreJwsSigningAlgorithm};
use openidconnect::{ClaimsVerificationError, Nonce};
use serde_json::{Map, Value};

use super::super::discovered::Discovered;
use super::Oidc;

/// Signatures by the provider's published keys; never by a shared secret, never none.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 7] = [
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
];
const LONGEST_SUBJECT: usize = 255;

impl Oidc {
    /// Verifies the token (OIDC Core §3.1.3.7) and reads it; once more with new keys when the provider may have changed them.
    pub(super) async fn verified(
        &self,
        discovered: &Discovered,
        token: &CoreIdToken,
        nonce: &PlainSecret,
    ) -> Result<(String, Map<String, Value>), UpstreamError> {
        match self.judge(discovered, token, nonce) {
            Err(ClaimsVerificationError::SignatureVerification(_))
                if discovered.may_be_outdated(self.clock.now()) =>
            {
                let newer = self.discover().await?;
                self.judge(&newer, token, nonce)
            }
            judged => judged,
        }
        .map_err(|error| UpstreamError::Untrusted(error.to_string()))
    }

    fn judge(
        &self,
        discovered: &Discovered,
        token: &CoreIdToken,
        nonce: &PlainSecret,
    ) -> Result<(String, Map<String, Value>), ClaimsVerificationError> {
        let now = self.clock.now();
        let client = self.client(discovered);
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs(ALGORITHMS)
            .set_time_fn(move || {
                chrono::DateTime::from_timestamp_micros(now.as_micros()).unwrap_or_default()
            });
        let claims = token.claims(&verifier, &Nonce::new(nonce.expose().to_owned()))?;
        let subject = claims.subject().to_string();
        if subject.is_empty() || subject.len() > LONGEST_SUBJECT {
            let words = "the subject is empty or too long".to_owned();
            return Err(ClaimsVerificationError::InvalidSubject(words));
        }
        Ok((subject, payload(token)))
    }
}

/// Of a token whose signature was verified.
fn payload(token: &CoreIdToken) -> Map<String, Value> {
    let text = token.to_string();
    let part = text.split('.').nth(1).unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}
