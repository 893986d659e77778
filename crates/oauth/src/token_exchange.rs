//! Token exchange (RFC 8693): an API key in, a short-lived access token out.
//! Refuses delegation, and other kinds of token on either side.

use crate::error::OAuthError;
use crate::params::Params;
use crate::resource;
use crate::scope::ScopeSet;
use crate::secret::SecretText;
use crate::token::TokenResponse;
use serde::{Deserialize, Serialize};

/// An OAuth access token (RFC 8693 §3).
pub const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
/// A JWT (RFC 8693 §3); ours are both.
pub const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
/// An API key of this server.
pub const API_KEY: &str = "urn:authz:token-type:api-key";

/// The most audiences in one request.
const MAX_AUDIENCES: usize = 16;

/// A wish for a token in exchange for another.
#[derive(Clone)]
pub struct ExchangeRequest {
    /// What is given; it is not used up.
    pub subject_token: SecretText,
    /// A narrower scope.
    pub scope: Option<ScopeSet>,
    /// Where the token is to be used: `resource` and `audience` alike.
    pub audience: Vec<String>,
}

impl ExchangeRequest {
    /// Reads the body of a token request of this grant type (RFC 8693 §2.1).
    pub fn from_params(params: &Params) -> Result<Self, OAuthError> {
        if params.get("actor_token").is_some() || params.get("actor_token_type").is_some() {
            return Err(OAuthError::invalid_request("Delegation is not supported"));
        }
        let kind = params.required("subject_token_type")?;
        if ![ACCESS_TOKEN, API_KEY].contains(&kind) {
            return Err(OAuthError::invalid_request(
                "This type of subject token is not exchanged",
            ));
        }
        let wanted = params.get("requested_token_type").unwrap_or(ACCESS_TOKEN);
        if ![ACCESS_TOKEN, JWT].contains(&wanted) {
            return Err(OAuthError::invalid_request(
                "Only access tokens are issued in exchange",
            ));
        }
        let mut audience = resource::from_params(params)?;
        for name in params.all("audience") {
            if audience.len() == MAX_AUDIENCES {
                return Err(OAuthError::invalid_target("Too many audiences"));
            }
            if !audience.iter().any(|known| known == name) {
                audience.push(name.to_owned());
            }
        }
        let scope = params.get("scope").map(ScopeSet::parse).transpose();
        Ok(Self {
            subject_token: params.required("subject_token")?.into(),
            scope: scope.map_err(|error| OAuthError::invalid_scope(error.to_string()))?,
            audience,
        })
    }
}

/// The answer (RFC 8693 §2.2.1).
#[derive(Clone, Serialize, Deserialize)]
pub struct ExchangeResponse {
    /// What every token answer says.
    #[serde(flatten)]
    pub tokens: TokenResponse,
    /// What was issued.
    pub issued_token_type: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use crate::params::ParamLimits;

    fn read(more: &str) -> Result<ExchangeRequest, OAuthError> {
        let text = format!("subject_token=s&{more}");
        ExchangeRequest::from_params(&Params::parse(text.as_bytes(), &ParamLimits::default()).unwrap())
    }

    #[test]
    fn keys_are_exchanged_for_access_tokens_only() {
        for kind in [ACCESS_TOKEN, API_KEY] {
            let wish = read(&format!(
                "subject_token_type={kind}&scope=a:b&resource=urn:x&audience=y"
            ))
            .unwrap();
            assert_eq!(wish.audience, ["urn:x", "y"]);
            assert!(wish.scope.is_some_and(|scope| scope.contains("a:b")));
        }
        for (more, code) in [
            ("scope=a".to_owned(), ErrorCode::InvalidRequest),
            (format!("subject_token_type={JWT}"), ErrorCode::InvalidRequest),
            (
                format!(
                    "subject_token_type={API_KEY}&requested_token_type=urn:ietf:params:oauth:token-type:refresh_token"
                ),
                ErrorCode::InvalidRequest,
            ),
            (
                format!("subject_token_type={API_KEY}&actor_token=a"),
                ErrorCode::InvalidRequest,
            ),
            (
                format!("subject_token_type={API_KEY}&scope=a+a"),
                ErrorCode::InvalidScope,
            ),
            (
                format!("subject_token_type={API_KEY}&resource=x"),
                ErrorCode::InvalidTarget,
            ),
        ] {
            assert_eq!(read(&more).err().map(|error| error.code()), Some(code), "{more}");
        }
    }
}
