//! Authorization codes (RFC 6749 §4.1.2).
//! Refuses to be judged by time alone: whether a code was used is stored state.

use crate::client::ClientId;
use crate::clock::Timestamp;
use crate::id::GrantId;
use crate::secret::SecretDigest;
use oauth::pkce::{CodeChallenge, CodeVerifier};

#[derive(Clone)]
pub struct AuthorizationCode {
    pub digest: SecretDigest,
    pub grant_id: GrantId,
    pub client_id: ClientId,
    /// As the authorization request presented it.
    pub redirect_uri: String,
    pub code_challenge: Option<CodeChallenge>,
    /// The only key whose holder may redeem it (RFC 9449 §10).
    pub dpop_jkt: Option<String>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub consumed_at: Option<Timestamp>,
}

/// Why a code buys nothing. The client hears `invalid_grant` for each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeRefusal {
    /// Issued to another client. Nothing happens to the rightful owner's grant.
    OtherClient,
    /// Already used by its own client: the grant must die (RFC 6749 §4.1.2).
    Replayed,
    Expired,
    RedirectUri,
    /// RFC 7636 §4.6; also a verifier without a challenge and the reverse.
    Verifier,
}

impl AuthorizationCode {
    /// Whether somebody who proves to hold the key `jkt`, or none, may redeem it.
    pub fn fits_key(&self, jkt: Option<&str>) -> bool {
        self.dpop_jkt.is_none() || self.dpop_jkt.as_deref() == jkt
    }

    /// The verdict on a redemption by an authenticated client, each condition on its own (O08).
    ///
    /// # Errors
    /// The first condition that fails, in the order of [`CodeRefusal`].
    pub fn judge(
        &self,
        client_id: &ClientId,
        redirect_uri: Option<&str>,
        verifier: Option<&CodeVerifier>,
        now: Timestamp,
    ) -> Result<(), CodeRefusal> {
        if self.client_id != *client_id {
            return Err(CodeRefusal::OtherClient);
        }
        if self.consumed_at.is_some() {
            return Err(CodeRefusal::Replayed);
        }
        if now >= self.expires_at {
            return Err(CodeRefusal::Expired);
        }
        // RFC 6749 §4.1.3: identical when it was sent; OAuth 2.1 drops the parameter, so its absence is tolerated.
        if redirect_uri.is_some_and(|presented| presented != self.redirect_uri) {
            return Err(CodeRefusal::RedirectUri);
        }
        match (&self.code_challenge, verifier) {
            (None, None) => Ok(()),
            (Some(challenge), Some(verifier)) if challenge.verify(verifier) => Ok(()),
            _ => Err(CodeRefusal::Verifier),
        }
    }
}
