//! The token request and its successful answer (RFC 6749 §4.1.3, §4.4.2, §5.1, §6).
//! Refuses unknown grant types; says nothing about whether a code or token is any good.

use crate::error::{ErrorCode, OAuthError};
use crate::params::Params;
use crate::pkce::CodeVerifier;
use crate::resource;
use crate::response::GrantType;
use crate::scope::ScopeSet;
use crate::secret::{SecretText, on_wire, on_wire_option};
use serde::{Deserialize, Serialize};

/// A wish for tokens; client credentials are read apart from it.
#[derive(Clone)]
pub enum TokenRequest {
    /// In exchange for a code.
    AuthorizationCode {
        /// The code.
        code: SecretText,
        /// The redirect URI of the authorization request.
        redirect_uri: Option<String>,
        /// The PKCE verifier.
        code_verifier: Option<CodeVerifier>,
        /// The resources wanted.
        resource: Vec<String>,
    },
    /// In exchange for a refresh token.
    RefreshToken {
        /// The refresh token.
        refresh_token: SecretText,
        /// A narrower scope.
        scope: Option<ScopeSet>,
        /// The resources wanted.
        resource: Vec<String>,
    },
    /// For the client itself.
    ClientCredentials {
        /// The scope wanted.
        scope: Option<ScopeSet>,
        /// The resources wanted.
        resource: Vec<String>,
    },
}

impl TokenRequest {
    /// Reads the body of a token request.
    pub fn from_params(params: &Params) -> Result<Self, OAuthError> {
        let grant = GrantType::from_name(params.required("grant_type")?).ok_or_else(|| {
            OAuthError::new(ErrorCode::UnsupportedGrantType, "The grant type is not supported")
        })?;
        let resource = resource::from_params(params)?;
        match grant {
            // Has an answer of its own: see `token_exchange`.
            GrantType::TokenExchange => Err(OAuthError::new(
                ErrorCode::UnsupportedGrantType,
                "The grant type is not supported here",
            )),
            GrantType::AuthorizationCode => Ok(Self::AuthorizationCode {
                code: params.required("code")?.into(),
                redirect_uri: params.get("redirect_uri").map(str::to_owned),
                code_verifier: params.get("code_verifier").map(CodeVerifier::parse).transpose()?,
                resource,
            }),
            GrantType::RefreshToken => Ok(Self::RefreshToken {
                refresh_token: params.required("refresh_token")?.into(),
                scope: scope(params)?,
                resource,
            }),
            GrantType::ClientCredentials => Ok(Self::ClientCredentials {
                scope: scope(params)?,
                resource,
            }),
        }
    }

    /// The grant type by which tokens are wanted.
    #[must_use]
    pub const fn grant_type(&self) -> GrantType {
        match self {
            Self::AuthorizationCode { .. } => GrantType::AuthorizationCode,
            Self::RefreshToken { .. } => GrantType::RefreshToken,
            Self::ClientCredentials { .. } => GrantType::ClientCredentials,
        }
    }
}

fn scope(params: &Params) -> Result<Option<ScopeSet>, OAuthError> {
    let scope = params.get("scope").map(ScopeSet::parse).transpose();
    scope.map_err(|error| OAuthError::invalid_scope(error.to_string()))
}

/// How an access token is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenType {
    /// Whoever has it may use it (RFC 6750).
    #[default]
    Bearer,
    /// Only with a proof of its key (RFC 9449 §5).
    DPoP,
}

impl TokenType {
    /// The registered name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::DPoP => "DPoP",
        }
    }
}

/// The successful answer; the one body that is meant to carry tokens (RFC 6749 §5.1).
#[derive(Clone, Serialize, Deserialize)]
pub struct TokenResponse {
    /// The access token.
    #[serde(with = "on_wire")]
    pub access_token: SecretText,
    /// How it is used.
    pub token_type: TokenType,
    /// Its life in seconds.
    pub expires_in: u64,
    /// The refresh token.
    #[serde(default, with = "on_wire_option", skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<SecretText>,
    /// The scope granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<ScopeSet>,
    /// The ID token (OpenID Connect Core §3.1.3.3).
    #[serde(default, with = "on_wire_option", skip_serializing_if = "Option::is_none")]
    pub id_token: Option<SecretText>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::params::ParamLimits;
    use serde_json::{from_value, json, to_value};

    const VERIFIER: &str = "code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    fn read(text: &str) -> Result<TokenRequest, OAuthError> {
        TokenRequest::from_params(&Params::parse(text.as_bytes(), &ParamLimits::default()).unwrap())
    }

    fn refused(text: &str) -> ErrorCode {
        read(text)
            .err()
            .unwrap_or_else(|| panic!("accepted: {text}"))
            .code()
    }

    #[test]
    fn each_grant_is_read() {
        let code = read(&format!(
            "grant_type=authorization_code&code=c&{VERIFIER}&redirect_uri=https://a/"
        ));
        assert!(matches!(
            code,
            Ok(TokenRequest::AuthorizationCode {
                code_verifier: Some(_),
                ..
            })
        ));
        let refresh =
            read("grant_type=refresh_token&refresh_token=r&scope=a+b&resource=urn:x&resource=urn:y");
        assert!(matches!(refresh, Ok(TokenRequest::RefreshToken { resource, .. }) if resource.len() == 2));
        let own = read("grant_type=client_credentials");
        assert!(matches!(
            own,
            Ok(TokenRequest::ClientCredentials { scope: None, .. })
        ));
    }

    #[test]
    fn malformed_requests_are_refused() {
        assert_eq!(refused("code=c"), ErrorCode::InvalidRequest);
        assert_eq!(refused("grant_type=password"), ErrorCode::UnsupportedGrantType);
        assert_eq!(
            refused("grant_type=authorization_code"),
            ErrorCode::InvalidRequest
        );
        assert_eq!(refused("grant_type=refresh_token"), ErrorCode::InvalidRequest);
        assert_eq!(
            refused("grant_type=client_credentials&scope=a+a"),
            ErrorCode::InvalidScope
        );
        assert_eq!(
            refused("grant_type=client_credentials&resource=x"),
            ErrorCode::InvalidTarget
        );
    }

    /// O09
    #[test]
    fn verifier_that_is_too_short_is_refused() {
        assert_eq!(
            refused("grant_type=authorization_code&code=c&code_verifier=short"),
            ErrorCode::InvalidGrant
        );
    }

    #[test]
    fn answer_has_exactly_the_registered_members() {
        let wire = json!({"access_token": "a", "token_type": "Bearer", "expires_in": 900});
        let answer: TokenResponse = from_value(wire.clone()).unwrap();
        assert_eq!(to_value(&answer).unwrap(), wire);
        let full = json!({"access_token": "a", "token_type": "Bearer", "expires_in": 900,
            "refresh_token": "r", "scope": "a b", "id_token": "i"});
        assert_eq!(
            to_value(from_value::<TokenResponse>(full.clone()).unwrap()).unwrap(),
            full
        );
    }
}
