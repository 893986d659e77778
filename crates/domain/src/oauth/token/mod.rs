//! The token endpoint's one pipeline; a grant's file fills in only what is its own.
//! Refuses to mint before the one-time thing it is minted for has been consumed.

mod authorization_code;
mod binding;
mod client_credentials;
mod refresh_token;

use model::Ctx;
use model::client::Client;
use model::grant::Grant;
use model::iam::TokenAccount;
use model::user::User;
use oauth::confirmation::Confirmation;
use oauth::error::{ErrorCode, OAuthError};
use oauth::token::{TokenRequest, TokenResponse};

use super::issue::{AccessTokenOrder, IdTokenOrder, MintedAccessToken};
use super::scopes;
use binding::Holder;

pub(super) use authorization_code::{first_refresh_token, store_tokens};

use super::userinfo::requested_claims;
use crate::authority::Authority;
use crate::fault::Fault;

/// Why no token is issued. Private detail stays in the audit log; the client hears the RFC's code.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error("{0:?}")]
    Refused(OAuthError),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<OAuthError> for TokenError {
    fn from(error: OAuthError) -> Self {
        Self::Refused(error)
    }
}

impl From<storage::StorageError> for TokenError {
    fn from(error: storage::StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl Authority {
    /// RFC 6749 §3.2 for an authenticated (or public) client that proves to hold `held`.
    ///
    /// # Errors
    /// The RFC's error, or a fault.
    pub async fn token(
        &self,
        ctx: &Ctx,
        (client, held): (&Client, &Confirmation),
        request: TokenRequest,
    ) -> Result<TokenResponse, TokenError> {
        if !client.may_use(request.grant_type()) {
            return Err(OAuthError::unauthorized_client("The client may not use this grant type").into());
        }
        let holder = Holder::of(client, held)?;
        match request {
            TokenRequest::AuthorizationCode {
                code,
                redirect_uri,
                code_verifier,
                resource,
            } => {
                let presented = authorization_code::Presented {
                    redirect_uri,
                    code_verifier,
                    resource,
                };
                Box::pin(self.redeem_code(ctx, holder, code.expose(), presented)).await
            }
            TokenRequest::RefreshToken {
                refresh_token,
                scope,
                resource,
            } => {
                let wish = refresh_token::Wish { scope, resource };
                Box::pin(self.refresh(ctx, holder, refresh_token.expose(), wish)).await
            }
            TokenRequest::ClientCredentials { scope, resource } => {
                self.client_credentials(ctx, holder, scope.as_ref(), &resource)
                    .await
            }
        }
    }

    /// An access token for a grant: its scopes narrowed to `scopes`, its audiences to `resource`.
    fn mint_for_grant(
        &self,
        ctx: &Ctx,
        (holder, grant, account): (Holder<'_>, &Grant, Option<TokenAccount>),
        scopes: oauth::scope::ScopeSet,
        resource: &[String],
    ) -> Result<MintedAccessToken, TokenError> {
        let client = holder.client;
        let audience = scopes::audience(client, &grant.resources, resource, &self.settings.issuer)?;
        scopes::check_resources(client, &self.settings.registry, resource)?;
        Ok(self.mint_access_token(
            ctx,
            AccessTokenOrder {
                client,
                grant: Some(grant),
                scopes,
                audience,
                confirmation: holder.of_access_token(),
                account,
            },
        )?)
    }

    /// The answer, with an ID token when `openid` was granted, as it only is to people.
    fn respond(
        &self,
        ctx: &Ctx,
        (client, grant, user): (&Client, &Grant, Option<&User>),
        minted: MintedAccessToken,
        nonce: Option<&str>,
    ) -> Result<TokenResponse, TokenError> {
        let mut id_token = None;
        if minted.scopes.contains("openid")
            && let Some(user) = user
        {
            let extra = requested_claims(user, grant.claims.as_ref().map(|claims| &claims.id_token));
            let order = IdTokenOrder {
                client,
                grant,
                nonce,
                access_token: &minted.text,
                extra,
            };
            id_token = Some(self.mint_id_token(ctx, order)?.into_text());
        }
        Ok(TokenResponse {
            access_token: minted.text.into_text(),
            token_type: minted.token_type,
            expires_in: minted.expires_in.as_secs(),
            refresh_token: None,
            scope: Some(minted.scopes),
            id_token,
        })
    }
}

fn invalid_grant() -> TokenError {
    OAuthError::new(
        ErrorCode::InvalidGrant,
        "The code or token is invalid, expired, used or was issued to another client",
    )
    .into()
}
