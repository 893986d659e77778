//! Whether a presented access token stands: ours, of the right kind, unexpired, and nothing it hangs on has ended.
//! Refuses to write, and to ask the database twice about the same token.

use std::net::IpAddr;
use std::sync::Arc;

use jose::{Algorithm, Claims, Policy};
use model::api_key::ApiKeyId;
use model::iam::TokenAccount;
use model::{AccessTokenId, ClientId, Ctx, GrantId, SecretDigest, SessionId, Timestamp, UserId};
use oauth::confirmation::Confirmation;
use oauth::opaque::{self, OpaqueKind};
use oauth::scope::ScopeSet;
use storage::Reader;

use super::known_tokens::KnownToken;
use crate::api_keys::KeyFacts;
use crate::authority::Authority;
use crate::fault::Fault;

pub(crate) const ACCESS_TOKEN_TYPE: &str = "at+jwt";
/// The `principal_type` of an IAM user.
pub(super) const IAM: &str = "iam";

/// What an access token says, whichever form it has.
#[derive(Clone, Debug)]
pub struct TokenFacts {
    pub id: AccessTokenId,
    pub client_id: ClientId,
    pub user_id: Option<UserId>,
    pub session_id: Option<SessionId>,
    pub grant_id: Option<GrantId>,
    /// The API key that it is or was exchanged for; it can't outlive it.
    pub key_id: Option<ApiKeyId>,
    pub scopes: ScopeSet,
    pub audience: Vec<String>,
    pub issued_at: Timestamp,
    /// [`Timestamp::FAR_FUTURE`] for a key that never ends.
    pub expires_at: Timestamp,
    pub acr: Option<String>,
    pub amr: Option<Vec<String>>,
    pub auth_time: Option<i64>,
    /// Requests a minute that the key may make which this is or was exchanged for, where it has a figure of its own.
    pub rate_limit: Option<u32>,
    /// The key whose holder alone may use it.
    pub confirmation: Confirmation,
    /// A policy document that narrows what it can do (V07).
    pub session_policy: Option<Box<str>>,
    /// Present when it is an API key itself.
    pub key: Option<KeyFacts>,
    /// The account it acts in; none for applications.
    pub account: Option<TokenAccount>,
}

impl TokenFacts {
    /// The `sub` of the token: the user, or the client for itself.
    pub fn subject(&self) -> String {
        self.user_id
            .map_or_else(|| self.client_id.to_string(), |user| user.to_string())
    }

    /// The key it is, or was exchanged for, and how many requests a minute that may make, where it has a figure.
    pub fn own_limit(&self) -> Option<(ApiKeyId, u32)> {
        self.key_id.zip(self.rate_limit)
    }

    /// Whether it may be used from there; only keys are particular about that, and only where the address is known.
    pub fn allows(&self, address: Option<IpAddr>) -> bool {
        let key = self.key.as_ref();
        key.zip(address)
            .is_none_or(|(key, address)| key.addresses.allow(address))
    }
}

/// The facts of a live token, or nothing; and the position of the revocation log this was read at.
pub struct Standings {
    pub facts: Option<Arc<KnownToken>>,
    pub position: u64,
}

impl Authority {
    /// Looks at a text that somebody presents as an access token.
    ///
    /// # Errors
    /// Storage. A text that is no live access token is not an error.
    pub(crate) async fn access_token_standing(&self, ctx: &Ctx, text: &str) -> Result<Standings, Fault> {
        if self.is_forged_key(text, ctx.now) {
            let position = self.log().position();
            return Ok(Standings {
                facts: None,
                position,
            });
        }
        self.keep_up().await?;
        let Some(facts) = self.token_facts(ctx, text).await? else {
            let position = self.log().position();
            return Ok(Standings {
                facts: None,
                position,
            });
        };
        // Judged after the facts were read: what is revoked from now on has a higher position and is the caller's to fence.
        let verdict = self.log().verdict(&facts.keys(), facts.read_at());
        let live = !verdict.killed && ctx.now < facts.expires_at;
        if let (true, Some(key)) = (live, &facts.key) {
            self.key_activity().note(facts.id, key.last_used_at, ctx.now);
        }
        Ok(Standings {
            facts: live.then_some(facts),
            position: verdict.position,
        })
    }

    /// K02: a text with the prefix of a key that nobody here has made is worth no query, not even for what is new.
    fn is_forged_key(&self, text: &str, now: Timestamp) -> bool {
        let settings = &self.settings.api_keys;
        if !settings.prefixes.begin(text) {
            return false;
        }
        let generation = self.keys.snapshot().generation;
        let known = self.known_tokens().get(&SecretDigest::of(text), generation);
        known.is_none() && self.recognise_key(text, now).is_none()
    }

    /// What the token says, whether or not it has ended since; remembered, because it never changes.
    async fn token_facts(&self, ctx: &Ctx, text: &str) -> Result<Option<Arc<KnownToken>>, Fault> {
        let digest = SecretDigest::of(text);
        let generation = self.keys.snapshot().generation;
        if let Some(facts) = self.known_tokens().get(&digest, generation)
            && !self.is_outdated(&facts)
        {
            return Ok(Some(facts));
        }
        let position = self.log().position();
        let found = Box::pin(self.find_facts(ctx, text, &digest)).await?;
        let found = found.map(|facts| Arc::new(KnownToken::new(facts, &self.settings.issuer, position)));
        if let Some(facts) = &found {
            self.known_tokens().remember(digest, generation, facts.clone());
        }
        Ok(found)
    }

    async fn find_facts(
        &self,
        ctx: &Ctx,
        text: &str,
        digest: &SecretDigest,
    ) -> Result<Option<TokenFacts>, Fault> {
        match opaque::parse(text) {
            Some(OpaqueKind::AccessToken) => {
                let mut reader = self.database.read_check().await?;
                find_opaque(&mut reader, digest).await
            }
            Some(_) => Ok(None),
            None => match self.verify_access_token(text, ctx.now) {
                Some(facts) => Ok(Some(facts)),
                None => self.key_facts(ctx, text).await,
            },
        }
    }

    /// What a key may do changes with its owner: once something it hangs on was touched, it is read anew.
    fn is_outdated(&self, facts: &KnownToken) -> bool {
        facts.key.is_some() && self.log().verdict(&facts.keys(), facts.read_at()).killed
    }

    /// The facts of one of our JWT access tokens, signature and times checked (RFC 9068 §4).
    pub(super) fn verify_access_token(&self, text: &str, now: Timestamp) -> Option<TokenFacts> {
        if !jose::looks_like_jws(text) {
            return None;
        }
        let policy = Policy {
            types: &[ACCESS_TOKEN_TYPE],
            algorithms: &Algorithm::ALL,
            issuer: Some(&self.settings.issuer),
            leeway: self.leeway_seconds(),
            ..Policy::at(now.as_seconds())
        };
        let claims = jose::verify(text, self.keys.snapshot().verifiers(), &policy).ok()?;
        facts(&claims)
    }
}

async fn find_opaque(reader: &mut Reader, digest: &SecretDigest) -> Result<Option<TokenFacts>, Fault> {
    let Some(token) = storage::access_tokens::find(reader, digest).await? else {
        return Ok(None);
    };
    let grant = match token.grant_id {
        Some(id) => storage::grants::find(reader, id).await?,
        None => None,
    };
    let chosen = grant.as_ref().is_some_and(|grant| grant.account_id.is_some());
    let authentication = grant.map(|grant| grant.authentication);
    let account = match (token.account_id, token.user_id) {
        (Some(id), Some(user)) => Some(TokenAccount {
            id,
            chosen,
            iam_user: storage::iam_users::find_by_id(reader, user)
                .await?
                .map(|user| user.name),
        }),
        _ => None,
    };
    Ok(Some(TokenFacts {
        id: token.id,
        client_id: token.client_id,
        user_id: token.user_id,
        session_id: token.session_id,
        grant_id: token.grant_id,
        key_id: None,
        scopes: token.scopes,
        audience: token.audience,
        issued_at: token.issued_at,
        expires_at: token.expires_at,
        acr: authentication.as_ref().map(|event| event.acr.clone()),
        amr: authentication.as_ref().map(|event| event.amr.clone()),
        auth_time: authentication.as_ref().map(|event| event.at.as_seconds()),
        rate_limit: None,
        confirmation: token.confirmation,
        session_policy: None,
        key: None,
        account,
    }))
}

fn facts(claims: &Claims) -> Option<TokenFacts> {
    let id = claims.text("jti")?;
    let key_id = claims.text("key_id");
    if key_id == Some(id) {
        // The inside of a key: it is nothing without its prefix.
        return None;
    }
    let client_id: ClientId = claims.text("client_id")?.parse().ok()?;
    let subject = claims.text("sub")?;
    let user_id = if subject == client_id.as_str() {
        None
    } else {
        Some(subject.parse().ok()?)
    };
    Some(TokenFacts {
        id: id.parse().ok()?,
        key_id: key_id.map(str::parse).transpose().ok()?,
        user_id,
        session_id: claims.text("sid").map(str::parse).transpose().ok()?,
        grant_id: claims.text("grant_id").map(str::parse).transpose().ok()?,
        scopes: scopes(claims)?,
        audience: claims.audience().into_iter().map(str::to_owned).collect(),
        issued_at: Timestamp::from_seconds(claims.int("iat")?),
        expires_at: Timestamp::from_seconds(claims.int("exp")?),
        acr: claims.text("acr").map(str::to_owned),
        amr: claims
            .get("amr")
            .and_then(|amr| serde_json::from_value(amr.clone()).ok()),
        auth_time: claims.int("auth_time"),
        rate_limit: claims.int("rate_limit").map(u32::try_from).transpose().ok()?,
        confirmation: confirmation(claims)?,
        session_policy: claims.text("session_policy").map(Box::from),
        key: None,
        account: account(claims)?,
        client_id,
    })
}

/// Nothing at all when the claims contradict each other.
fn account(claims: &Claims) -> Option<Option<TokenAccount>> {
    let Some(id) = claims.text("account_id") else {
        return Some(None);
    };
    let iam_user = match claims.text("principal_type") {
        None => None,
        Some(IAM) => Some(claims.text("username")?.parse().ok()?),
        Some(_) => return None,
    };
    Some(Some(TokenAccount {
        id: id.parse().ok()?,
        chosen: claims
            .get("account_chosen")
            .is_some_and(|chosen| chosen.as_bool() == Some(true)),
        iam_user,
    }))
}

fn confirmation(claims: &Claims) -> Option<Confirmation> {
    match claims.get("cnf") {
        None => Some(Confirmation::default()),
        Some(member) => Confirmation::read(member),
    }
}

fn scopes(claims: &Claims) -> Option<ScopeSet> {
    match claims.text("scope") {
        None | Some("") => Some(ScopeSet::default()),
        Some(text) => ScopeSet::parse_granted(text).ok(),
    }
}
