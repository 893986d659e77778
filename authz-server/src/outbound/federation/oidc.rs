//! Any OpenID provider: discovery, code flow with PKCE and nonce, ID token, userinfo.
//! Refuses tokens that are not signed by a published key of exactly this issuer, for exactly this client and visit.

use std::borrow::Cow;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::federation::{
    Answer, Attempt, Identity, IdentityProvider, ProviderInfo, UpstreamError, UpstreamTokens,
};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use model::{Clock, PlainSecret};
use openidconnect::core::{CoreClient, CoreClientAuthMethod, CoreIdToken, CoreJwsSigningAlgorithm};
use openidconnect::{
    AuthType, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret,
    CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, Nonce, PkceCodeChallenge,
    PkceCodeVerifier, RedirectUrl, RefreshToken, Scope, TokenResponse as _,
};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};

use super::claims::identity;
use super::discovered::Discovered;
use super::outcome::{refused, tokens};
use super::{Outside, ProvidersError};
use crate::config::{ProviderConfig, Secret};

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

    /// Verifies the token (OIDC Core §3.1.3.7) and reads it; once more with new keys when the provider may have changed them.
    async fn verified(
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

    /// OIDC Core §5.3: what the ID token does not tell.
    async fn userinfo(
        &self,
        endpoint: &Url,
        access: &PlainSecret,
        subject: &str,
    ) -> Result<Map<String, Value>, UpstreamError> {
        let request = http::Request::get(endpoint.as_str())
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, format!("Bearer {}", access.expose()))
            .body(Vec::new())
            .map_err(|_| UpstreamError::Refused("a token that no header can carry".to_owned()))?;
        let answer = self.outside.clone().send(request).await?;
        if !answer.status().is_success() {
            return Err(UpstreamError::Unavailable(format!(
                "userinfo: {}",
                answer.status()
            )));
        }
        let claims: Map<String, Value> = serde_json::from_slice(answer.body())
            .map_err(|_| UpstreamError::Unavailable("userinfo: no JSON object".to_owned()))?;
        // OIDC Core §5.3.2: never of anybody else.
        if claims.get("sub").and_then(Value::as_str) == Some(subject) {
            Ok(claims)
        } else {
            let words = "userinfo is about somebody else".to_owned();
            Err(UpstreamError::Untrusted(words))
        }
    }
}

/// Whether the secret goes into the form; basic when the provider says nothing (OIDC Discovery §3).
fn posts_secret(discovered: &Discovered) -> bool {
    let offered = discovered.metadata.token_endpoint_auth_methods_supported();
    let offers = |method| offered.is_none_or(|offered| offered.contains(&method));
    !offers(CoreClientAuthMethod::ClientSecretBasic) && offers(CoreClientAuthMethod::ClientSecretPost)
}

/// Of a token whose signature was verified.
fn payload(token: &CoreIdToken) -> Map<String, Value> {
    let text = token.to_string();
    let part = text.split('.').nth(1).unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD.decode(part).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
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
        let (url, ..) = client
            .authorize_url(
                AuthenticationFlow::<openidconnect::core::CoreResponseType>::AuthorizationCode,
                move || CsrfToken::new(state.expose().to_owned()),
                move || Nonce::new(nonce.expose().to_owned()),
            )
            .add_scopes(scopes.map(|scope| Scope::new(scope.clone())))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .set_redirect_uri(Cow::Owned(RedirectUrl::from_url(attempt.redirect_uri.clone())))
            .url();
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
}
