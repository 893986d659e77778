//! Claims about the user (OIDC Core §5.3, §5.4, §5.5).
//! Refuses claims that neither a granted scope nor the `claims` parameter asks for.

use jose::Algorithm;
use model::Ctx;
use model::user::{Profile, User};
use oauth::claims_request::ClaimMap;
use oauth::confirmation::{Confirmation, HolderError};
use oauth::scope::ScopeSet;
use serde_json::{Map, Value};

use crate::authority::Authority;
use crate::fault::Fault;

#[derive(Debug, thiserror::Error)]
pub enum UserinfoError {
    /// No live access token of ours.
    #[error("invalid token")]
    InvalidToken,
    /// A live one that is bound to a key the caller does not prove to hold, or the reverse.
    #[error(transparent)]
    Holder(#[from] HolderError),
    /// A live one that was not granted `openid`.
    #[error("the token lacks the scope openid")]
    MissingScope,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<storage::StorageError> for UserinfoError {
    fn from(error: storage::StorageError) -> Self {
        Self::Fault(error.into())
    }
}

/// The answer, in the form that the client registered.
pub enum Userinfo {
    Plain(Map<String, Value>),
    Signed(String),
}

impl Authority {
    /// `held`: what the caller proves to hold.
    ///
    /// # Errors
    /// When the token is not good for it.
    pub async fn userinfo(
        &self,
        ctx: &Ctx,
        token: &str,
        held: &Confirmation,
    ) -> Result<Userinfo, UserinfoError> {
        let facts = self
            .access_token_standing(ctx, token)
            .await?
            .facts
            .ok_or(UserinfoError::InvalidToken)?;
        facts.confirmation.met_by(held)?;
        if !facts.scopes.contains("openid") {
            return Err(UserinfoError::MissingScope);
        }
        let user_id = facts.user_id.ok_or(UserinfoError::InvalidToken)?;
        let mut reader = self.database.read().await?;
        let user = storage::users::find_by_id(&mut reader, user_id).await?;
        let user = user
            .filter(|user| user.disabled_at.is_none())
            .ok_or(UserinfoError::InvalidToken)?;
        let asked = match facts.grant_id {
            Some(id) => storage::grants::find(&mut reader, id)
                .await?
                .and_then(|grant| grant.claims),
            None => None,
        };
        let client = storage::clients::find(&mut reader, &facts.client_id)
            .await?
            .ok_or(UserinfoError::InvalidToken)?;
        drop(reader);
        let mut claims = self.scope_claims(&user, &facts.scopes);
        claims.extend(requested_claims(
            &user,
            asked.as_ref().map(|claims| &claims.userinfo),
        ));
        claims.insert("sub".to_owned(), Value::String(user.id.to_string()));
        match client.settings.userinfo_signed_alg {
            None => Ok(Userinfo::Plain(claims)),
            Some(algorithm) => Ok(Userinfo::Signed(self.sign_userinfo(
                algorithm,
                claims,
                client.id.as_str(),
            )?)),
        }
    }

    /// OIDC Core §5.3.2: a signed answer names issuer and audience.
    fn sign_userinfo(
        &self,
        algorithm: Algorithm,
        mut claims: Map<String, Value>,
        client: &str,
    ) -> Result<String, Fault> {
        claims.insert("iss".to_owned(), Value::String(self.settings.issuer.clone()));
        claims.insert("aud".to_owned(), Value::String(client.to_owned()));
        Ok(self.keys.snapshot().signer(algorithm)?.sign("JWT", &claims)?)
    }

    /// The claims that granted scopes release: the standard ones and those the operator declared.
    fn scope_claims(&self, user: &User, scopes: &ScopeSet) -> Map<String, Value> {
        let all = claims_of(user);
        let mut released = Map::new();
        for scope in scopes.iter() {
            let declared = self.settings.registry.scope(scope.as_str());
            let extra = declared
                .iter()
                .flat_map(|scope| scope.claims.iter().map(String::as_str));
            for name in oauth::claims::of_scope(scope.as_str())
                .iter()
                .copied()
                .chain(extra)
            {
                if let Some(value) = all.get(name) {
                    released.insert(name.to_owned(), value.clone());
                }
            }
        }
        released
    }
}

/// Claims named one by one; those the user does not have are left out (OIDC Core §5.5.1).
pub(super) fn requested_claims(user: &User, asked: Option<&ClaimMap>) -> Map<String, Value> {
    let Some(asked) = asked else { return Map::new() };
    let all = claims_of(user);
    let known = asked
        .iter()
        .filter_map(|(name, _)| Some((name.to_owned(), all.get(name)?.clone())));
    known.collect()
}

/// Everything that can be said about a user (OIDC Core §5.1).
fn claims_of(user: &User) -> Map<String, Value> {
    let mut claims = match serde_json::to_value::<&Profile>(&user.profile) {
        Ok(Value::Object(claims)) => claims,
        _ => Map::new(),
    };
    if let Some(name) = &user.username {
        claims.insert(
            "preferred_username".to_owned(),
            Value::String(name.as_str().to_owned()),
        );
    }
    if claims.contains_key("phone_number") {
        claims
            .entry("phone_number_verified")
            .or_insert(Value::Bool(false));
    }
    claims.insert("email".to_owned(), Value::String(user.email.as_str().to_owned()));
    claims.insert(
        "email_verified".to_owned(),
        Value::Bool(user.email_verified_at.is_some()),
    );
    claims.insert("updated_at".to_owned(), Value::from(user.updated_at.as_seconds()));
    claims
}
