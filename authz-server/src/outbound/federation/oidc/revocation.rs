//! Ends upstream tokens at a provider's revocation endpoint (RFC 7009).
//! Refuses to call it done when the provider does not say so.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::federation::{UpstreamError, UpstreamTokens};
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use model::PlainSecret;
use url::{Url, form_urlencoded};

use super::super::discovered::Discovered;
use super::{Oidc, posts_secret};

impl Oidc {
    /// At the provider's endpoint, where it has one.
    pub(super) async fn revoke_upstream(&self, tokens: &UpstreamTokens) -> Result<(), UpstreamError> {
        let discovered = self.discovered().await?;
        let Some(endpoint) = discovered.revocation_endpoint() else {
            return Ok(());
        };
        // The refresh token takes its access tokens with it (RFC 7009 §2.1).
        let token = tokens.refresh.as_ref().unwrap_or(&tokens.access);
        let request = self
            .revocation(&discovered, (endpoint, token))
            .map_err(|_| UpstreamError::Unavailable("revocation: unusable address".to_owned()))?;
        let answer = self.outside.clone().send(request).await?;
        if answer.status().is_success() {
            Ok(())
        } else {
            Err(UpstreamError::Unavailable(format!(
                "revocation: {}",
                answer.status()
            )))
        }
    }

    /// RFC 7009 §2.1, the client authenticated as at the token endpoint.
    fn revocation(
        &self,
        discovered: &Discovered,
        (endpoint, token): (&Url, &PlainSecret),
    ) -> Result<http::Request<Vec<u8>>, http::Error> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("token", token.expose());
        let mut request = http::Request::post(endpoint.as_str());
        match &self.config.client_secret {
            Some(secret) if !posts_secret(discovered) => {
                let encode =
                    |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
                let pair = format!("{}:{}", encode(&self.config.client_id), encode(secret.expose()));
                request = request.header(AUTHORIZATION, format!("Basic {}", STANDARD.encode(pair)));
            }
            secret => {
                form.append_pair("client_id", &self.config.client_id);
                if let Some(secret) = secret {
                    form.append_pair("client_secret", secret.expose());
                }
            }
        }
        request
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form.finish().into_bytes())
    }
}
