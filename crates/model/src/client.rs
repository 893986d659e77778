//! OAuth clients: the programs that ask for tokens.
//! Refuses to keep a secret in the clear: secrets are rows of digests beside the client.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jose::Algorithm;
use oauth::client_auth::ClientAuthMethod;
use oauth::client_cert::ExpectedName;
use oauth::redirect_uri::{ApplicationType, RegisteredRedirectUri};
pub use oauth::response::GrantType;
use oauth::scope::ScopeSet;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// The client identifier: 1 to 255 characters of visible ASCII (RFC 6749 Appendix A.1), chosen by the operator.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientId(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a client id has 1 to 255 characters of visible ASCII")]
pub struct ClientIdError;

impl ClientId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ClientId {
    /// An id that is part of the program and known to be well formed.
    pub fn fixed(text: &'static str) -> Self {
        debug_assert!(text.parse::<Self>().is_ok());
        Self(text.to_owned())
    }
}

impl FromStr for ClientId {
    type Err = ClientIdError;
    fn from_str(text: &str) -> Result<Self, ClientIdError> {
        let valid = (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(ClientIdError)
        }
    }
}
impl TryFrom<String> for ClientId {
    type Error = ClientIdError;
    fn try_from(text: String) -> Result<Self, ClientIdError> {
        text.parse()
    }
}
impl From<ClientId> for String {
    fn from(id: ClientId) -> Self {
        id.0
    }
}
impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
impl Borrow<str> for ClientId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[derive(Clone, Debug)]
pub struct Client {
    pub id: ClientId,
    pub name: String,
    pub source: ClientSource,
    pub settings: ClientSettings,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
}

/// Where a client is managed: the configuration file wins over what it names; the rest belongs to the command line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientSource {
    Config,
    Managed,
    /// Comes with the server.
    BuiltIn,
    /// Has registered itself (RFC 7591).
    Registered,
    /// Publishes what is known of it at the URL that is its id.
    Document,
}

impl ClientSource {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Managed => "managed",
            Self::BuiltIn => "built_in",
            Self::Registered => "registered",
            Self::Document => "document",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let all = [
            Self::Config,
            Self::Managed,
            Self::BuiltIn,
            Self::Registered,
            Self::Document,
        ];
        all.into_iter().find(|source| source.as_str() == text)
    }
}

/// What a client may do and how (RFC 7591 §2 names where it has them).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientSettings {
    pub auth_method: ClientAuthMethod,
    pub application_type: ApplicationType,
    /// Checked with [`RegisteredRedirectUri::parse`] when the client was registered.
    pub redirect_uris: Vec<String>,
    pub post_logout_redirect_uris: Vec<String>,
    pub grant_types: Vec<GrantType>,
    /// What it may be granted at most.
    pub scopes: ScopeSet,
    /// Audiences it may ask for with `resource` (RFC 8707); the first is the default.
    pub resources: Vec<String>,
    pub access_token_format: Option<AccessTokenFormat>,
    pub id_token_alg: Option<Algorithm>,
    pub userinfo_signed_alg: Option<Algorithm>,
    /// Public keys for `private_key_jwt`, or certificates for `self_signed_tls_client_auth`, as a JWK set.
    pub jwks: Option<serde_json::Value>,
    /// Its name in certificates, for `tls_client_auth`.
    pub certificate_name: Option<ExpectedName>,
    /// It is issued DPoP-bound tokens only (RFC 9449 §5.2).
    pub dpop_bound_access_tokens: bool,
    /// It is issued tokens bound to its certificate only (RFC 8705 §3.4).
    pub tls_client_certificate_bound_access_tokens: bool,
    /// The operator's own client: no consent page.
    pub first_party: bool,
    /// A proxy: may read the revocation log and introspect tokens of every audience.
    pub proxy: bool,
    /// May introspect tokens of these audiences besides those issued to itself.
    pub introspects: Vec<String>,
    /// Also demand PKCE where the deployment's profile would not.
    pub require_pkce: bool,
    pub default_max_age_seconds: Option<i64>,
    pub logo_uri: Option<String>,
    pub policy_uri: Option<String>,
    pub tos_uri: Option<String>,
    pub client_uri: Option<String>,
    /// Overrides of the deployment's lifetimes, seconds.
    pub access_ttl_seconds: Option<u64>,
    pub refresh_ttl_seconds: Option<u64>,
}

impl Default for ClientSettings {
    fn default() -> Self {
        Self {
            auth_method: ClientAuthMethod::ClientSecretBasic,
            application_type: ApplicationType::Web,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
            scopes: ScopeSet::default(),
            resources: Vec::new(),
            access_token_format: None,
            id_token_alg: None,
            userinfo_signed_alg: None,
            jwks: None,
            certificate_name: None,
            dpop_bound_access_tokens: false,
            tls_client_certificate_bound_access_tokens: false,
            first_party: false,
            proxy: false,
            introspects: Vec::new(),
            require_pkce: false,
            default_max_age_seconds: None,
            logo_uri: None,
            policy_uri: None,
            tos_uri: None,
            client_uri: None,
            access_ttl_seconds: None,
            refresh_ttl_seconds: None,
        }
    }
}

impl Client {
    pub fn is_public(&self) -> bool {
        self.settings.auth_method == ClientAuthMethod::None
    }

    pub fn may_use(&self, grant: GrantType) -> bool {
        self.settings.grant_types.contains(&grant)
    }

    pub fn access_ttl(&self, default: Duration) -> Duration {
        self.settings
            .access_ttl_seconds
            .map_or(default, Duration::from_secs)
    }

    pub fn refresh_ttl(&self, default: Duration) -> Duration {
        self.settings
            .refresh_ttl_seconds
            .map_or(default, Duration::from_secs)
    }

    /// Whether `presented` is one of the registered redirection URIs (RFC 9700 §2.1: exact comparison).
    pub fn has_redirect_uri(&self, presented: &str) -> bool {
        let kind = self.settings.application_type;
        let registered = self
            .settings
            .redirect_uris
            .iter()
            .filter_map(|uri| RegisteredRedirectUri::parse(uri, kind).ok());
        registered
            .into_iter()
            .any(|registered| registered.matches(presented))
    }
}

/// A client secret as stored: its digest and how long it is taken.
#[derive(Clone)]
pub struct ClientSecret {
    pub digest: crate::secret::SecretDigest,
    pub client_id: ClientId,
    pub created_at: Timestamp,
    /// Set when the secret was rotated out and lives on for an overlap.
    pub expires_at: Option<Timestamp>,
}

impl ClientSecret {
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|expires_at| now < expires_at)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessTokenFormat {
    Jwt,
    Opaque,
}
