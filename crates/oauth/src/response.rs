//! Response types, response modes and grant types: the registered names that this server offers.
//! Refuses front-channel tokens: RFC 9700 §2.1.2 leaves only the code.

use serde::{Deserialize, Serialize};

/// What the authorization endpoint may return.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseType {
    /// An authorization code.
    #[default]
    Code,
}

impl ResponseType {
    /// The type with this registered name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        (name == "code").then_some(Self::Code)
    }
}

/// How the authorization response travels back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of the redirect.
    #[default]
    Query,
    /// In a form that the browser posts.
    FormPost,
}

impl ResponseMode {
    /// The mode with this registered name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "query" => Some(Self::Query),
            "form_post" => Some(Self::FormPost),
            _ => None,
        }
    }
}

/// What a token request may be made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// A code from the authorization endpoint.
    AuthorizationCode,
    /// A refresh token.
    RefreshToken,
    /// The client's own credentials.
    ClientCredentials,
    /// Another token (RFC 8693).
    #[serde(rename = "urn:ietf:params:oauth:grant-type:token-exchange")]
    TokenExchange,
}

impl GrantType {
    /// The registered name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
        }
    }

    /// The grant type with this registered name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::AuthorizationCode,
            Self::RefreshToken,
            Self::ClientCredentials,
            Self::TokenExchange,
        ]
        .into_iter()
        .find(|grant| grant.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// O35
    #[test]
    fn front_channel_types_and_modes_have_no_name_here() {
        for name in [
            "token",
            "id_token",
            "code token",
            "code id_token",
            "Code",
            "code ",
            "",
        ] {
            assert_eq!(ResponseType::from_name(name), None, "{name}");
        }
        for name in ["fragment", "query.jwt", "web_message", "Query", ""] {
            assert_eq!(ResponseMode::from_name(name), None, "{name}");
        }
    }

    #[test]
    fn names_agree_with_json() {
        for grant in [
            GrantType::AuthorizationCode,
            GrantType::RefreshToken,
            GrantType::ClientCredentials,
        ] {
            assert_eq!(serde_json::to_value(grant).unwrap(), grant.as_str());
            assert_eq!(GrantType::from_name(grant.as_str()), Some(grant));
        }
        assert_eq!(serde_json::to_value(ResponseMode::FormPost).unwrap(), "form_post");
    }
}
