//! From the text of a key to what it may do now.
//! Refuses to look anything up for a text whose checksum or signature is wrong, and a JWT without its prefix.

use jose::{Algorithm, Policy};
use model::api_key::{Addresses, ApiKeyId, KeyKind, Repositories};
use model::iam::TokenAccount;
use model::{Ctx, SecretDigest, Timestamp};
use storage::api_keys::KeyInUse;

use super::held::still_held;
use crate::authority::Authority;
use crate::fault::Fault;
use crate::oauth::{ACCESS_TOKEN_TYPE, TokenFacts};

/// What is known of a key beyond what every token has.
#[derive(Clone, Debug)]
pub struct KeyFacts {
    pub kind: KeyKind,
    pub repositories: Repositories,
    pub addresses: Addresses,
    /// As the database knew it.
    pub last_used_at: Option<Timestamp>,
}

impl Authority {
    /// The facts of a live key, with the scopes that its maker may still give; nothing for every other text. At most one
    /// indexed read.
    pub(crate) async fn key_facts(&self, ctx: &Ctx, text: &str) -> Result<Option<TokenFacts>, Fault> {
        if self.recognise_key(text, ctx.now).is_none() {
            return Ok(None);
        }
        let mut reader = self.database.read_check().await?;
        let found = storage::api_keys::find_in_use(&mut reader, &SecretDigest::of(text)).await?;
        drop(reader);
        Ok(found.and_then(|found| self.facts_of_key(ctx, found)))
    }

    /// Whether the text was made here as a key, by checksum or signature alone.
    pub(crate) fn recognise_key(&self, text: &str, now: Timestamp) -> Option<KeyKind> {
        let prefixes = &self.settings.api_keys.prefixes;
        let kind = KeyKind::ALL
            .into_iter()
            .find(|kind| text.starts_with(prefixes.of(*kind).as_str()))?;
        let prefix = prefixes.of(kind);
        let genuine = match kind {
            KeyKind::Token => prefix
                .strip(text)
                .is_some_and(|jwt| self.key_in_jwt(jwt, now).is_some()),
            KeyKind::Api | KeyKind::Cli | KeyKind::Service | KeyKind::Admin => prefix.is_random_key(text),
        };
        genuine.then_some(kind)
    }

    /// The id of the key whose inside this JWT is.
    fn key_in_jwt(&self, jwt: &str, now: Timestamp) -> Option<ApiKeyId> {
        if !jose::looks_like_jws(jwt) {
            return None;
        }
        let policy = Policy {
            types: &[ACCESS_TOKEN_TYPE],
            algorithms: &Algorithm::ALL,
            issuer: Some(&self.settings.issuer),
            require_exp: false,
            leeway: self.leeway_seconds(),
            ..Policy::at(now.as_seconds())
        };
        let claims = jose::verify(jwt, self.keys.snapshot().verifiers(), &policy).ok()?;
        let id = claims.text("jti")?;
        (claims.text("key_id") == Some(id)).then(|| id.parse().ok())?
    }

    fn facts_of_key(&self, ctx: &Ctx, found: KeyInUse) -> Option<TokenFacts> {
        let KeyInUse {
            key,
            role,
            disabled,
            leaving,
            account_id,
        } = found;
        let scopes = still_held(&self.settings.api_keys, (key.user_id, role), &key.permissions);
        if !key.is_live(ctx.now) || disabled || leaving || scopes.is_empty() {
            return None;
        }
        Some(TokenFacts {
            id: key.id,
            client_id: key.kind.client_id().parse().ok()?,
            user_id: Some(key.user_id),
            session_id: None,
            grant_id: None,
            key_id: Some(key.id),
            scopes,
            audience: self.key_audience(),
            issued_at: key.created_at,
            expires_at: key.expires_at,
            acr: None,
            amr: None,
            auth_time: None,
            rate_limit: key.rate_limit,
            confirmation: oauth::confirmation::Confirmation::default(),
            session_policy: None,
            key: Some(KeyFacts {
                kind: key.kind,
                repositories: key.repositories,
                addresses: key.addresses,
                last_used_at: key.last_used_at,
            }),
            account: account_id.map(TokenAccount::own),
        })
    }
}
