//! Ending tokens and grants (RFC 7009), and telling the proxies.
//! Refuses to touch what was issued to another client; says 200 to anything unknown.

use model::audit::Actor;
use model::client::Client;
use model::grant::{Grant, GrantEnd};
use model::revocation::RevocationTarget;
use model::{AccessTokenId, ClientId, Ctx, GrantId, SecretDigest, UserId};
use oauth::opaque::{self, OpaqueKind};
use serde_json::json;

use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::revocation;

impl Authority {
    /// Ends the token, whatever the hint says. A refresh token takes its whole grant along (RFC 7009 §2.1).
    ///
    /// # Errors
    /// Only faults: unknown, expired and foreign tokens are none of the caller's business.
    pub async fn revoke_token(&self, ctx: &Ctx, client: &Client, text: &str) -> Result<(), Fault> {
        match opaque::parse(text) {
            Some(OpaqueKind::RefreshToken) => self.revoke_refresh_token(ctx, client, text).await,
            Some(OpaqueKind::AccessToken) => {
                let mut reader = self.database.read().await?;
                let found = storage::access_tokens::find(&mut reader, &SecretDigest::of(text)).await?;
                drop(reader);
                match found.filter(|token| token.client_id == client.id && ctx.now < token.expires_at) {
                    Some(token) => self.revoke_access_token(ctx, client, token.id).await,
                    None => Ok(()),
                }
            }
            Some(_) => Ok(()),
            None => match self.verify_access_token(text, ctx.now) {
                Some(facts) if facts.client_id == client.id => {
                    self.revoke_access_token(ctx, client, facts.id).await
                }
                Some(_) => Ok(()),
                None => self.revoke_presented_key(ctx, client, text).await,
            },
        }
    }

    async fn revoke_refresh_token(&self, ctx: &Ctx, client: &Client, text: &str) -> Result<(), Fault> {
        let grant = self.grant_of_refresh_token(text).await?;
        match grant.filter(|grant| grant.client_id == client.id) {
            Some(grant) => {
                self.end_grant(ctx, grant.id, GrantEnd::Revoked, Actor::Client(client.id.clone()))
                    .await
            }
            None => Ok(()),
        }
    }

    /// The grant in whose chain a refresh token is or was.
    pub(crate) async fn grant_of_refresh_token(&self, text: &str) -> Result<Option<Grant>, Fault> {
        if opaque::parse(text) != Some(OpaqueKind::RefreshToken) {
            return Ok(None);
        }
        let mut reader = self.database.read().await?;
        match storage::refresh_tokens::find(&mut reader, &SecretDigest::of(text)).await? {
            Some(token) => Ok(storage::grants::find(&mut reader, token.grant_id).await?),
            None => Ok(None),
        }
    }

    async fn revoke_access_token(&self, ctx: &Ctx, client: &Client, id: AccessTokenId) -> Result<(), Fault> {
        let happened = Happened {
            actor: Actor::Client(client.id.clone()),
            action: "access_token.revoked",
            target: Some(id.to_string()),
            detail: json!({}),
        };
        let (authority, at) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move {
                record(w, &at, happened).await?;
                revocation::append(w, &authority.settings, &at, RevocationTarget::Token(id)).await?;
                Ok(())
            })
        });
        work.await?;
        self.catch_up().await?;
        Ok(())
    }

    /// Ends a grant with everything that came from it. Ending it again changes nothing.
    ///
    /// # Errors
    /// Storage.
    pub async fn end_grant(&self, ctx: &Ctx, id: GrantId, why: GrantEnd, actor: Actor) -> Result<(), Fault> {
        let happened = Happened {
            actor,
            action: "grant.ended",
            target: Some(id.to_string()),
            detail: json!({"reason": why.as_str()}),
        };
        let (authority, at) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move {
                if storage::grants::end(w, id, why, at.now).await? {
                    record(w, &at, happened).await?;
                    revocation::append(w, &authority.settings, &at, RevocationTarget::Grant(id)).await?;
                }
                Ok(())
            })
        });
        work.await?;
        self.catch_up().await?;
        Ok(())
    }

    /// Withdraws what a user has allowed a client: the consent and every grant given under it; false when there was
    /// nothing.
    ///
    /// # Errors
    /// Storage.
    pub async fn withdraw_consent(&self, ctx: &Ctx, user: UserId, client: &ClientId) -> Result<bool, Fault> {
        let (authority, at, client) = (self.clone(), ctx.clone(), client.clone());
        let work = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move {
                let withdrawn = storage::consents::delete(w, user, &client).await?;
                let why = GrantEnd::ConsentWithdrawn;
                let grants = storage::grants::end_of_user_and_client(w, (user, &client), why, at.now).await?;
                if !withdrawn && grants.is_empty() {
                    return Ok(false);
                }
                let happened = Happened {
                    actor: Actor::User(user),
                    action: "consent.withdrawn",
                    target: Some(client.to_string()),
                    detail: json!({"grants": grants.len()}),
                };
                record(w, &at, happened).await?;
                for grant in grants {
                    revocation::append(w, &authority.settings, &at, RevocationTarget::Grant(grant)).await?;
                }
                Ok(true)
            })
        });
        let withdrawn = work.await?;
        self.catch_up().await?;
        Ok(withdrawn)
    }
}
