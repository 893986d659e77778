//! Any OpenID provider: discovery, code flow with PKCE and nonce, ID token, userinfo.
//! Refuses tokens that are not signed by a published key of exactly this issuer, for exactly this client and visit.

mod id_token;
mod revocation;
mod userinfo;

use std::borrow::Cow;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use async_trait::async_trait;
use domain::federation::{
    Answer, Attempt, Identity, IdentityProvider, ProviderInfo, UpstreamError, UpstreamTokens,
};
use model::{Clock, PlainSecret};
use openidconnect::core::{CoreAuthPrompt, CoreClient, CoreClientAuthMethod};
use openidconnect::{
    AuthType, AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl,
    RefreshToken, Scope, TokenResponse as _,
};
use url::Url;

use super::claims::identity;
use super::discovered::Discovered;
use super::outcome::{refused, tokens};
use super::{Outside, ProvidersError};
use crate::config::{ProviderConfig, Secret};

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

pub struct Oidc {
    info: ProviderInfo,
    issuer: IssuerUrl,
    config: ProviderConfig,
    known: ArcSwapOption<Discovered>,
    outside: Outside,
    clock: Arc<dyn Clock>,
}

impl Oidc {
    /// # Errors
    /// When the issuer is no address.
    pub fn new(
        config: &ProviderConfig,
        outside: Outside,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ProvidersError> {
        let issuer = IssuerUrl::new(config.issuer.clone())
            .map_err(|_| ProvidersError::Address(format!("providers.{}.issuer", config.id)))?;
        Ok(Self {
            info: ProviderInfo {
                id: config.id.clone(),
                name: config.name.clone(),
                web: issuer.url().clone(),
                allowed_domains: config.allowed_domains.clone(),
            },
            issuer,
            config: config.clone(),
            known: ArcSwapOption::empty(),
            outside,
            clock,
        })
    }

    async fn discovered(&self) -> Result<Arc<Discovered>, UpstreamError> {
        let now = self.clock.now();
        let known = self.known.load_full();
        match known {
            Some(known) if known.is_fresh(now) => Ok(known),
            // F04: what was good stays good while there is nothing newer to be had.
            Some(known) => Ok(self.discover().await.unwrap_or(known)),
            None => self.discover().await,
        }
    }

    async fn discover(&self) -> Result<Arc<Discovered>, UpstreamError> {
        let found = Discovered::fetch(&self.issuer, &self.outside, self.clock.now()).await?;
        let found = Arc::new(found);
        self.known.store(Some(Arc::clone(&found)));
        Ok(found)
    }

    fn client(&self, discovered: &Discovered) -> Client {
        let secret = self.config.client_secret.as_ref().map(Secret::expose);
        let client = CoreClient::from_provider_metadata(
            discovered.metadata.clone(),
            ClientId::new(self.config.client_id.clone()),
            secret.map(|secret| ClientSecret::new(secret.to_owned())),
        );
        if posts_secret(discovered) {
            client.set_auth_type(AuthType::RequestBody)
        } else {
            client
        }
    }
}

/// Whether the secret goes into the form; basic when the provider says nothing (OIDC Discovery §3).
fn posts_secret(discovered: &Discovered) -> bool {
    let offered = discovered.metadata.token_endpoint_auth_methods_supported();
    let offers = |method| offered.is_none_or(|offered| offered.contains(&method));
    !offers(CoreClientAuthMethod::ClientSecretBasic) && offers(CoreClientAuthMethod::ClientSecretPost)
}

fn misconfigured(_: openidconnect::ConfigurationError) -> UpstreamError {
    UpstreamError::Unavailable("discovery names no token endpoint".to_owned())
}

#[async_trait]
impl IdentityProvider for Oidc {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }

    async fn authorization_url(&self, attempt: &Attempt) -> Result<Url, UpstreamError> {
        let client = self.client(self.discovered().await?.as_ref());
        let verifier = PkceCodeVerifier::new(attempt.verifier.expose().to_owned());
        let (state, nonce) = (attempt.state.clone(), attempt.nonce.clone());
        let scopes = self.config.scopes.iter().filter(|scope| *scope != "openid");
        let mut request = client
            .authorize_url(
                AuthenticationFlow::<openidconnect::core::CoreResponseType>::AuthorizationCode,
                move || CsrfToken::new(state.expose().to_owned()),
                move || Nonce::new(nonce.expose().to_owned()),
            )
            .add_scopes(scopes.map(|scope| Scope::new(scope.clone())))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .set_redirect_uri(Cow::Owned(RedirectUrl::from_url(attempt.redirect_uri.clone())));
        if attempt.choose_account {
            request = request.add_prompt(CoreAuthPrompt::SelectAccount);
        }
        let (url, ..) = request.url();
        Ok(url)
    }

    async fn introduce(
        &self,
        attempt: &Attempt,
        answer: &Answer,
    ) -> Result<(Identity, UpstreamTokens), UpstreamError> {
        let discovered = self.discovered().await?;
        discovered.check_issuer(answer.issuer.as_deref())?;
        let send = |request| self.outside.clone().send(request);
        let redirect = RedirectUrl::from_url(attempt.redirect_uri.clone());
        let client = self.client(&discovered);
        let given = client
            .exchange_code(AuthorizationCode::new(answer.code.expose().to_owned()))
            .map_err(misconfigured)?
            .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier.expose().to_owned()))
            .set_redirect_uri(Cow::Owned(redirect))
            .request_async(&send)
            .await
            .map_err(refused)?;
        let token = given
            .id_token()
            .ok_or_else(|| UpstreamError::Untrusted("no ID token".to_owned()))?;
        let (subject, mut claims) = self.verified(&discovered, token, &attempt.nonce).await?;
        let tokens = tokens(&given, self.clock.now(), None);
        if let Some(endpoint) = discovered.metadata.userinfo_endpoint() {
            let further = self.userinfo(endpoint.url(), &tokens.access, &subject).await?;
            for (name, value) in further {
                claims.entry(name).or_insert(value);
            }
        }
        let names = (&self.config.claims, self.config.trust_email);
        Ok((identity(&subject, &claims, names), tokens))
    }

    async fn refresh(&self, refresh: &PlainSecret) -> Result<UpstreamTokens, UpstreamError> {
        let client = self.client(self.discovered().await?.as_ref());
        let send = |request| self.outside.clone().send(request);
        let token = RefreshToken::new(refresh.expose().to_owned());
        let given = client
            .exchange_refresh_token(&token)
            .map_err(misconfigured)?
            .request_async(&send)
            .await
            .map_err(refused)?;
        Ok(tokens(&given, self.clock.now(), Some(refresh)))
    }

    /// RFC 7009, where the provider has an endpoint for it.
    async fn revoke(&self, tokens: &UpstreamTokens) -> Result<(), UpstreamError> {
        self.revoke_upstream(tokens).await
    }
}
