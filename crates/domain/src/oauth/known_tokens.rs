//! What access tokens say, remembered by their digests: a signature is verified once, a row is read once.
//! Refuses to know whether they still stand: that is the revocation log's to say, at every check.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use model::{SecretDigest, Timestamp};
use moka::sync::Cache;
use oauth::introspection::{ActiveToken, Audience, IntrospectionResponse};
use oauth::revocation_index::TokenKeys;

use super::standing::{IAM, TokenFacts};
use crate::api_keys::KeyFacts;

/// About 1.5 KiB each.
const MOST: u64 = 20_000;
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// A token's facts and, made once, what introspection says of it while it is live.
pub struct KnownToken {
    facts: TokenFacts,
    description: Arc<ActiveToken>,
    /// The whole answer as JSON, once somebody has asked for it: it never changes.
    json: OnceLock<Option<Bytes>>,
    /// Position of the revocation log before the facts were read, where they may change.
    read_at: Option<u64>,
}

impl KnownToken {
    /// `position`: of the revocation log before the facts were read.
    pub(super) fn new(facts: TokenFacts, issuer: &str, position: u64) -> Self {
        let iam_user = facts
            .account
            .as_ref()
            .and_then(|account| account.iam_user.as_ref());
        let description = ActiveToken {
            client_id: Some(facts.client_id.to_string()),
            token_type: Some(facts.confirmation.token_type().as_str().to_owned()),
            cnf: facts.confirmation.clone().or_none(),
            exp: (facts.expires_at < Timestamp::FAR_FUTURE).then(|| facts.expires_at.as_seconds()),
            iat: Some(facts.issued_at.as_seconds()),
            sub: Some(facts.subject()),
            iss: Some(issuer.to_owned()),
            jti: Some(facts.id.to_string()),
            sid: facts.session_id.map(|id| id.to_string()),
            grant_id: facts.grant_id.map(|id| id.to_string()),
            key_id: facts.key_id.map(|id| id.to_string()),
            allowed_addresses: facts.key.as_ref().map(allowed_addresses).unwrap_or_default(),
            rate_limit: facts.rate_limit,
            acr: facts.acr.clone(),
            amr: facts.amr.clone(),
            auth_time: facts.auth_time,
            aud: Some(facts.audience.iter().cloned().collect::<Audience>()),
            scope: Some(facts.scopes.clone()),
            account_id: facts.account.as_ref().map(|account| account.id.to_string()),
            account_chosen: facts.account.as_ref().is_some_and(|account| account.chosen),
            principal_type: iam_user.map(|_| IAM.to_owned()),
            username: iam_user.map(ToString::to_string),
            ..ActiveToken::default()
        };
        Self {
            read_at: facts.key.as_ref().map(|_| position),
            facts,
            description: Arc::new(description),
            json: OnceLock::new(),
        }
    }

    pub(super) fn description(&self) -> Arc<ActiveToken> {
        self.description.clone()
    }

    /// What introspection says, as it goes over the wire.
    pub(super) fn json(&self) -> Option<Bytes> {
        let write = || serde_json::to_vec(&IntrospectionResponse::Active(self.description()));
        let written = self.json.get_or_init(|| write().ok().map(Bytes::from));
        written.clone()
    }

    /// Since when revocations count; none for what never changes, where every one does.
    pub(super) const fn read_at(&self) -> Option<u64> {
        self.read_at
    }

    /// Everything that ends the token when it ends.
    pub(super) fn keys(&self) -> TokenKeys<'_> {
        let said = &self.description;
        TokenKeys {
            jti: said.jti.as_deref(),
            sid: said.sid.as_deref(),
            grant_id: said.grant_id.as_deref(),
            sub: said.sub.as_deref().filter(|_| self.facts.user_id.is_some()),
            client_id: said.client_id.as_deref(),
            key: said.key_id.as_deref(),
            // What is known of a key counts as old: every later word about it or its owner makes it read anew.
            iat_seconds: said.iat.filter(|_| self.facts.key.is_none()),
            account_id: said.account_id.as_deref(),
        }
    }
}

fn allowed_addresses(key: &KeyFacts) -> Vec<String> {
    key.addresses.iter().map(ToString::to_string).collect()
}

impl Deref for KnownToken {
    type Target = TokenFacts;

    fn deref(&self) -> &TokenFacts {
        &self.facts
    }
}

#[derive(Clone)]
struct Entry {
    /// The key set that was current: when keys change, signatures are verified again.
    generation: u64,
    token: Arc<KnownToken>,
}

/// Bounded in number and in time.
pub(crate) struct KnownTokens(Cache<SecretDigest, Entry>);

impl Default for KnownTokens {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MOST).time_to_live(LONGEST).build())
    }
}

impl KnownTokens {
    pub(crate) fn get(&self, digest: &SecretDigest, generation: u64) -> Option<Arc<KnownToken>> {
        let entry = self.0.get(digest)?;
        (entry.generation == generation).then_some(entry.token)
    }

    pub(super) fn remember(&self, digest: SecretDigest, generation: u64, token: Arc<KnownToken>) {
        self.0.insert(digest, Entry { generation, token });
    }
}
