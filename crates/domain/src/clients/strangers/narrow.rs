//! From what a client says of itself to what it may do.
//! Refuses pictures, keys that are not public, and settings that could never work.

use model::client::ClientSettings;
use model::registry::ResourceServer;
use oauth::client_auth::ClientAuthMethod;
use oauth::error::{ErrorCode, OAuthError};
use oauth::registration::ClientMetadata;
use oauth::scope::{Scope, ScopeSet};
use serde_json::Value;

use crate::clients::check::problems;
use crate::oauth::IDENTITY_SCOPES;
use crate::settings::Settings;

/// The settings of a client that says this; `method` is how it proves itself.
pub(super) fn narrow(
    metadata: &ClientMetadata,
    method: ClientAuthMethod,
    settings: &Settings,
) -> Result<ClientSettings, OAuthError> {
    let open = open_scopes(settings);
    let narrowed = ClientSettings {
        auth_method: method,
        application_type: metadata.application_type,
        redirect_uris: metadata.redirect_uris.clone(),
        post_logout_redirect_uris: metadata.post_logout_redirect_uris.clone(),
        grant_types: metadata.grant_types.clone(),
        // RFC 7591 §2: left out is left to the server; what is not open is filtered, not refused.
        scopes: metadata
            .scope
            .as_ref()
            .map_or_else(|| open.clone(), |asked| whole(asked, &open, settings)),
        resources: settings.strangers.resources.clone(),
        jwks: metadata.jwks.clone(),
        certificate_name: metadata.certificate_name.clone(),
        require_pkce: true,
        dpop_bound_access_tokens: metadata.dpop_bound,
        tls_client_certificate_bound_access_tokens: metadata.certificate_bound,
        client_uri: metadata.client_uri.clone(),
        policy_uri: metadata.policy_uri.clone(),
        tos_uri: metadata.tos_uri.clone(),
        ..ClientSettings::default()
    };
    let invalid = |words: String| OAuthError::new(ErrorCode::InvalidClientMetadata, words);
    if metadata.jwks.as_ref().is_some_and(|keys| !is_public(keys)) {
        return Err(invalid("jwks must be a set of public keys".to_owned()));
    }
    let shows_certificates = metadata.certificate_bound || method.is_by_certificate();
    if shows_certificates && !settings.tokens.client_certificates {
        return Err(invalid("No client certificates are taken here".to_owned()));
    }
    if method == ClientAuthMethod::TlsClientAuth && !settings.tokens.client_authorities {
        return Err(invalid("No authority vouches for names here".to_owned()));
    }
    match problems(&narrowed, &settings.registry).first() {
        Some(problem) => Err(invalid(problem.to_string())),
        None => Ok(narrowed),
    }
}

/// The scopes of a resource are given as a whole: clients name one when they register and others when they step up.
fn whole(asked: &ScopeSet, open: &ScopeSet, settings: &Settings) -> ScopeSet {
    let asked = asked.intersect(open);
    let touched = resources(settings).filter(|resource| !resource.scopes.intersect(&asked).is_empty());
    touched.fold(asked.clone(), |sum, resource| sum.union(&resource.scopes))
}

/// Those about the user, and those of the resources that are open to strangers.
fn open_scopes(settings: &Settings) -> ScopeSet {
    let identity = IDENTITY_SCOPES.iter().filter_map(|name| Scope::parse(name).ok());
    resources(settings).fold(identity.collect(), |sum: ScopeSet, resource| {
        sum.union(&resource.scopes)
    })
}

fn resources(settings: &Settings) -> impl Iterator<Item = &ResourceServer> {
    let named = settings.strangers.resources.iter();
    named.filter_map(|audience| settings.registry.resource(audience))
}

fn is_public(keys: &Value) -> bool {
    let Some(keys) = keys.get("keys").and_then(Value::as_array) else {
        return false;
    };
    let secret = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
    keys.len() <= jose::MAX_KEYS
        && keys
            .iter()
            .all(|key| secret.iter().all(|member| key.get(member).is_none()))
}
