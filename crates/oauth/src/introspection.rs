//! Token introspection (RFC 7662): the request, and the answer in both directions.
//! Refuses members it does not know, and says nothing but `active` of a token that is not.

use std::sync::Arc;

use crate::confirmation::Confirmation;
use crate::params::{Params, ParamsError};
use crate::scope::ScopeSet;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The response header that carries the log position an answer was read at.
pub const REVOCATION_POSITION: &str = "revocation-position";

/// The media type of signed answers (RFC 9701 §4).
pub const SIGNED_MEDIA_TYPE: &str = "application/token-introspection+jwt";

/// A question about one token; it stays where the parameters are.
#[derive(Clone, Copy)]
pub struct IntrospectionRequest<'a> {
    /// The token as it was presented.
    pub token: &'a str,
    /// What the caller takes it for; never decides (RFC 7662 §2.1).
    pub token_type_hint: Option<&'a str>,
}

impl<'a> IntrospectionRequest<'a> {
    /// Reads the request; RFC 7662 §2.1.
    pub fn from_params(params: &'a Params) -> Result<Self, ParamsError> {
        Ok(Self {
            token: params.required("token")?,
            token_type_hint: params.get("token_type_hint"),
        })
    }
}

/// One audience or several; as JSON a string or an array of strings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// Exactly one, written as a string.
    One(String),
    /// Any number, written as an array.
    Many(Vec<String>),
}

impl Audience {
    /// Whether the token is meant for this audience.
    #[must_use]
    pub fn contains(&self, audience: &str) -> bool {
        self.iter().any(|one| one == audience)
    }

    /// Every audience.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many.as_slice(),
        }
        .iter()
        .map(String::as_str)
    }
}

impl FromIterator<String> for Audience {
    /// A single audience becomes a string.
    fn from_iter<I: IntoIterator<Item = String>>(audiences: I) -> Self {
        let mut many: Vec<String> = audiences.into_iter().collect();
        match (many.len(), many.pop()) {
            (1, Some(one)) => Self::One(one),
            (_, last) => Self::Many(many.into_iter().chain(last).collect()),
        }
    }
}

/// The answer about a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IntrospectionResponse {
    /// Not a live token, or none of the caller's business.
    Inactive,
    /// A live token.
    Active(Arc<ActiveToken>),
}

/// What is said of a live token; instants are seconds since the epoch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveToken {
    /// The scopes granted.
    #[serde(
        skip_serializing_if = "Option::is_none",
        default,
        deserialize_with = "granted"
    )]
    pub scope: Option<ScopeSet>,
    /// The client it was issued to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub client_id: Option<String>,
    /// The login name of the user.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub username: Option<String>,
    /// How it is used: `Bearer`, or `DPoP` with a proof.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub token_type: Option<String>,
    /// When it ends.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub exp: Option<i64>,
    /// When it was issued.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub iat: Option<i64>,
    /// When it begins.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub nbf: Option<i64>,
    /// Whom it speaks for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sub: Option<String>,
    /// Whom it is meant for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub aud: Option<Audience>,
    /// Who issued it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub iss: Option<String>,
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub jti: Option<String>,
    /// The session it is bound to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sid: Option<String>,
    /// The grant (token family) it belongs to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub grant_id: Option<String>,
    /// The account it acts in.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account_id: Option<String>,
    /// Whether that was chosen at the login: the token acts in no other.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub account_chosen: bool,
    /// `iam` when it speaks for an IAM user of the account; absent for people and clients.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub principal_type: Option<String>,
    /// The API key that it is, or was exchanged for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub key_id: Option<String>,
    /// The networks from which an API key may be used; all when there are none.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub allowed_addresses: Vec<String>,
    /// Requests a minute that an API key may make, where it has a figure of its own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rate_limit: Option<u32>,
    /// The key it is bound to (RFC 9449 §6.2, RFC 8705 §3.2).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cnf: Option<Confirmation>,
    /// The authentication context class of the login.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub acr: Option<String>,
    /// The methods of the login.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub amr: Option<Vec<String>>,
    /// When the user logged in.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub auth_time: Option<i64>,
}

fn granted<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<ScopeSet>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| ScopeSet::parse_granted(&text))
        .transpose()
        .map_err(serde::de::Error::custom)
}

impl IntrospectionResponse {
    /// What is said of a live token, if it is one.
    #[must_use]
    pub fn active(&self) -> Option<&ActiveToken> {
        match self {
            Self::Inactive => None,
            Self::Active(token) => Some(token),
        }
    }
}

impl Serialize for IntrospectionResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Wire<'a> {
            active: bool,
            #[serde(flatten)]
            token: Option<&'a ActiveToken>,
        }
        let token = self.active();
        Wire {
            active: token.is_some(),
            token,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for IntrospectionResponse {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = serde_json::Map::deserialize(deserializer)?;
        // RFC 7662 §2.2: a boolean, never a word or a number
        match members.remove("active") {
            Some(serde_json::Value::Bool(false)) => Ok(Self::Inactive),
            Some(serde_json::Value::Bool(true)) => {
                let token = ActiveToken::deserialize(serde_json::Value::Object(members));
                token
                    .map(|token| Self::Active(Arc::new(token)))
                    .map_err(serde::de::Error::custom)
            }
            _ => Err(serde::de::Error::custom("active must be a boolean")),
        }
    }
}

#[cfg(test)]
mod tests;
