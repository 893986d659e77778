//! A key in exchange for a short-lived access token (RFC 8693).
//! Refuses anything but a live key, more than the key may do, and a token that outlives it.

use model::client::Client;
use model::{Ctx, PlainSecret, Timestamp};
use oauth::error::OAuthError;
use oauth::response::GrantType;
use oauth::scope::ScopeSet;
use oauth::token::{TokenResponse, TokenType};
use oauth::token_exchange::{ACCESS_TOKEN, ExchangeRequest, ExchangeResponse};

use crate::authority::Authority;
use crate::fault::Fault;
use crate::oauth::token::TokenError;
use crate::oauth::{ExchangeOrder, KnownToken};

/// Why there is no token for a key.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// Unknown, ended, suspended, or used from where it may not be.
    #[error("the key is not live here")]
    Key,
    /// What the key may not do.
    #[error("the key lacks the scopes {0}")]
    Scope(ScopeSet),
    #[error("the key is not good at this audience")]
    Audience,
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// What a key was exchanged for.
pub struct Exchanged {
    pub text: PlainSecret,
    pub scopes: ScopeSet,
    pub expires_in: u64,
}

impl Authority {
    /// At the token endpoint, for a client that is registered for it, or for whoever sends no client at all: the key itself
    /// is the proof (RFC 8693 §2.1).
    ///
    /// # Errors
    /// The RFC's error, or a fault.
    pub async fn exchange_token(
        &self,
        ctx: &Ctx,
        client: Option<&Client>,
        request: &ExchangeRequest,
    ) -> Result<ExchangeResponse, TokenError> {
        if client.is_some_and(|client| !client.may_use(GrantType::TokenExchange)) {
            return Err(OAuthError::unauthorized_client("The client may not use this grant type").into());
        }
        let text = request.subject_token.expose();
        let wish = (request.scope.as_ref(), request.audience.as_slice());
        let exchanged = self.exchange_api_key(ctx, client, text, wish).await;
        let exchanged = exchanged.map_err(|error| match error {
            // RFC 8693 §2.2.2
            ExchangeError::Key => {
                OAuthError::invalid_request("The subject token is not a live API key").into()
            }
            ExchangeError::Scope(_) => {
                OAuthError::invalid_scope("The key may not do all that is asked for").into()
            }
            ExchangeError::Audience => {
                OAuthError::invalid_target("The key is not good at this audience").into()
            }
            ExchangeError::Fault(fault) => TokenError::Fault(fault),
        })?;
        Ok(ExchangeResponse {
            tokens: TokenResponse {
                access_token: exchanged.text.into_text(),
                token_type: TokenType::Bearer,
                expires_in: exchanged.expires_in,
                refresh_token: None,
                scope: Some(exchanged.scopes),
                id_token: None,
            },
            issued_token_type: ACCESS_TOKEN.to_owned(),
        })
    }

    /// Without a client the token bears the built-in one of the key's surface. Nothing is written: the token dies with its
    /// key.
    ///
    /// # Errors
    /// See [`ExchangeError`].
    pub async fn exchange_api_key(
        &self,
        ctx: &Ctx,
        client: Option<&Client>,
        text: &str,
        (scope, audience): (Option<&ScopeSet>, &[String]),
    ) -> Result<Exchanged, ExchangeError> {
        let key = self.authenticate_api_key(ctx, text).await?;
        let key = key.ok_or(ExchangeError::Key)?;
        let scopes = scope.unwrap_or(&key.scopes);
        let lacking = key.scopes.uncovered(scopes);
        if !lacking.is_empty() {
            return Err(ExchangeError::Scope(lacking));
        }
        if audience.iter().any(|name| !key.audience.contains(name)) {
            return Err(ExchangeError::Audience);
        }
        // Whole seconds, so that every door tells the same instants.
        let issued_at = Timestamp::from_seconds(ctx.now.as_seconds());
        let expires_at = issued_at
            .plus(self.settings.api_keys.exchange_ttl)
            .min(key.expires_at);
        let text = self.mint_exchanged(
            ctx,
            &ExchangeOrder {
                key: &key,
                client: client.map_or(&key.client_id, |client| &client.id),
                scopes,
                audience: if audience.is_empty() {
                    &key.audience
                } else {
                    audience
                },
                issued_at,
                expires_at,
            },
        )?;
        Ok(Exchanged {
            text,
            scopes: scopes.clone(),
            expires_in: expires_at.since(issued_at).as_secs(),
        })
    }

    /// The facts of a live key, used from where it may be; nothing for every other text. Doors that take keys ask here.
    ///
    /// # Errors
    /// Storage.
    pub async fn authenticate_api_key(
        &self,
        ctx: &Ctx,
        text: &str,
    ) -> Result<Option<std::sync::Arc<KnownToken>>, Fault> {
        let standing = self.access_token_standing(ctx, text).await?;
        let key = standing.facts.filter(|facts| facts.key.is_some());
        Ok(key.filter(|key| key.allows(ctx.origin.address)))
    }
}
