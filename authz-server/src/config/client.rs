//! `[[clients]]`: clients that exist from the start.
//! Refuses clients whose credentials, grants and redirects do not fit together.

use std::path::PathBuf;

use oauth::client_cert::{ExpectedName, has_certificates};
use oauth::redirect_uri::RegisteredRedirectUri;

use super::{
    AccessTokenFormat, Algorithm, Problems, ResourceConfig, ScopeConfig, Secret, ServerConfig, brand, secret,
    secret::redacted,
};

/// A client that exists from the start.
#[derive(Clone, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientConfig {
    /// The `client_id`: 1 to 255 visible ASCII characters.
    pub id: String,
    /// What a person reads on the login and consent pages.
    pub name: String,
    /// The shared secret of a confidential client, at least 24 random characters.
    #[serde(default, serialize_with = "redacted")]
    #[schemars(with = "Option<String>")]
    pub secret: Option<Secret>,
    /// A file with the secret, instead of `secret`.
    pub secret_file: Option<PathBuf>,
    /// How the client proves who it is. Without it: `client_secret_basic` with a secret, `private_key_jwt` with keys, else `none`.
    pub auth_method: Option<AuthMethod>,
    /// Native applications get free choice of the port on loopback redirects.
    #[serde(default)]
    pub application_type: ApplicationType,
    /// Where a login may return to; compared byte by byte.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Where a logout may return to; compared byte by byte.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// The grants it may use.
    #[serde(default = "default_grant_types")]
    pub grant_types: Vec<GrantType>,
    /// The scopes it may ask for.
    #[serde(default = "default_scopes")]
    pub scopes: Vec<String>,
    /// The audiences it may ask for.
    #[serde(default)]
    pub resources: Vec<String>,
    /// The form of its access tokens, where the resource does not decide.
    pub access_token_format: Option<AccessTokenFormat>,
    /// The signature of its ID tokens, where it differs from `keys.default_algorithm`.
    pub id_token_alg: Option<Algorithm>,
    /// For `tls_client_auth`, one of five: its subject as in RFC 4514, such as `CN=till,O=Shop`, compared to the letter. The
    /// certificate must come from an authority in `server.client_ca_file`.
    pub tls_client_auth_subject_dn: Option<String>,
    /// The same: a DNS name of its certificate.
    pub tls_client_auth_san_dns: Option<String>,
    /// The same: a URI.
    pub tls_client_auth_san_uri: Option<String>,
    /// The same: an address.
    pub tls_client_auth_san_ip: Option<String>,
    /// The same: a mailbox.
    pub tls_client_auth_san_email: Option<String>,
    /// Its public keys for `private_key_jwt`, or its certificates (`x5c`, `x5t#S256`) for `self_signed_tls_client_auth`, as a
    /// JWK set.
    #[schemars(with = "Option<std::collections::BTreeMap<String, serde_json::Value>>")]
    pub jwks: Option<serde_json::Value>,
    /// A file with the JWK set, instead of `jwks`.
    pub jwks_file: Option<PathBuf>,
    /// Its tokens are always bound to a key of its own: it must send DPoP proofs.
    #[serde(default)]
    pub dpop_bound_access_tokens: bool,
    /// Its tokens are always bound to its certificate: it must connect with one. See `server.tls.client_certificates`.
    #[serde(default)]
    pub tls_client_certificate_bound_access_tokens: bool,
    /// The https URL of its logo.
    pub logo: Option<String>,
    /// The https URL of its privacy policy.
    pub policy_uri: Option<String>,
    /// The https URL of its terms of service.
    pub tos_uri: Option<String>,
    /// The operator's own application: users are not asked for consent.
    #[serde(default)]
    pub first_party: bool,
    /// May read the revocation log, as an introspecting proxy does.
    #[serde(default)]
    pub proxy: bool,
    /// May introspect tokens.
    #[serde(default)]
    pub introspection: bool,
}

/// How a client proves who it is at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    None,
    ClientSecretBasic,
    ClientSecretPost,
    PrivateKeyJwt,
    TlsClientAuth,
    SelfSignedTlsClientAuth,
}

/// Where a client runs.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum ApplicationType {
    #[default]
    Web,
    Native,
}

impl From<ApplicationType> for oauth::redirect_uri::ApplicationType {
    fn from(configured: ApplicationType) -> Self {
        match configured {
            ApplicationType::Web => Self::Web,
            ApplicationType::Native => Self::Native,
        }
    }
}

/// A grant that a client may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    AuthorizationCode,
    RefreshToken,
    ClientCredentials,
    /// An API key in exchange for an access token (RFC 8693).
    #[serde(rename = "urn:ietf:params:oauth:grant-type:token-exchange")]
    TokenExchange,
}

fn default_grant_types() -> Vec<GrantType> {
    vec![GrantType::AuthorizationCode, GrantType::RefreshToken]
}

fn default_scopes() -> Vec<String> {
    ["openid", "profile", "email", "offline_access"]
        .map(str::to_owned)
        .to_vec()
}

impl ClientConfig {
    /// The configured authentication method, or the one that its credentials imply.
    pub fn effective_auth_method(&self) -> AuthMethod {
        let has_secret = self.secret.is_some() || self.secret_file.is_some();
        let has_keys = self.jwks.is_some() || self.jwks_file.is_some();
        self.auth_method.unwrap_or(match (has_secret, has_keys) {
            (true, _) => AuthMethod::ClientSecretBasic,
            (false, true) => AuthMethod::PrivateKeyJwt,
            (false, false) => AuthMethod::None,
        })
    }

    fn told_names(&self) -> impl Iterator<Item = (&'static str, &String)> {
        let told = [
            &self.tls_client_auth_subject_dn,
            &self.tls_client_auth_san_dns,
            &self.tls_client_auth_san_uri,
            &self.tls_client_auth_san_ip,
            &self.tls_client_auth_san_email,
        ];
        let told = ExpectedName::MEMBERS.into_iter().zip(told);
        told.filter_map(|(member, value)| Some((member, value.as_ref()?)))
    }

    /// Its names in certificates; a checked configuration has one at most.
    pub fn certificate_names(&self) -> impl Iterator<Item = ExpectedName> {
        self.told_names()
            .filter_map(|(member, value)| ExpectedName::parse(member, value))
    }

    /// Whether it authenticates with a certificate.
    pub fn shows_certificate(&self) -> bool {
        matches!(
            self.effective_auth_method(),
            AuthMethod::TlsClientAuth | AuthMethod::SelfSignedTlsClientAuth
        )
    }

    fn check(&self, key: &str, problems: &mut Problems) {
        let visible = self.id.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
        problems.add_if(
            self.id.is_empty() || self.id.len() > 255 || !visible,
            key,
            "the id must be 1 to 255 visible ASCII characters",
        );
        problems.add_if(
            self.name.is_empty() || self.name.len() > 128,
            key,
            "the name must have 1 to 128 characters",
        );
        let by_name = self.effective_auth_method() == AuthMethod::TlsClientAuth;
        problems.add_if(
            !by_name && self.told_names().next().is_some(),
            key,
            "a tls_client_auth_ name is of no use without auth_method tls_client_auth",
        );
        self.check_credentials(key, problems);
        self.check_redirects(key, problems);
        for (member, value) in [
            ("logo", &self.logo),
            ("policy_uri", &self.policy_uri),
            ("tos_uri", &self.tos_uri),
        ] {
            let wrong = value.as_deref().is_some_and(|uri| !brand::is_https(uri));
            problems.add_if(wrong, &format!("{key}.{member}"), "must be an https URL");
        }
        let public = self.effective_auth_method() == AuthMethod::None;
        let machine = self.grant_types.contains(&GrantType::ClientCredentials);
        // RFC 6749 §4.4.
        problems.add_if(
            public && machine,
            key,
            "client_credentials needs a client that authenticates",
        );
        problems.add_if(public && self.proxy, key, "a proxy must authenticate");
        problems.add_if(
            public && self.introspection,
            key,
            "a client that introspects must authenticate",
        );
    }

    fn check_credentials(&self, key: &str, problems: &mut Problems) {
        // Of a file that cannot be read it was told already.
        let has_keys = self.jwks.is_some() || self.jwks_file.is_some();
        match self.effective_auth_method() {
            AuthMethod::None => {
                problems.add_if(
                    self.secret.is_some(),
                    key,
                    "has a secret, but auth_method none does not use it",
                );
            }
            AuthMethod::PrivateKeyJwt => {
                problems.add_if(!has_keys, key, "private_key_jwt needs jwks or jwks_file");
            }
            AuthMethod::TlsClientAuth => {
                let names = self.certificate_names().count();
                problems.add_if(
                    names != 1 || self.told_names().count() != 1,
                    key,
                    "tls_client_auth needs exactly one tls_client_auth_ name that can be read",
                );
            }
            AuthMethod::SelfSignedTlsClientAuth => {
                let unread = self.jwks.is_none() && self.jwks_file.is_some();
                let registers = unread || self.jwks.as_ref().is_some_and(has_certificates);
                problems.add_if(
                    !registers,
                    key,
                    "self_signed_tls_client_auth needs certificates (x5c or x5t#S256) in jwks or jwks_file",
                );
            }
            AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost => match &self.secret {
                Some(text) => {
                    if let Some(reason) = secret::weakness(text.expose()) {
                        problems.add(format!("{key}.secret"), reason);
                    }
                }
                None => problems.add_if(
                    self.secret_file.is_none(),
                    key,
                    "its auth_method needs secret or secret_file",
                ),
            },
        }
        if let Some(set) = &self.jwks {
            problems.add_if(
                !is_public_key_set(set),
                &format!("{key}.jwks"),
                "must be a JWK set of public keys",
            );
        }
    }

    fn check_redirects(&self, key: &str, problems: &mut Problems) {
        let uses_code = self.grant_types.contains(&GrantType::AuthorizationCode);
        let machine_only = !uses_code || self.proxy || self.introspection;
        let missing = self.redirect_uris.is_empty() && !machine_only;
        problems.add_if(missing, key, "authorization_code needs redirect_uris");
        for (member, uris) in [
            ("redirect_uris", &self.redirect_uris),
            ("post_logout_redirect_uris", &self.post_logout_redirect_uris),
        ] {
            for uri in uris {
                if let Err(reason) = RegisteredRedirectUri::parse(uri, self.application_type.into()) {
                    problems.add(format!("{key}.{member}"), format!("{uri}: {reason}"));
                }
            }
        }
    }
}

fn is_public_key_set(set: &serde_json::Value) -> bool {
    let Some(keys) = set.get("keys").and_then(serde_json::Value::as_array) else {
        return false;
    };
    let is_public = |key: &serde_json::Value| {
        key.get("kty").is_some() && key.get("d").is_none() && key.get("k").is_none()
    };
    (1..=32).contains(&keys.len()) && keys.iter().all(is_public)
}

pub(super) fn check(
    clients: &[ClientConfig],
    scopes: &[ScopeConfig],
    resources: &[ResourceConfig],
    problems: &mut Problems,
) {
    for (index, client) in clients.iter().enumerate() {
        let key = format!("clients.{}", client.id);
        client.check(&key, problems);
        problems.add_if(
            clients[..index].iter().any(|other| other.id == client.id),
            &key,
            "the id occurs twice",
        );
        for name in &client.scopes {
            let known = scopes.iter().any(|scope| &scope.name == name);
            problems.add_if(
                !known,
                &key,
                &format!("may ask for the scope {name}, which no [[scopes]] entry describes"),
            );
        }
        for audience in &client.resources {
            let known = resources.iter().any(|resource| &resource.audience == audience);
            problems.add_if(
                !known,
                &key,
                &format!("may ask for {audience}, which no [[resources]] entry describes"),
            );
        }
    }
}

/// Clients that authenticate with certificates need a server that asks for them.
pub(super) fn check_certificates(clients: &[ClientConfig], server: &ServerConfig, problems: &mut Problems) {
    for client in clients.iter().filter(|client| client.shows_certificate()) {
        let key = format!("clients.{}", client.id);
        problems.add_if(
            !server.takes_client_certificates(),
            &key,
            "authenticates with a certificate: set server.tls.client_certificates or server.client_cert_header",
        );
        let by_name = client.effective_auth_method() == AuthMethod::TlsClientAuth;
        problems.add_if(
            by_name && server.client_ca_file.is_none(),
            &key,
            "tls_client_auth needs server.client_ca_file",
        );
    }
}
