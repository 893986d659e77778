//! What is known of a token, from its own verified claims or from introspection.
//! It refuses verdicts: facts do not depend on the route that asks.

mod identity_values;

pub use identity_values::IdentityValues;

use crate::clock::Tick;
use crate::config::Rate;
use crate::usage::Cell;
use identity_values::LONGEST_VALUE;
use ipnet::IpNet;
use jose::Claims;
use oauth::confirmation::Confirmation;
use oauth::introspection::ActiveToken;
use oauth::revocation_index::TokenKeys;
use oauth::scope::ScopeSet;
use oauth::token::TokenType;
use std::net::IpAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Facts about one live token.
#[derive(Debug)]
pub struct Facts {
    /// Whom it speaks for.
    pub subject: Option<Box<str>>,
    /// The client it was issued to.
    pub client_id: Option<Box<str>>,
    /// The scopes granted.
    pub scopes: ScopeSet,
    /// Whom it is meant for.
    pub audience: Vec<Box<str>>,
    /// The context class of the login.
    pub acr: Option<Box<str>>,
    /// When the user signed in, in seconds.
    pub auth_time: Option<i64>,
    /// First second at which it is no longer good.
    pub expires_at: i64,
    /// First second at which it is good.
    pub starts_at: i64,
    /// When these facts must be fetched anew.
    pub stale_at: Tick,
    /// When they were learnt here: asked for, or verified.
    pub read_at: Tick,
    /// Log position they were read at; none for verified JWTs, where every revocation counts.
    pub position: Option<u64>,
    /// Generation of the index up to which these facts were found alive.
    pub cleared: AtomicU64,
    token_id: Option<Box<str>>,
    session_id: Option<Box<str>>,
    grant_id: Option<Box<str>>,
    key_id: Option<Box<str>>,
    account_id: Option<Box<str>>,
    /// From where an API key may be used; from everywhere when there are none.
    addresses: Vec<IpNet>,
    /// Requests a minute of an API key that has a figure of its own.
    own_rate: Option<u32>,
    /// When a look-up ahead of time is due; never, until the facts are kept.
    pub(crate) refresh_at: AtomicU64,
    /// Where its account's use is counted, for the metric that was asked for first.
    counter: OnceLock<Arc<Cell>>,
    issued_at: Option<i64>,
    /// The key whose holder alone may use it.
    pub confirmation: Option<Box<Confirmation>>,
    /// The identity headers, made once.
    pub identity: IdentityValues,
}

/// Why an answer or a token tells no usable facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unusable(pub &'static str);

impl Facts {
    /// The facts of a verified access token.
    ///
    /// # Errors
    /// When a required claim is missing or of the wrong type.
    pub fn from_claims(claims: &Claims) -> Result<Self, Unusable> {
        let key_id = claims.text("key_id");
        if key_id.is_some() && key_id == claims.text("jti") {
            return Err(Unusable("the token is the inside of an API key"));
        }
        // RFC 9068 §2.2
        let subject = claims.text("sub").ok_or(Unusable("the token names no subject"))?;
        let expires_at = claims.int("exp").ok_or(Unusable("the token never expires"))?;
        let scopes = match claims.get("scope") {
            None => ScopeSet::default(),
            Some(value) => value
                .as_str()
                .and_then(|text| ScopeSet::parse_granted(text).ok())
                .ok_or(Unusable("the scope of the token is not a scope"))?,
        };
        let facts = Self {
            subject: Some(subject.into()),
            client_id: boxed(claims.text("client_id")),
            scopes,
            audience: claims.audience().into_iter().map(Into::into).collect(),
            acr: boxed(claims.text("acr")),
            auth_time: claims.int("auth_time"),
            expires_at,
            starts_at: claims.int("nbf").unwrap_or(0),
            stale_at: Tick(u64::MAX),
            read_at: Tick(0),
            position: None,
            cleared: AtomicU64::new(0),
            token_id: boxed(claims.text("jti")),
            session_id: boxed(claims.text("sid")),
            grant_id: boxed(claims.text("grant_id")),
            key_id: boxed(key_id),
            account_id: boxed(claims.text("account_id")),
            addresses: Vec::new(),
            confirmation: confirmation(claims.get("cnf"))?,
            own_rate: claims.int("rate_limit").and_then(|rate| u32::try_from(rate).ok()),
            refresh_at: AtomicU64::new(u64::MAX),
            counter: OnceLock::new(),
            issued_at: claims.int("iat"),
            identity: IdentityValues::default(),
        };
        facts.with_identity()
    }

    /// The facts of an active introspection answer of `issuer`, read at `position`, good until `stale_at`.
    ///
    /// # Errors
    /// When the answer is about another kind of token or another issuer, or never ends.
    pub fn from_introspection(
        token: &ActiveToken,
        issuer: &str,
        position: u64,
        stale_at: Tick,
    ) -> Result<Self, Unusable> {
        if token.iss.as_deref().is_some_and(|iss| iss != issuer) {
            return Err(Unusable("the answer is about a token of another issuer"));
        }
        let confirmation = bound(token)?;
        let facts = Self {
            subject: boxed(token.sub.as_deref()),
            client_id: boxed(token.client_id.as_deref()),
            scopes: token.scope.clone().unwrap_or_default(),
            audience: token
                .aud
                .iter()
                .flat_map(oauth::introspection::Audience::iter)
                .map(Into::into)
                .collect(),
            acr: boxed(token.acr.as_deref()),
            auth_time: token.auth_time,
            // Only API keys may be endless: they are asked for again and again.
            expires_at: match token.key_id {
                Some(_) => token.exp.unwrap_or(i64::MAX),
                None => token.exp.ok_or(Unusable("the token never expires"))?,
            },
            starts_at: token.nbf.unwrap_or(0),
            stale_at,
            read_at: Tick(0),
            position: Some(position),
            cleared: AtomicU64::new(0),
            token_id: boxed(token.jti.as_deref()),
            session_id: boxed(token.sid.as_deref()),
            grant_id: boxed(token.grant_id.as_deref()),
            key_id: boxed(token.key_id.as_deref()),
            account_id: boxed(token.account_id.as_deref()),
            addresses: networks(token)?,
            confirmation,
            own_rate: token.rate_limit,
            refresh_at: AtomicU64::new(u64::MAX),
            counter: OnceLock::new(),
            // What is known of a key counts as old: every later word about it or its owner ends it.
            issued_at: token
                .iat
                .filter(|_| token.key_id.is_none() || token.key_id != token.jti),
            identity: IdentityValues::default(),
        };
        facts.with_identity()
    }

    /// By what it can be revoked.
    #[must_use]
    pub fn keys(&self) -> TokenKeys<'_> {
        TokenKeys {
            jti: self.token_id.as_deref(),
            sid: self.session_id.as_deref(),
            grant_id: self.grant_id.as_deref(),
            key: self.key_id.as_deref(),
            sub: self.subject.as_deref(),
            client_id: self.client_id.as_deref(),
            account_id: self.account_id.as_deref(),
            iat_seconds: self.issued_at,
        }
    }

    /// Whether these are facts about an API key itself, which may change and come back.
    #[must_use]
    pub fn are_of_key(&self) -> bool {
        self.key_id.is_some() && self.key_id == self.token_id
    }

    /// Whether it may be used from there.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.addresses.is_empty() || self.addresses.iter().any(|network| network.contains(&address))
    }

    /// The key's own limit, and what it is counted under.
    #[must_use]
    pub fn own_limit(&self) -> Option<(&str, Rate)> {
        let key = self.key_id.as_deref().or(self.token_id.as_deref())?;
        let count = self.own_rate?.min(Rate::MOST);
        let window = Duration::from_secs(60);
        Some((key, Rate { count, window }))
    }

    /// The counter of its account for a metric; `find` is asked unless it was found before.
    pub(crate) fn counter(
        &self,
        metric: &str,
        find: impl FnOnce() -> Option<Arc<Cell>>,
    ) -> Option<Arc<Cell>> {
        match self.counter.get() {
            Some(known) if *known.metric == *metric => Some(Arc::clone(known)),
            Some(_) => find(),
            None => {
                let found = find()?;
                Some(Arc::clone(self.counter.get_or_init(|| found)))
            }
        }
    }

    /// Who pays for its requests: the subject, else the client.
    #[must_use]
    pub fn principal(&self) -> Option<&str> {
        self.subject.as_deref().or(self.client_id.as_deref())
    }

    fn with_identity(mut self) -> Result<Self, Unusable> {
        let scopes = self.scopes.to_string();
        let is_too_large = scopes.len() > LONGEST_VALUE;
        let told = Some(scopes.as_str()).filter(|text| !text.is_empty() && !is_too_large);
        self.identity = IdentityValues::of([
            self.subject.as_deref(),
            self.client_id.as_deref(),
            told,
            self.session_id.as_deref(),
            self.account_id.as_deref(),
        ])?;
        self.identity.is_too_large = is_too_large;
        Ok(self)
    }
}

/// To what a token is bound, as introspection says it.
fn bound(token: &ActiveToken) -> Result<Option<Box<Confirmation>>, Unusable> {
    let confirmation = token.cnf.clone().map(Box::new);
    if confirmation.as_ref().is_some_and(|cnf| cnf.is_empty()) {
        return Err(UNKNOWN_BINDING);
    }
    let expected = confirmation
        .as_ref()
        .map_or(TokenType::Bearer, |cnf| cnf.token_type());
    let said = token.token_type.as_deref();
    if said.is_some_and(|kind| !kind.eq_ignore_ascii_case(expected.as_str())) {
        return Err(Unusable("the type of the token does not go with its key"));
    }
    Ok(confirmation)
}

const UNKNOWN_BINDING: Unusable = Unusable("the token is bound in a way that is not known here");

/// RFC 7800 §3.1: what is bound in a way that is not understood is not taken for unbound.
fn confirmation(member: Option<&serde_json::Value>) -> Result<Option<Box<Confirmation>>, Unusable> {
    let read = |member| Confirmation::read(member).map(Box::new).ok_or(UNKNOWN_BINDING);
    member.map(read).transpose()
}

fn networks(token: &ActiveToken) -> Result<Vec<IpNet>, Unusable> {
    let networks = token.allowed_addresses.iter().map(|network| network.parse());
    networks
        .collect::<Result<_, _>>()
        .map_err(|_| Unusable("the networks of the key cannot be read"))
}

fn boxed(text: Option<&str>) -> Option<Box<str>> {
    text.map(Into::into)
}
