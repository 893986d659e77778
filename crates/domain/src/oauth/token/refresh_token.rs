//! `grant_type=refresh_token` (RFC 6749 §6, RFC 9700 §4.14).
//! Refuses two live branches: many callers with one token get one successor, and a thief's copy ends the family.

use model::access_token::OpaqueAccessToken;
use model::audit::Actor;
use model::client::Client;
use model::grant::{Grant, GrantEnd};
use model::refresh_token::{RefreshToken, RefreshVerdict, Rotation};
use model::{Ctx, PlainSecret, SecretDigest};
use oauth::error::OAuthError;
use oauth::opaque::{self, OpaqueKind};
use oauth::scope::ScopeSet;
use oauth::token::TokenResponse;
use serde_json::json;
use storage::Writer;

use super::authorization_code::store_tokens;
use super::{TokenError, invalid_grant};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;

const SEAL_PURPOSE: &str = "refresh-successor";

/// What the client asks to be narrowed.
pub(super) struct Wish {
    pub scope: Option<ScopeSet>,
    pub resource: Vec<String>,
}

/// A rotation that is ready to be stored, if nobody was first.
struct Successor {
    token: RefreshToken,
    rotation: Rotation,
}

/// How presenting the token ended.
enum Presentation {
    Rotated,
    /// Somebody rotated it a moment ago: their successor, sealed.
    Repeated(Vec<u8>),
    Stolen,
    Expired,
}

impl Authority {
    pub(super) async fn refresh(
        &self,
        ctx: &Ctx,
        client: &Client,
        text: &str,
        wish: Wish,
    ) -> Result<TokenResponse, TokenError> {
        if opaque::parse(text) != Some(OpaqueKind::RefreshToken) {
            return Err(invalid_grant());
        }
        let mut reader = self.database.read().await?;
        let digest = SecretDigest::of(text);
        let token = storage::refresh_tokens::find(&mut reader, &digest)
            .await?
            .ok_or_else(invalid_grant)?;
        let grant = storage::grants::find(&mut reader, token.grant_id)
            .await?
            .ok_or_else(invalid_grant)?;
        let user = storage::users::find_by_id(&mut reader, grant.user_id)
            .await?
            .ok_or_else(invalid_grant)?;
        drop(reader);
        // Another client's token: nothing happens to its owner (O12).
        if grant.client_id != client.id || !grant.is_live(ctx.now) || user.disabled_at.is_some() {
            return Err(invalid_grant());
        }
        let scopes = narrowed(&grant, wish.scope)?;
        let mut minted = self.mint_for_grant(ctx, (client, &grant), scopes, &wish.resource)?;
        let (fresh, successor) = self.successor(ctx, client, &grant, &token)?;
        let presented = self
            .present(ctx, &grant, token, successor, minted.row.take())
            .await?;
        let refresh_text = match presented {
            Presentation::Rotated => fresh,
            Presentation::Repeated(sealed) => self.unseal(&sealed)?,
            Presentation::Expired => return Err(invalid_grant()),
            Presentation::Stolen => {
                let actor = Actor::Client(client.id.clone());
                self.end_grant(ctx, grant.id, GrantEnd::RefreshTokenReplayed, actor)
                    .await?;
                return Err(invalid_grant());
            }
        };
        // OIDC Core §12.2: no nonce, the original auth_time.
        let mut response = self.respond(ctx, (client, &grant, &user), minted, None)?;
        response.refresh_token = Some(refresh_text.into_text());
        Ok(response)
    }

    fn successor(
        &self,
        ctx: &Ctx,
        client: &Client,
        grant: &Grant,
        token: &RefreshToken,
    ) -> Result<(PlainSecret, Successor), Fault> {
        let text = PlainSecret::generate(OpaqueKind::RefreshToken, ctx.random.as_ref());
        let ttl = client.refresh_ttl(self.settings.tokens.refresh_ttl);
        let successor_sealed =
            self.sealer
                .seal(SEAL_PURPOSE, text.expose().as_bytes(), ctx.random.as_ref())?;
        let rotation = Rotation {
            at: ctx.now,
            successor: text.digest(),
            successor_sealed,
        };
        let token = RefreshToken {
            digest: text.digest(),
            grant_id: grant.id,
            generation: token.generation.saturating_add(1),
            created_at: ctx.now,
            // Sliding, but never past the grant's absolute end (O17).
            expires_at: ctx.now.plus(ttl).min(grant.expires_at),
            rotation: None,
        };
        Ok((text, Successor { token, rotation }))
    }

    fn unseal(&self, sealed: &[u8]) -> Result<PlainSecret, Fault> {
        let plain = self.sealer.open(SEAL_PURPOSE, sealed)?;
        let text = std::str::from_utf8(&plain).map_err(|_| Fault::Sealed("successor is not text"))?;
        Ok(PlainSecret::new(text))
    }

    /// Rotates the token if it is the live leaf; else says what presenting it means. One transaction.
    async fn present(
        &self,
        ctx: &Ctx,
        grant: &Grant,
        token: RefreshToken,
        successor: Successor,
        access_token: Option<OpaqueAccessToken>,
    ) -> Result<Presentation, Fault> {
        let (at, client, grace) = (
            ctx.clone(),
            grant.client_id.clone(),
            self.settings.tokens.refresh_grace,
        );
        let presented = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move {
                // Judged again inside the transaction: whoever is first decides, whoever is second sees it.
                let current = storage::refresh_tokens::find(w, &token.digest)
                    .await?
                    .unwrap_or(token);
                let used = successor_is_used(w, &current).await?;
                match current.judge(used, grace, at.now) {
                    RefreshVerdict::Expired => return Ok(Presentation::Expired),
                    RefreshVerdict::Stolen => return Ok(Presentation::Stolen),
                    RefreshVerdict::Repeat => {
                        store_tokens(w, None, access_token.as_ref()).await?;
                        let sealed = current.rotation.map(|rotation| rotation.successor_sealed);
                        return Ok(Presentation::Repeated(sealed.unwrap_or_default()));
                    }
                    RefreshVerdict::Rotate => {}
                }
                if !storage::refresh_tokens::rotate(w, &current, &successor.rotation).await? {
                    return repeated_after_race(w, &current.digest).await;
                }
                store_tokens(w, Some(&successor.token), access_token.as_ref()).await?;
                let (actor, target) = (Actor::Client(client), Some(current.grant_id.to_string()));
                let detail = json!({"generation": successor.token.generation});
                record(
                    w,
                    &at,
                    Happened {
                        actor,
                        action: "refresh_token.rotated",
                        target,
                        detail,
                    },
                )
                .await?;
                Ok(Presentation::Rotated)
            })
        });
        presented.await
    }
}

/// PostgreSQL let another transaction rotate between our read and our update: it is a moment ago.
async fn repeated_after_race(w: &mut Writer, digest: &SecretDigest) -> Result<Presentation, Fault> {
    let current = storage::refresh_tokens::find(w, digest).await?;
    let Some(rotation) = current.and_then(|token| token.rotation) else {
        return Ok(Presentation::Expired);
    };
    if storage::refresh_tokens::is_rotated(w, &rotation.successor).await? {
        return Ok(Presentation::Stolen);
    }
    Ok(Presentation::Repeated(rotation.successor_sealed))
}

async fn successor_is_used(w: &mut Writer, token: &RefreshToken) -> Result<bool, Fault> {
    match &token.rotation {
        Some(rotation) => Ok(storage::refresh_tokens::is_rotated(w, &rotation.successor).await?),
        None => Ok(false),
    }
}

/// The scopes of this access token; the grant itself keeps what was authorized (RFC 6749 §6).
fn narrowed(grant: &Grant, wish: Option<ScopeSet>) -> Result<ScopeSet, OAuthError> {
    match wish {
        None => Ok(grant.scopes.clone()),
        Some(scopes) if scopes.is_subset(&grant.scopes) => Ok(scopes),
        Some(_) => Err(OAuthError::invalid_scope(
            "A refresh can't widen what was granted",
        )),
    }
}
