//! What a client may be registered with.
//! Refuses what would be unsafe or could never work.

use jose::KeySet;
use model::client::{ClientSettings, GrantType};
use model::registry::Registry;
use oauth::client_auth::ClientAuthMethod;
use oauth::client_cert::has_certificates;
use oauth::redirect_uri::{RedirectUriError, RegisteredRedirectUri};

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ClientProblem {
    #[error("redirect URI {0:?}: {1}")]
    RedirectUri(String, RedirectUriError),
    #[error("the authorization code grant needs at least one redirect URI")]
    NoRedirectUri,
    #[error("the scope {0:?} is not declared: describe it in [[scopes]] of the configuration")]
    UnknownScope(String),
    #[error("the resource {0:?} is not declared: describe it in [[resources]] of the configuration")]
    UnknownResource(String),
    #[error("private_key_jwt needs `jwks` with at least one public signature key")]
    NoKeys,
    #[error("tls_client_auth needs one name that the client has in its certificates")]
    NoCertificateName,
    #[error("self_signed_tls_client_auth needs `jwks` with at least one certificate (x5c or x5t#S256)")]
    NoCertificates,
    #[error("a public client (auth method none) can't use client_credentials")]
    PublicClientCredentials,
    #[error("a public client (auth method none) can't introspect or read the revocation log")]
    PublicProxy,
}

/// Everything that is wrong with these settings.
pub(super) fn problems(settings: &ClientSettings, registry: &Registry) -> Vec<ClientProblem> {
    let mut found: Vec<ClientProblem> = redirect_uris(settings).collect();
    let uses = |grant| settings.grant_types.contains(&grant);
    if uses(GrantType::AuthorizationCode) && settings.redirect_uris.is_empty() {
        found.push(ClientProblem::NoRedirectUri);
    }
    let undeclared = settings
        .scopes
        .iter()
        .filter(|scope| !is_known_scope(registry, scope.as_str()));
    found.extend(undeclared.map(|scope| ClientProblem::UnknownScope(scope.as_str().to_owned())));
    let undeclared = settings
        .resources
        .iter()
        .chain(&settings.introspects)
        .filter(|name| registry.resource(name).is_none());
    found.extend(undeclared.map(|name| ClientProblem::UnknownResource(name.clone())));
    if settings.auth_method == ClientAuthMethod::PrivateKeyJwt && !has_keys(settings) {
        found.push(ClientProblem::NoKeys);
    }
    if settings.auth_method == ClientAuthMethod::TlsClientAuth && settings.certificate_name.is_none() {
        found.push(ClientProblem::NoCertificateName);
    }
    let registers = settings.jwks.as_ref().is_some_and(has_certificates);
    if settings.auth_method == ClientAuthMethod::SelfSignedTlsClientAuth && !registers {
        found.push(ClientProblem::NoCertificates);
    }
    let public = settings.auth_method == ClientAuthMethod::None;
    if public && uses(GrantType::ClientCredentials) {
        found.push(ClientProblem::PublicClientCredentials);
    }
    if public && (settings.proxy || !settings.introspects.is_empty()) {
        found.push(ClientProblem::PublicProxy);
    }
    found
}

fn redirect_uris(settings: &ClientSettings) -> impl Iterator<Item = ClientProblem> {
    settings
        .redirect_uris
        .iter()
        .chain(&settings.post_logout_redirect_uris)
        .filter_map(|uri| {
            let problem = RegisteredRedirectUri::parse(uri, settings.application_type).err()?;
            Some(ClientProblem::RedirectUri(uri.clone(), problem))
        })
}

fn is_known_scope(registry: &Registry, name: &str) -> bool {
    crate::oauth::is_identity_scope(name)
        || registry.scope(name).is_some()
        || registry
            .resources
            .iter()
            .any(|resource| resource.scopes.contains(name))
}

fn has_keys(settings: &ClientSettings) -> bool {
    let keys = settings
        .jwks
        .as_ref()
        .map(|jwks| KeySet::parse(jwks.to_string().as_bytes()));
    matches!(keys, Some(Ok(keys)) if !keys.is_empty())
}
