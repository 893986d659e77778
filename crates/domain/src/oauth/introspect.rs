//! Token introspection (RFC 7662).
//! Refuses to say anything about a token to a client it was neither issued to nor meant for (O30), and to write.

use std::sync::Arc;

use bytes::Bytes;
use model::client::Client;
use model::{Ctx, SecretDigest};
use oauth::introspection::{ActiveToken, Audience, IntrospectionResponse};
use oauth::opaque::{self, OpaqueKind};

use super::standing::TokenFacts;
use crate::authority::Authority;
use crate::fault::Fault;

/// The answer and the position of the revocation log it was read at.
pub struct Introspection {
    pub response: IntrospectionResponse,
    /// The response as JSON, where that is at hand.
    pub json: Option<Bytes>,
    pub position: u64,
}

impl Authority {
    /// # Errors
    /// Storage; an unusable token is an inactive one.
    pub async fn introspect(&self, ctx: &Ctx, caller: &Client, text: &str) -> Result<Introspection, Fault> {
        if opaque::parse(text) == Some(OpaqueKind::RefreshToken) {
            return Box::pin(self.introspect_refresh_token(ctx, caller, text)).await;
        }
        let standing = self.access_token_standing(ctx, text).await?;
        let token = standing.facts.filter(|token| may_see(caller, token));
        Ok(Introspection {
            json: token.as_ref().and_then(|token| token.json()),
            response: token.map_or(IntrospectionResponse::Inactive, |token| {
                IntrospectionResponse::Active(token.description())
            }),
            position: standing.position,
        })
    }

    /// A refresh token is described to its own client only.
    async fn introspect_refresh_token(
        &self,
        ctx: &Ctx,
        caller: &Client,
        text: &str,
    ) -> Result<Introspection, Fault> {
        let mut reader = self.database.read_check().await?;
        let position = u64::try_from(storage::revocations::head(&mut reader).await?).unwrap_or(0);
        let inactive = Introspection {
            response: IntrospectionResponse::Inactive,
            json: None,
            position,
        };
        let found = storage::refresh_tokens::find(&mut reader, &SecretDigest::of(text)).await?;
        let Some(token) = found.filter(|token| token.rotation.is_none() && ctx.now < token.expires_at) else {
            return Ok(inactive);
        };
        let grant = storage::grants::find(&mut reader, token.grant_id).await?;
        let Some(grant) = grant.filter(|grant| grant.is_live(ctx.now) && grant.client_id == caller.id) else {
            return Ok(inactive);
        };
        let response = IntrospectionResponse::Active(Arc::new(ActiveToken {
            scope: Some(grant.scopes),
            client_id: Some(grant.client_id.to_string()),
            token_type: Some("refresh_token".to_owned()),
            exp: Some(token.expires_at.as_seconds()),
            iat: Some(token.created_at.as_seconds()),
            sub: Some(grant.user_id.to_string()),
            aud: Some(Audience::One(self.settings.issuer.clone())),
            iss: Some(self.settings.issuer.clone()),
            grant_id: Some(grant.id.to_string()),
            cnf: token.confirmation.or_none(),
            ..ActiveToken::default()
        }));
        Ok(Introspection {
            response,
            json: None,
            position,
        })
    }
}

/// Its own client, a resource server the token is meant for, or a proxy.
pub(super) fn may_see(caller: &Client, facts: &TokenFacts) -> bool {
    let meant_for_caller = || {
        facts
            .audience
            .iter()
            .any(|audience| caller.settings.introspects.contains(audience))
    };
    caller.settings.proxy || facts.client_id == caller.id || meant_for_caller()
}
