//! `grant_type=refresh_token` (RFC 6749 §6, RFC 9700 §4.14).
//! Refuses two live branches: many callers with one token get one successor, and a thief's copy ends the family.

use model::access_token::OpaqueAccessToken;
use model::audit::Actor;
use model::grant::{Grant, GrantEnd};
use model::refresh_token::{RefreshToken, RefreshVerdict, Rotation};
use model::{ClientId, Ctx, PlainSecret, SecretDigest, SessionId};
use oauth::error::OAuthError;
use oauth::opaque::{self, OpaqueKind};
use oauth::scope::ScopeSet;
use oauth::token::TokenResponse;
use serde_json::json;
use storage::Script;
use storage::granted::Granted;

use super::authorization_code::store_tokens;
use super::binding::Holder;
use super::{TokenError, invalid_grant};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::oauth::account::principal;
use crate::oauth::is_first_party;

const SEAL_PURPOSE: &str = "refresh-successor";

/// What the client asks to be narrowed.
pub(super) struct Wish {
    pub scope: Option<ScopeSet>,
    pub resource: Vec<String>,
}

/// A rotation that is ready to be stored, if nobody was first.
struct Successor {
    client: ClientId,
    token: RefreshToken,
    rotation: Rotation,
    /// Of somebody signed in with us: it lives on by being renewed.
    session: Option<SessionId>,
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
        holder: Holder<'_>,
        text: &str,
        wish: Wish,
    ) -> Result<TokenResponse, TokenError> {
        if opaque::parse(text) != Some(OpaqueKind::RefreshToken) {
            return Err(invalid_grant());
        }
        let mut reader = self.database.read().await?;
        let digest = SecretDigest::of(text);
        let found = storage::granted::find_refresh_token(&mut reader, &digest).await?;
        let Granted {
            presented: token,
            grant,
            person,
        } = found.ok_or_else(invalid_grant)?;
        let user = principal(&mut reader, person, grant.user_id)
            .await?
            .ok_or_else(invalid_grant)?;
        drop(reader);
        let client = holder.client;
        // Another client's token: nothing happens to its owner (O12).
        if grant.client_id != client.id || !grant.is_live(ctx.now) || user.disabled_at().is_some() {
            return Err(invalid_grant());
        }
        // RFC 9449 §5: of another key's holder, too; nothing happens to its owner.
        if !holder.holds(&token.confirmation) {
            return Err(invalid_grant());
        }
        let scopes = narrowed(&grant, wish.scope)?;
        let account = self.account_of_grant(ctx, &grant, &user).await?;
        let mut minted = self.mint_for_grant(ctx, (holder, &grant, account), scopes, &wish.resource)?;
        let (fresh, successor) = self.successor(ctx, holder, &grant, &token)?;
        let presented = self.present(ctx, token, successor, minted.row.take()).await?;
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
        let mut response = self.respond(ctx, (client, &grant, user.person()), minted, None)?;
        response.refresh_token = Some(refresh_text.into_text());
        Ok(response)
    }

    fn successor(
        &self,
        ctx: &Ctx,
        holder: Holder<'_>,
        grant: &Grant,
        token: &RefreshToken,
    ) -> Result<(PlainSecret, Successor), Fault> {
        let text = PlainSecret::generate(OpaqueKind::RefreshToken, ctx.random.as_ref());
        let client = holder.client;
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
            confirmation: holder.of_successor(&token.confirmation),
        };
        let client = client.id.clone();
        let session = grant.bound_session().filter(|_| is_first_party(&client));
        Ok((
            text,
            Successor {
                client,
                token,
                rotation,
                session,
            },
        ))
    }

    fn unseal(&self, sealed: &[u8]) -> Result<PlainSecret, Fault> {
        let plain = self.sealer.open(SEAL_PURPOSE, sealed)?;
        let text = std::str::from_utf8(&plain).map_err(|_| Fault::Sealed("successor is not text"))?;
        Ok(PlainSecret::new(text))
    }

    /// Rotates the token if it is the live leaf; else says what presenting it means.
    async fn present(
        &self,
        ctx: &Ctx,
        token: RefreshToken,
        successor: Successor,
        access_token: Option<OpaqueAccessToken>,
    ) -> Result<Presentation, Fault> {
        let is_leaf =
            token.judge(false, self.settings.tokens.refresh_grace, ctx.now) == RefreshVerdict::Rotate;
        let access_token = access_token.as_ref();
        if is_leaf && self.rotate(ctx, &token, &successor, access_token).await? {
            return Ok(Presentation::Rotated);
        }
        self.judge_again(ctx, &token.digest, access_token).await
    }

    /// Whoever is first rotates; false, and nothing changed, for everybody else.
    async fn rotate(
        &self,
        ctx: &Ctx,
        token: &RefreshToken,
        successor: &Successor,
        access_token: Option<&OpaqueAccessToken>,
    ) -> Result<bool, Fault> {
        let mut script = Script::default();
        storage::refresh_tokens::rotate(&mut script, token, &successor.rotation).await?;
        store_tokens(&mut script, Some(&successor.token), access_token).await?;
        if let Some(session) = successor.session {
            storage::sessions::touch(&mut script, session, ctx.now, successor.token.expires_at).await?;
        }
        let happened = Happened {
            actor: Actor::Client(successor.client.clone()),
            action: "refresh_token.rotated",
            target: Some(token.grant_id.to_string()),
            detail: json!({"generation": successor.token.generation}),
        };
        record(&mut script, ctx, happened).await?;
        Ok(self.database.apply(script).await?)
    }

    /// What presenting the token means now that it is no leaf: its row says who was first, and when.
    async fn judge_again(
        &self,
        ctx: &Ctx,
        digest: &SecretDigest,
        access_token: Option<&OpaqueAccessToken>,
    ) -> Result<Presentation, Fault> {
        let mut reader = self.database.read().await?;
        let Some(token) = storage::refresh_tokens::find(&mut reader, digest).await? else {
            return Ok(Presentation::Expired);
        };
        let used = match &token.rotation {
            Some(rotation) => storage::refresh_tokens::is_rotated(&mut reader, &rotation.successor).await?,
            None => false,
        };
        drop(reader);
        match token.judge(used, self.settings.tokens.refresh_grace, ctx.now) {
            RefreshVerdict::Expired | RefreshVerdict::Rotate => Ok(Presentation::Expired),
            RefreshVerdict::Stolen => Ok(Presentation::Stolen),
            RefreshVerdict::Repeat => {
                if access_token.is_some() {
                    let mut script = Script::default();
                    store_tokens(&mut script, None, access_token).await?;
                    self.database.apply(script).await?;
                }
                let sealed = token.rotation.map(|rotation| rotation.successor_sealed);
                Ok(Presentation::Repeated(sealed.unwrap_or_default()))
            }
        }
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
