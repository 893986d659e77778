//! The single mint: every access token and ID token is made here.
//! Refuses to decide: who gets what was decided by the grant's file.

use std::time::Duration;

use jose::Algorithm;
use model::access_token::OpaqueAccessToken;
use model::api_key::ApiKeyId;
use model::authentication::Authentication;
use model::client::{AccessTokenFormat, Client};
use model::grant::Grant;
use model::iam::{IamName, IamUser, TokenAccount};
use model::{AccessTokenId, ClientId, Ctx, PlainSecret, SessionId, Timestamp, UserId};
use oauth::confirmation::Confirmation;
use oauth::opaque::OpaqueKind;
use oauth::scope::ScopeSet;
use oauth::token::TokenType;
use serde::Serialize;

use super::first_party::FirstParty;
use super::scopes;
use super::standing::{ACCESS_TOKEN_TYPE, IAM, TokenFacts};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::settings::Profile;

/// What an access token shall say.
pub(super) struct AccessTokenOrder<'a> {
    pub client: &'a Client,
    /// Absent for client credentials.
    pub grant: Option<&'a Grant>,
    pub scopes: ScopeSet,
    pub audience: Vec<String>,
    /// The key it shall be bound to.
    pub confirmation: Confirmation,
    /// For the tokens of those signed in with us.
    pub account: Option<TokenAccount>,
}

/// A minted access token; an opaque one has a row to be stored.
pub(super) struct MintedAccessToken {
    pub text: PlainSecret,
    pub row: Option<OpaqueAccessToken>,
    pub expires_in: Duration,
    pub scopes: ScopeSet,
    pub token_type: TokenType,
}

/// RFC 9068 §2.2.
#[derive(Serialize)]
struct AccessTokenClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a Audience<'a>,
    exp: i64,
    iat: i64,
    jti: AccessTokenId,
    client_id: &'a str,
    /// The API key that it was exchanged for.
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<ApiKeyId>,
    /// A policy document: what it allows is all that the token can do.
    #[serde(skip_serializing_if = "Option::is_none")]
    session_policy: Option<&'a str>,
    /// Requests a minute that the key may make with everything it is exchanged for.
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_limit: Option<u32>,
    #[serde(skip_serializing_if = "ScopeSet::is_empty")]
    scope: &'a ScopeSet,
    /// RFC 9449 §6.1, RFC 8705 §3.1.
    #[serde(skip_serializing_if = "Confirmation::is_empty")]
    cnf: &'a Confirmation,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    user: Option<UserClaims<'a>>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    account: Option<AccountClaims<'a>>,
}

/// The account it acts in; `principal_type` and `username` in the token of an IAM user.
#[derive(Serialize)]
struct AccountClaims<'a> {
    account_id: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    account_chosen: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
}

impl<'a> AccountClaims<'a> {
    fn of(account: &'a TokenAccount) -> Self {
        let name = account.iam_user.as_ref();
        Self {
            account_id: account.id.as_str(),
            account_chosen: account.chosen,
            principal_type: name.map(|_| IAM),
            username: name.map(IamName::as_str),
        }
    }
}

#[derive(Serialize)]
struct UserClaims<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<SessionId>,
    grant_id: model::GrantId,
    auth_time: i64,
    acr: &'a str,
    amr: &'a [String],
}

/// One audience is a string, several are an array (RFC 7519 §4.1.3).
#[derive(Serialize)]
#[serde(untagged)]
enum Audience<'a> {
    One(&'a str),
    Many(&'a [String]),
}

impl<'a> Audience<'a> {
    fn of(audience: &'a [String]) -> Self {
        match audience {
            [one] => Self::One(one),
            many => Self::Many(many),
        }
    }
}

impl Authority {
    pub(super) fn mint_access_token(
        &self,
        ctx: &Ctx,
        order: AccessTokenOrder<'_>,
    ) -> Result<MintedAccessToken, Fault> {
        let scopes = scopes::at_audience(&order.scopes, &order.audience, &self.settings.registry);
        let expires_in = order.client.access_ttl(self.settings.tokens.access_ttl);
        let id = AccessTokenId::random(ctx.random.as_ref());
        // Whole seconds, so that every door tells the same instants.
        let issued_at = Timestamp::from_seconds(ctx.now.as_seconds());
        let expires_at = issued_at.plus(expires_in);
        let token = OpaqueAccessToken {
            digest: model::SecretDigest::from_bytes([0; 32]),
            id,
            client_id: order.client.id.clone(),
            grant_id: order.grant.map(|grant| grant.id),
            session_id: order.grant.and_then(Grant::bound_session),
            user_id: order.grant.map(|grant| grant.user_id),
            account_id: order.account.as_ref().map(|account| account.id.clone()),
            scopes,
            audience: order.audience,
            issued_at,
            expires_at,
            confirmation: order.confirmation,
        };
        let token_type = token.confirmation.token_type();
        let scopes = token.scopes.clone();
        let (text, row) = match self.access_token_format(order.client, &token.audience) {
            AccessTokenFormat::Opaque => {
                let text = PlainSecret::generate(OpaqueKind::AccessToken, ctx.random.as_ref());
                let digest = text.digest();
                (text, Some(OpaqueAccessToken { digest, ..token }))
            }
            AccessTokenFormat::Jwt => (
                self.sign_access_token(
                    &token,
                    order.grant.map(|grant| &grant.authentication),
                    order.account.as_ref(),
                )?,
                None,
            ),
        };
        Ok(MintedAccessToken {
            text,
            row,
            expires_in,
            scopes,
            token_type,
        })
    }

    /// A client's wish, else the resource server's, else a JWT.
    fn access_token_format(&self, client: &Client, audience: &[String]) -> AccessTokenFormat {
        let registry = &self.settings.registry;
        let of_resource = || {
            audience
                .iter()
                .find_map(|name| registry.resource(name)?.access_token_format)
        };
        client
            .settings
            .access_token_format
            .or_else(of_resource)
            .unwrap_or(AccessTokenFormat::Jwt)
    }

    fn sign_access_token(
        &self,
        token: &OpaqueAccessToken,
        authentication: Option<&Authentication>,
        account: Option<&TokenAccount>,
    ) -> Result<PlainSecret, Fault> {
        let subject = token
            .user_id
            .map_or_else(|| token.client_id.to_string(), |user| user.to_string());
        let user = authentication
            .zip(token.grant_id)
            .map(|(event, grant_id)| UserClaims {
                sid: token.session_id,
                grant_id,
                auth_time: event.at.as_seconds(),
                acr: &event.acr,
                amr: &event.amr,
            });
        let claims = AccessTokenClaims {
            iss: &self.settings.issuer,
            sub: &subject,
            aud: &Audience::of(&token.audience),
            exp: token.expires_at.as_seconds(),
            iat: token.issued_at.as_seconds(),
            jti: token.id,
            client_id: token.client_id.as_str(),
            key_id: None,
            session_policy: None,
            rate_limit: None,
            scope: &token.scopes,
            cnf: &token.confirmation,
            user,
            account: account.map(AccountClaims::of),
        };
        let keys = self.keys.snapshot();
        let signer = keys.signer(self.settings.keys.default_algorithm)?;
        Ok(PlainSecret::new(&signer.sign(ACCESS_TOKEN_TYPE, &claims)?))
    }
}

/// What an access token shall say that an API key was exchanged for.
pub(crate) struct ExchangeOrder<'a> {
    pub key: &'a TokenFacts,
    pub client: &'a ClientId,
    pub scopes: &'a ScopeSet,
    pub audience: &'a [String],
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
}

impl Authority {
    pub(crate) fn mint_exchanged(&self, ctx: &Ctx, order: &ExchangeOrder<'_>) -> Result<PlainSecret, Fault> {
        let claims = AccessTokenClaims {
            iss: &self.settings.issuer,
            sub: &order.key.subject(),
            aud: &Audience::of(order.audience),
            exp: order.expires_at.as_seconds(),
            iat: order.issued_at.as_seconds(),
            jti: AccessTokenId::random(ctx.random.as_ref()),
            client_id: order.client.as_str(),
            key_id: order.key.key_id,
            session_policy: None,
            rate_limit: order.key.rate_limit,
            scope: order.scopes,
            cnf: &Confirmation::default(),
            user: None,
            account: order.key.account.as_ref().map(AccountClaims::of),
        };
        let keys = self.keys.snapshot();
        let signer = keys.signer(self.settings.keys.default_algorithm)?;
        Ok(PlainSecret::new(&signer.sign(ACCESS_TOKEN_TYPE, &claims)?))
    }
}

/// What an access token shall say that a program of an IAM user has got for its access key.
pub(crate) struct AccessKeyOrder<'a> {
    pub key: ApiKeyId,
    pub user: &'a IamUser,
    pub session_policy: Option<&'a str>,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
}

impl Authority {
    /// It says what somebody's token says who has signed in at the platform, without a session. Who goes by scopes alone sees
    /// no session policy: a token that has one has no scopes.
    pub(crate) fn mint_for_access_key(
        &self,
        ctx: &Ctx,
        order: &AccessKeyOrder<'_>,
    ) -> Result<PlainSecret, Fault> {
        let audience = self.first_party_audience();
        let scopes = match order.session_policy {
            Some(_) => ScopeSet::default(),
            None => self.iam_scopes(),
        };
        let account = TokenAccount::of_iam(order.user);
        let claims = AccessTokenClaims {
            iss: &self.settings.issuer,
            sub: &order.user.id.to_string(),
            aud: &Audience::of(&audience),
            exp: order.expires_at.as_seconds(),
            iat: order.issued_at.as_seconds(),
            jti: AccessTokenId::random(ctx.random.as_ref()),
            client_id: FirstParty::Platform.client_id(),
            key_id: Some(order.key),
            session_policy: order.session_policy,
            rate_limit: None,
            scope: &scopes,
            cnf: &Confirmation::default(),
            user: None,
            account: Some(AccountClaims::of(&account)),
        };
        let keys = self.keys.snapshot();
        let signer = keys.signer(self.settings.keys.default_algorithm)?;
        Ok(PlainSecret::new(&signer.sign(ACCESS_TOKEN_TYPE, &claims)?))
    }
}

/// What an ID token shall say (OIDC Core §2).
pub(super) struct IdTokenOrder<'a> {
    pub client: &'a Client,
    pub grant: &'a Grant,
    /// Only at the exchange of the code.
    pub nonce: Option<&'a str>,
    pub access_token: &'a PlainSecret,
    /// Claims asked for in the ID token by the `claims` parameter.
    pub extra: serde_json::Map<String, serde_json::Value>,
}

#[derive(Serialize)]
struct IdTokenClaims<'a> {
    iss: &'a str,
    sub: UserId,
    aud: &'a str,
    exp: i64,
    iat: i64,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    acr: &'a str,
    amr: &'a [String],
    sid: SessionId,
    at_hash: String,
    #[serde(flatten)]
    extra: serde_json::Map<String, serde_json::Value>,
}

impl Authority {
    pub(super) fn mint_id_token(&self, ctx: &Ctx, order: IdTokenOrder<'_>) -> Result<PlainSecret, Fault> {
        let algorithm = self.id_token_algorithm(order.client);
        let claims = IdTokenClaims {
            iss: &self.settings.issuer,
            sub: order.grant.user_id,
            aud: order.client.id.as_str(),
            exp: ctx.now.plus(self.settings.tokens.id_token_ttl).as_seconds(),
            iat: ctx.now.as_seconds(),
            auth_time: order.grant.authentication.at.as_seconds(),
            nonce: order.nonce,
            acr: &order.grant.authentication.acr,
            amr: &order.grant.authentication.amr,
            sid: order.grant.session_id,
            // OIDC Core §3.1.3.6.
            at_hash: jose::half_hash(algorithm, order.access_token.expose()),
            extra: order.extra,
        };
        let keys = self.keys.snapshot();
        Ok(PlainSecret::new(&keys.signer(algorithm)?.sign("JWT", &claims)?))
    }

    /// What a client registered, else RS256 in the `oidc` profile (OIDC Core §15.1), else the deployment's default.
    pub fn id_token_algorithm(&self, client: &Client) -> Algorithm {
        let default = match self.settings.profile {
            Profile::Oidc => Algorithm::Rs256,
            Profile::OAuth21 => self.settings.keys.default_algorithm,
        };
        client.settings.id_token_alg.unwrap_or(default)
    }
}
