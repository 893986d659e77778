//! Server metadata (RFC 8414, OpenID Connect Discovery §3), one body for both documents.
//! Refuses members that are not registered: what is not a field here cannot be announced.

use crate::client_auth::ClientAuthMethod;
use crate::response::{GrantType, ResponseMode, ResponseType};
use serde::{Deserialize, Serialize};

/// What the server offers and where; URLs are absolute and begin with the issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerMetadata {
    /// The issuer, byte for byte as in tokens.
    pub issuer: String,
    /// The authorization endpoint.
    pub authorization_endpoint: String,
    /// The token endpoint.
    pub token_endpoint: String,
    /// The userinfo endpoint.
    pub userinfo_endpoint: String,
    /// The key set.
    pub jwks_uri: String,
    /// The introspection endpoint.
    pub introspection_endpoint: String,
    /// The revocation endpoint.
    pub revocation_endpoint: String,
    /// The logout endpoint (OpenID Connect RP-Initiated Logout §2.1).
    pub end_session_endpoint: String,
    /// The registration endpoint (RFC 7591), where clients may register themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration_endpoint: Option<String>,
    /// Scopes that may be asked for.
    pub scopes_supported: Vec<String>,
    /// Response types.
    pub response_types_supported: Vec<ResponseType>,
    /// Response modes.
    pub response_modes_supported: Vec<ResponseMode>,
    /// Grant types.
    pub grant_types_supported: Vec<GrantType>,
    /// Challenge methods (RFC 7636).
    pub code_challenge_methods_supported: Vec<String>,
    /// Subject identifier types.
    pub subject_types_supported: Vec<String>,
    /// Algorithms of ID tokens.
    pub id_token_signing_alg_values_supported: Vec<String>,
    /// Authentication contexts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acr_values_supported: Vec<String>,
    /// Claims that may be answered.
    pub claims_supported: Vec<String>,
    /// Kinds of claims.
    pub claim_types_supported: Vec<String>,
    /// Prompts understood (Initiating User Registration §4).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prompt_values_supported: Vec<String>,
    /// Languages of the pages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ui_locales_supported: Vec<String>,
    /// Client authentication at each endpoint.
    #[serde(flatten)]
    pub client_auth: ClientAuthMetadata,
    /// Algorithms of signed introspection answers (RFC 9701 §7).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub introspection_signing_alg_values_supported: Vec<String>,
    /// Client ids may be URLs of documents (OAuth Client ID Metadata Document §5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id_metadata_document_supported: Option<bool>,
    /// Algorithms of DPoP proofs (RFC 9449 §5.1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dpop_signing_alg_values_supported: Vec<String>,
    /// Optional behaviours.
    #[serde(flatten)]
    pub features: FeatureMetadata,
}

/// How clients authenticate at each endpoint that asks them to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientAuthMetadata {
    /// At the token endpoint.
    pub token_endpoint_auth_methods_supported: Vec<ClientAuthMethod>,
    /// Algorithms of assertions at the token endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub token_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// At the introspection endpoint.
    pub introspection_endpoint_auth_methods_supported: Vec<ClientAuthMethod>,
    /// Algorithms of assertions at the introspection endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub introspection_endpoint_auth_signing_alg_values_supported: Vec<String>,
    /// At the revocation endpoint.
    pub revocation_endpoint_auth_methods_supported: Vec<ClientAuthMethod>,
    /// Algorithms of assertions at the revocation endpoint.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revocation_endpoint_auth_signing_alg_values_supported: Vec<String>,
}

/// Behaviours that are there or not; always said, because some default to true when left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeatureMetadata {
    /// The `iss` parameter in authorization responses (RFC 9207 §3).
    pub authorization_response_iss_parameter_supported: bool,
    /// The `claims` parameter.
    pub claims_parameter_supported: bool,
    /// The `request` parameter.
    pub request_parameter_supported: bool,
    /// The `request_uri` parameter; true when left out (OpenID Connect Discovery §3).
    pub request_uri_parameter_supported: bool,
    /// Tokens bound to client certificates (RFC 8705 §3.3).
    #[serde(default)]
    pub tls_client_certificate_bound_access_tokens: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> ServerMetadata {
        let url = |path: &str| format!("https://as.example{path}");
        let texts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let methods = vec![
            ClientAuthMethod::ClientSecretBasic,
            ClientAuthMethod::PrivateKeyJwt,
        ];
        ServerMetadata {
            issuer: url(""),
            authorization_endpoint: url("/oauth2/authorize"),
            token_endpoint: url("/oauth2/token"),
            userinfo_endpoint: url("/oauth2/userinfo"),
            jwks_uri: url("/oauth2/jwks"),
            introspection_endpoint: url("/oauth2/introspect"),
            revocation_endpoint: url("/oauth2/revoke"),
            end_session_endpoint: url("/oauth2/logout"),
            registration_endpoint: None,
            scopes_supported: texts(&["openid"]),
            response_types_supported: vec![ResponseType::Code],
            response_modes_supported: vec![ResponseMode::Query, ResponseMode::FormPost],
            grant_types_supported: vec![GrantType::AuthorizationCode],
            code_challenge_methods_supported: texts(&["S256"]),
            subject_types_supported: texts(&["public"]),
            id_token_signing_alg_values_supported: texts(&["ES256"]),
            acr_values_supported: vec![],
            claims_supported: texts(&["sub"]),
            claim_types_supported: texts(&["normal"]),
            prompt_values_supported: vec![],
            ui_locales_supported: vec![],
            client_auth: ClientAuthMetadata {
                token_endpoint_auth_methods_supported: methods.clone(),
                token_endpoint_auth_signing_alg_values_supported: texts(&["ES256"]),
                introspection_endpoint_auth_methods_supported: methods.clone(),
                introspection_endpoint_auth_signing_alg_values_supported: vec![],
                revocation_endpoint_auth_methods_supported: methods,
                revocation_endpoint_auth_signing_alg_values_supported: vec![],
            },
            introspection_signing_alg_values_supported: vec![],
            client_id_metadata_document_supported: None,
            dpop_signing_alg_values_supported: texts(&["ES256"]),
            features: FeatureMetadata {
                authorization_response_iss_parameter_supported: true,
                claims_parameter_supported: true,
                request_parameter_supported: false,
                request_uri_parameter_supported: false,
                tls_client_certificate_bound_access_tokens: true,
            },
        }
    }

    /// O37
    #[test]
    fn document_is_flat_and_has_registered_names() {
        let document = serde_json::to_value(sample()).unwrap();
        insta::with_settings!({ sort_maps => true }, { insta::assert_json_snapshot!(document) });
        assert_eq!(
            serde_json::from_value::<ServerMetadata>(document).unwrap(),
            sample()
        );
    }
}
