//! To whose key tokens are bound when they are issued, and who may renew them (RFC 9449 §5, RFC 8705 §3).
//! Refuses to issue loose tokens to a client that is registered for bound ones.

use model::client::Client;
use oauth::confirmation::Confirmation;
use oauth::error::{ErrorCode, OAuthError};

/// A client and what its request proves to hold.
#[derive(Clone, Copy)]
pub(super) struct Holder<'a> {
    pub client: &'a Client,
    held: &'a Confirmation,
}

impl<'a> Holder<'a> {
    /// # Errors
    /// When the client must prove more.
    pub(super) fn of(client: &'a Client, held: &'a Confirmation) -> Result<Self, OAuthError> {
        // RFC 9449 §5.2.
        if client.settings.dpop_bound_access_tokens && held.jkt.is_none() {
            let words = "This client must send a DPoP proof";
            return Err(OAuthError::new(ErrorCode::InvalidDpopProof, words));
        }
        // RFC 8705 §3.4.
        if client.settings.tls_client_certificate_bound_access_tokens && held.certificate.is_none() {
            let words = "This client must connect with a certificate";
            return Err(OAuthError::invalid_request(words));
        }
        Ok(Self { client, held })
    }

    /// The DPoP key.
    pub(super) fn jkt(&self) -> Option<&str> {
        self.held.jkt.as_deref()
    }

    /// The key, if one is proven; the certificate only of clients that say so, as others show theirs to anybody.
    pub(super) fn of_access_token(&self) -> Confirmation {
        let binds = self.client.settings.tls_client_certificate_bound_access_tokens;
        Confirmation {
            jkt: self.held.jkt.clone(),
            certificate: self.held.certificate.clone().filter(|_| binds),
        }
    }

    /// A client that authenticates binds its refresh tokens by that; a public one by its key.
    pub(super) fn of_refresh_token(&self) -> Confirmation {
        if self.client.is_public() {
            self.of_access_token()
        } else {
            Confirmation::default()
        }
    }

    /// A chain that is bound stays bound to its key.
    pub(super) fn of_successor(&self, before: &Confirmation) -> Confirmation {
        if before.is_empty() {
            self.of_refresh_token()
        } else {
            before.clone()
        }
    }

    /// Whether it may renew a refresh token bound to this.
    pub(super) fn holds(&self, bound: &Confirmation) -> bool {
        bound.is_held(self.held)
    }
}
