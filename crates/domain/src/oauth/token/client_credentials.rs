//! `grant_type=client_credentials` (RFC 6749 §4.4).
//! Refuses scopes about users, and public clients.

use model::Ctx;
use model::access_token::OpaqueAccessToken;
use model::audit::Actor;
use oauth::error::OAuthError;
use oauth::scope::ScopeSet;
use oauth::token::TokenResponse;
use serde_json::json;
use storage::Script;

use super::TokenError;
use super::binding::Holder;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::oauth::issue::AccessTokenOrder;
use crate::oauth::scopes;

impl Authority {
    pub(super) async fn client_credentials(
        &self,
        ctx: &Ctx,
        holder: Holder<'_>,
        scope: Option<&ScopeSet>,
        resource: &[String],
    ) -> Result<TokenResponse, TokenError> {
        let client = holder.client;
        if client.is_public() {
            return Err(
                OAuthError::unauthorized_client("A public client has no credentials of its own").into(),
            );
        }
        let granted = scopes::of_client(client, scope)?;
        scopes::check_resources(client, &self.settings.registry, resource)?;
        let audience = scopes::audience(client, &[], resource, &self.settings.issuer)?;
        let order = AccessTokenOrder {
            client,
            grant: None,
            scopes: granted,
            audience,
            confirmation: holder.of_access_token(),
            account: None,
        };
        let minted = self.mint_access_token(ctx, order)?;
        // A JWT leaves nothing to remember: it is issued without a write.
        if let Some(row) = minted.row {
            self.store_issued(ctx, &row).await?;
        }
        Ok(TokenResponse {
            access_token: minted.text.into_text(),
            token_type: minted.token_type,
            expires_in: minted.expires_in.as_secs(),
            refresh_token: None,
            scope: Some(minted.scopes),
            id_token: None,
        })
    }

    async fn store_issued(&self, ctx: &Ctx, token: &OpaqueAccessToken) -> Result<(), Fault> {
        let mut script = Script::default();
        storage::access_tokens::insert(&mut script, token).await?;
        let happened = Happened {
            actor: Actor::Client(token.client_id.clone()),
            action: "access_token.issued",
            target: Some(token.id.to_string()),
            detail: json!({"scope": token.scopes.to_string()}),
        };
        record(&mut script, ctx, happened).await?;
        self.database.apply(script).await?;
        Ok(())
    }
}
