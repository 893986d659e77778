//! `grant_type=authorization_code` (RFC 6749 §4.1.3).
//! Refuses a second use, and then ends everything that came from the code.

use model::access_token::OpaqueAccessToken;
use model::audit::Actor;
use model::client::{Client, GrantType};
use model::code::CodeRefusal;
use model::grant::{Grant, GrantEnd};
use model::refresh_token::RefreshToken;
use model::user::User;
use model::{Ctx, PlainSecret, SecretDigest};
use oauth::confirmation::Confirmation;
use oauth::opaque::{self, OpaqueKind};
use oauth::pkce::CodeVerifier;
use oauth::token::TokenResponse;
use serde_json::json;
use storage::{Perform, Script, StorageError};

use super::binding::Holder;
use super::{TokenError, invalid_grant};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::settings::TokenSettings;

/// What the client sends along with the code.
pub(super) struct Presented {
    pub redirect_uri: Option<String>,
    pub code_verifier: Option<CodeVerifier>,
    pub resource: Vec<String>,
}

/// What must be remembered with the consumption of a code.
struct Redemption {
    code: SecretDigest,
    refresh_token: Option<RefreshToken>,
    access_token: Option<OpaqueAccessToken>,
}

impl Authority {
    pub(super) async fn redeem_code(
        &self,
        ctx: &Ctx,
        holder: Holder<'_>,
        text: &str,
        presented: Presented,
    ) -> Result<TokenResponse, TokenError> {
        if opaque::parse(text) != Some(OpaqueKind::AuthorizationCode) {
            return Err(invalid_grant());
        }
        let mut reader = self.database.read().await?;
        let digest = SecretDigest::of(text);
        let Some(found) = storage::granted::find_code(&mut reader, &digest).await? else {
            return Err(invalid_grant());
        };
        let (code, grant) = (found.presented, found.grant);
        let user = found.person.ok_or_else(invalid_grant)?;
        drop(reader);
        let uri = presented.redirect_uri.as_deref();
        let verdict = code.judge(&holder.client.id, uri, presented.code_verifier.as_ref(), ctx.now);
        // RFC 9449 §10.
        let fits = code.fits_key(holder.jkt());
        match verdict {
            Ok(()) if fits && grant.is_live(ctx.now) && user.disabled_at.is_none() => {}
            Err(CodeRefusal::Replayed) => return self.end_replayed(ctx, &grant).await,
            Ok(()) | Err(_) => return Err(invalid_grant()),
        }
        self.exchange(ctx, (holder, &grant, &user), digest, &presented.resource)
            .await
    }

    async fn exchange(
        &self,
        ctx: &Ctx,
        (holder, grant, user): (Holder<'_>, &Grant, &User),
        code: SecretDigest,
        resource: &[String],
    ) -> Result<TokenResponse, TokenError> {
        let client = holder.client;
        let mut minted = self.mint_for_grant(ctx, (holder, grant, None), grant.scopes.clone(), resource)?;
        let refresh = client.may_use(GrantType::RefreshToken).then(|| {
            first_refresh_token(
                &self.settings.tokens,
                ctx,
                (client, grant),
                holder.of_refresh_token(),
            )
        });
        let (refresh_text, refresh_token) = refresh.unzip();
        let redemption = Redemption {
            code,
            refresh_token,
            access_token: minted.row.take(),
        };
        let mut response = self.respond(ctx, (client, grant, Some(user)), minted, grant.nonce.as_deref())?;
        response.refresh_token = refresh_text.map(PlainSecret::into_text);
        if self.store_redemption(ctx, grant, redemption).await? {
            Ok(response)
        } else {
            self.end_replayed(ctx, grant).await
        }
    }

    /// Consumes the code and stores what was minted for it; false when another request consumed it first.
    async fn store_redemption(
        &self,
        ctx: &Ctx,
        grant: &Grant,
        redemption: Redemption,
    ) -> Result<bool, Fault> {
        let mut script = Script::default();
        storage::codes::consume(&mut script, &redemption.code, ctx.now);
        let (refresh_token, access_token) = (&redemption.refresh_token, &redemption.access_token);
        store_tokens(&mut script, refresh_token.as_ref(), access_token.as_ref()).await?;
        let happened = Happened {
            actor: Actor::Client(grant.client_id.clone()),
            action: "code.redeemed",
            target: Some(grant.id.to_string()),
            detail: json!({}),
        };
        record(&mut script, ctx, happened).await?;
        Ok(self.database.apply(script).await?)
    }

    /// RFC 6749 §4.1.2: a code used twice ends all that was issued from it. Committed before the refusal is answered.
    async fn end_replayed(&self, ctx: &Ctx, grant: &Grant) -> Result<TokenResponse, TokenError> {
        let actor = Actor::Client(grant.client_id.clone());
        self.end_grant(ctx, grant.id, GrantEnd::CodeReplayed, actor)
            .await?;
        Err(invalid_grant())
    }
}

/// The beginning of a grant's chain.
pub(in crate::oauth) fn first_refresh_token(
    tokens: &TokenSettings,
    ctx: &Ctx,
    (client, grant): (&Client, &Grant),
    confirmation: Confirmation,
) -> (PlainSecret, RefreshToken) {
    let text = PlainSecret::generate(OpaqueKind::RefreshToken, ctx.random.as_ref());
    let ttl = client.refresh_ttl(tokens.refresh_ttl);
    let row = RefreshToken {
        digest: text.digest(),
        grant_id: grant.id,
        generation: 0,
        created_at: ctx.now,
        expires_at: ctx.now.plus(ttl).min(grant.expires_at),
        rotation: None,
        confirmation,
    };
    (text, row)
}

pub(in crate::oauth) async fn store_tokens(
    w: &mut impl Perform,
    refresh_token: Option<&RefreshToken>,
    access_token: Option<&OpaqueAccessToken>,
) -> Result<(), StorageError> {
    if let Some(token) = refresh_token {
        storage::refresh_tokens::insert(w, token).await?;
    }
    if let Some(token) = access_token {
        storage::access_tokens::insert(w, token).await?;
    }
    Ok(())
}
