//! GitHub: OAuth 2 with PKCE, then its REST API for who it is.
//! Believes an address only when GitHub says that it is verified, and the number of an account, never its login.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::federation::{
    Answer, Attempt, Identity, IdentityProvider, ProviderInfo, UpstreamEmail, UpstreamError, UpstreamTokens,
};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{Method, StatusCode};
use model::{Clock, PlainSecret};
use oauth2::basic::BasicClient;
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, Scope, TokenUrl,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use url::Url;

use super::outcome::{refused, tokens};
use super::{Outside, ProvidersError};
use crate::config::{GithubConfig, Secret};

const SCOPES: [&str; 2] = ["read:user", "user:email"];
const VERSION: (&str, &str) = ("x-github-api-version", "2022-11-28");

type Client = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

pub struct Github {
    info: ProviderInfo,
    client: Client,
    client_id: String,
    client_secret: Secret,
    api: String,
    outside: Outside,
    clock: Arc<dyn Clock>,
}

#[derive(Deserialize)]
struct User {
    id: u64,
    login: String,
    name: Option<String>,
    avatar_url: Option<String>,
}

#[derive(Deserialize)]
struct Address {
    email: String,
    primary: bool,
    verified: bool,
}

impl Github {
    /// # Errors
    /// When an address is none.
    pub fn new(
        config: &GithubConfig,
        outside: Outside,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ProvidersError> {
        let unusable = |_| ProvidersError::Address("github".to_owned());
        let web = config.web_url.trim_end_matches('/');
        let secret = config
            .client_secret
            .clone()
            .unwrap_or_else(|| Secret::new(String::new()));
        let client = BasicClient::new(ClientId::new(config.client_id.clone()))
            .set_client_secret(ClientSecret::new(secret.expose().to_owned()))
            .set_auth_uri(AuthUrl::new(format!("{web}/login/oauth/authorize")).map_err(unusable)?)
            .set_token_uri(TokenUrl::new(format!("{web}/login/oauth/access_token")).map_err(unusable)?)
            .set_auth_type(AuthType::RequestBody);
        Ok(Self {
            info: ProviderInfo {
                id: "github".to_owned(),
                name: "GitHub".to_owned(),
                web: Url::parse(web).map_err(unusable)?,
                allowed_domains: Vec::new(),
            },
            client,
            client_id: config.client_id.clone(),
            client_secret: secret,
            api: config.api_url.trim_end_matches('/').to_owned(),
            outside,
            clock,
        })
    }

    async fn call(
        &self,
        (method, path): (Method, &str),
        authorization: String,
        body: Vec<u8>,
    ) -> Result<http::Response<Vec<u8>>, UpstreamError> {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.api))
            .header(ACCEPT, "application/vnd.github+json")
            .header(CONTENT_TYPE, "application/json")
            .header(VERSION.0, VERSION.1)
            .header(AUTHORIZATION, authorization)
            .body(body)
            .map_err(|_| UpstreamError::Refused("a token that no header can carry".to_owned()))?;
        Ok(self.outside.clone().send(request).await?)
    }

    async fn read<T: DeserializeOwned>(&self, path: &str, access: &PlainSecret) -> Result<T, UpstreamError> {
        let bearer = format!("Bearer {}", access.expose());
        let answer = self.call((Method::GET, path), bearer, Vec::new()).await?;
        match answer.status() {
            StatusCode::OK => serde_json::from_slice(answer.body())
                .map_err(|_| UpstreamError::Unavailable(format!("{path}: no JSON of its kind"))),
            StatusCode::UNAUTHORIZED | StatusCode::NOT_FOUND => {
                Err(UpstreamError::Refused(format!("{path}: {}", answer.status())))
            }
            status => Err(UpstreamError::Unavailable(format!("{path}: {status}"))),
        }
    }

    async fn identity(&self, access: &PlainSecret) -> Result<Identity, UpstreamError> {
        let user: User = self.read("/user", access).await?;
        let addresses: Vec<Address> = match self.read("/user/emails?per_page=100", access).await {
            // A GitHub App without the permission to read addresses.
            Err(UpstreamError::Refused(_)) => Vec::new(),
            read => read?,
        };
        let primary = addresses.into_iter().find(|address| address.primary);
        Ok(Identity {
            subject: user.id.to_string(),
            login: Some(user.login),
            name: user.name.filter(|name| !name.is_empty()),
            avatar: user.avatar_url.filter(|link| link.len() <= 2048),
            email: primary.map(|address| UpstreamEmail {
                address: address.email,
                verified: address.verified,
            }),
        })
    }

    /// RFC 9207 §2.4, as far as GitHub takes part in it.
    fn check_issuer(&self, issuer: Option<&str>) -> Result<(), UpstreamError> {
        let Some(issuer) = issuer else {
            return Ok(());
        };
        if Url::parse(issuer).is_ok_and(|issuer| issuer.origin() == self.info.web.origin()) {
            Ok(())
        } else {
            Err(UpstreamError::Untrusted(
                "the answer names another issuer".to_owned(),
            ))
        }
    }
}

#[async_trait]
impl IdentityProvider for Github {
    fn info(&self) -> &ProviderInfo {
        &self.info
    }

    async fn authorization_url(&self, attempt: &Attempt) -> Result<Url, UpstreamError> {
        let verifier = PkceCodeVerifier::new(attempt.verifier.expose().to_owned());
        let state = attempt.state.expose().to_owned();
        let mut request = self.client.authorize_url(|| CsrfToken::new(state));
        if attempt.choose_account {
            request = request.add_extra_param("prompt", "select_account");
        }
        let (url, _) = request
            .add_scopes(SCOPES.map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .set_redirect_uri(std::borrow::Cow::Owned(RedirectUrl::from_url(
                attempt.redirect_uri.clone(),
            )))
            .url();
        Ok(url)
    }

    async fn introduce(
        &self,
        attempt: &Attempt,
        answer: &Answer,
    ) -> Result<(Identity, UpstreamTokens), UpstreamError> {
        self.check_issuer(answer.issuer.as_deref())?;
        let send = |request| self.outside.clone().send(request);
        let redirect = RedirectUrl::from_url(attempt.redirect_uri.clone());
        let given = self
            .client
            .exchange_code(AuthorizationCode::new(answer.code.expose().to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier.expose().to_owned()))
            .set_redirect_uri(std::borrow::Cow::Owned(redirect))
            .request_async(&send)
            .await
            .map_err(refused)?;
        let tokens = tokens(&given, self.clock.now(), None);
        let identity = self.identity(&tokens.access).await?;
        Ok((identity, tokens))
    }

    async fn refresh(&self, refresh: &PlainSecret) -> Result<UpstreamTokens, UpstreamError> {
        let send = |request| self.outside.clone().send(request);
        let token = RefreshToken::new(refresh.expose().to_owned());
        let given = self
            .client
            .exchange_refresh_token(&token)
            .request_async(&send)
            .await;
        Ok(tokens(&given.map_err(refused)?, self.clock.now(), Some(refresh)))
    }

    async fn revoke(&self, tokens: &UpstreamTokens) -> Result<(), UpstreamError> {
        let path = format!("/applications/{}/token", self.client_id);
        let pair = format!("{}:{}", self.client_id, self.client_secret.expose());
        let basic = format!("Basic {}", STANDARD.encode(pair));
        let body = json!({ "access_token": tokens.access.expose() }).to_string();
        let answer = self
            .call((Method::DELETE, &path), basic, body.into_bytes())
            .await?;
        match answer.status() {
            // Not found, or no token of this client any more: ended already.
            StatusCode::NO_CONTENT | StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY => Ok(()),
            status => Err(UpstreamError::Unavailable(format!("{path}: {status}"))),
        }
    }
}
