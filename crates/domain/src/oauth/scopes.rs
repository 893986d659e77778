//! Which scopes and audiences a request ends up with.
//! Refuses to widen: the client's registration and the grant are upper bounds (O12, O24, O29).

use model::client::Client;
use model::registry::Registry;
use oauth::error::OAuthError;
use oauth::scope::{Scope, ScopeSet};

/// Scopes that are about the user, not about a resource server.
pub(crate) const IDENTITY: [&str; 6] = ["openid", "profile", "email", "address", "phone", "offline_access"];

pub(super) fn is_identity(scope: &Scope) -> bool {
    IDENTITY.contains(&scope.as_str())
}

pub(super) fn collect<'s>(scopes: impl Iterator<Item = &'s Scope>) -> ScopeSet {
    scopes.cloned().collect()
}

/// What an authorization request asks for, narrowed to what the client may have (OIDC Core §3.1.2.1: scopes that are
/// not understood are ignored; the answer says what was granted). Without a scope: all the client may have at resources.
pub(super) fn of_authorization(client: &Client, requested: &ScopeSet) -> Result<ScopeSet, OAuthError> {
    let allowed = &client.settings.scopes;
    let granted = match requested.is_empty() {
        true => collect(allowed.iter().filter(|scope| !is_identity(scope))),
        false => requested.intersect(allowed),
    };
    if granted.is_empty() {
        return Err(OAuthError::invalid_scope(
            "None of the requested scopes can be granted to this client",
        ));
    }
    Ok(granted)
}

/// What a client may get for itself: exactly what it asks for, or everything that is not about a user.
pub(super) fn of_client(client: &Client, requested: Option<&ScopeSet>) -> Result<ScopeSet, OAuthError> {
    let own = collect(client.settings.scopes.iter().filter(|scope| !is_identity(scope)));
    match requested {
        None => Ok(own),
        Some(requested) if requested.is_subset(&own) => Ok(requested.clone()),
        Some(_) => Err(OAuthError::invalid_scope(
            "The client may not have one of the requested scopes",
        )),
    }
}

/// Checks `resource` parameters against what the client may name (RFC 8707 §2).
pub(super) fn check_resources(
    client: &Client,
    registry: &Registry,
    wanted: &[String],
) -> Result<(), OAuthError> {
    let known = |audience: &String| {
        client.settings.resources.contains(audience) && registry.resource(audience).is_some()
    };
    match wanted.iter().find(|audience| !known(audience)) {
        Some(_) => Err(OAuthError::invalid_target(
            "The requested resource is unknown to this client",
        )),
        None => Ok(()),
    }
}

/// The audiences of a token: those asked for now, else those of the grant, else the client's default, else the issuer.
pub(super) fn audience(
    client: &Client,
    granted: &[String],
    asked: &[String],
    issuer: &str,
) -> Result<Vec<String>, OAuthError> {
    // RFC 8707 §2.2: the token request may only narrow what was authorized.
    if !granted.is_empty() && asked.iter().any(|audience| !granted.contains(audience)) {
        return Err(OAuthError::invalid_target(
            "The requested resource was not authorized",
        ));
    }
    let chosen = if asked.is_empty() { granted } else { asked };
    if !chosen.is_empty() {
        return Ok(chosen.to_vec());
    }
    Ok(vec![
        client
            .settings
            .resources
            .first()
            .map_or(issuer, String::as_str)
            .to_owned(),
    ])
}

/// The scopes that mean something at these audiences, plus those about the user.
pub(super) fn at_audience(scopes: &ScopeSet, audience: &[String], registry: &Registry) -> ScopeSet {
    let servers: Vec<_> = audience
        .iter()
        .filter_map(|name| registry.resource(name))
        .collect();
    // An audience that was not declared is the server itself, where every scope means something.
    if servers.len() < audience.len() || servers.iter().any(|server| server.scopes.is_empty()) {
        return scopes.clone();
    }
    let known = |scope: &&Scope| {
        is_identity(scope)
            || servers
                .iter()
                .any(|server| server.scopes.contains(scope.as_str()))
    };
    collect(scopes.iter().filter(known))
}
