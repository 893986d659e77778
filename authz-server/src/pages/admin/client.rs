//! `/admin/clients/{id}`: one client and its settings.
//! Refuses to show a secret: nobody can, only digests are kept.

use axum::extract::{Path, Query};
use axum::response::Response;
use domain::clients::ListedClient;
use http::StatusCode;
use model::client::{AccessTokenFormat, ClientSource, GrantType};
use oauth::client_auth::ClientAuthMethod;

use super::clients::{address, badges};
use super::gate::{Administrator, not_found};
use super::{Draft, ListQuery, fact};
use crate::http::fault;
use crate::pages::view::admin::{Act, Cell, Fact, Part, Section};

pub async fn find(admin: &Administrator, id: &str) -> Result<ListedClient, Box<Response>> {
    match admin.visitor.state.authority.find_listed_client(id).await {
        Ok(Some(listed)) => Ok(listed),
        Ok(None) => Err(Box::new(not_found(&admin.visitor))),
        Err(error) => Err(Box::new(fault(&error))),
    }
}

pub async fn show(admin: Administrator, Path(id): Path<String>, Query(query): Query<ListQuery>) -> Response {
    let listed = match find(&admin, &id).await {
        Ok(listed) => listed,
        Err(answer) => return *answer,
    };
    let draft = Draft::new(Section::Clients, "page-admin-client")
        .title(listed.client.name.clone())
        .badges(badges(&listed))
        .above("All clients", Section::Clients.path())
        .done(&query.done);
    let draft = match listed.client.source {
        ClientSource::Config => draft.part(Part::Text(
            "This client stands in the configuration file and is changed there ([[clients]]).".to_owned(),
        )),
        ClientSource::BuiltIn => draft.part(Part::Text("This client comes with the server.".to_owned())),
        ClientSource::Managed | ClientSource::Registered | ClientSource::Document => {
            draft.part(Part::Acts(acts(&listed)))
        }
    };
    draft
        .part(Part::Facts(facts(&admin, &listed)))
        .respond(&admin, StatusCode::OK)
}

pub const fn has_secret(method: ClientAuthMethod) -> bool {
    matches!(
        method,
        ClientAuthMethod::ClientSecretBasic | ClientAuthMethod::ClientSecretPost
    )
}

fn acts(listed: &ListedClient) -> Vec<Act> {
    let client = &listed.client;
    let act = |id, words, word: &str, is_grave| Act {
        id,
        words,
        href: format!("{}/{word}", address(client)),
        is_grave,
    };
    let mut acts = Vec::new();
    if client.source != ClientSource::Document {
        acts.push(act("client-edit", "Change settings", "edit", false));
    }
    if has_secret(client.settings.auth_method) && listed.disabled_at.is_none() {
        acts.push(act("client-rotate", "New secret", "rotate-secret", false));
    }
    acts.push(match listed.disabled_at {
        Some(_) => act("client-enable", "Enable", "enable", false),
        None => act("client-disable", "Disable", "disable", true),
    });
    acts.push(act("client-delete", "Delete", "delete", true));
    acts
}

fn facts(admin: &Administrator, listed: &ListedClient) -> Vec<Fact> {
    let (client, clock) = (&listed.client, admin.clock());
    let settings = &client.settings;
    let grants = settings.grant_types.iter().map(|grant| grant_words(*grant));
    let format = match settings.access_token_format {
        Some(AccessTokenFormat::Jwt) => "JWT",
        Some(AccessTokenFormat::Opaque) => "Opaque",
        None => "As its resource says",
    };
    let mut facts = vec![
        fact("Id", Cell::code(client.id.to_string())),
        fact("Proves itself with", Cell::code(settings.auth_method.as_str())),
        fact(
            "Kind of application",
            Cell::text(format!("{:?}", settings.application_type)),
        ),
        fact("May use", list(grants.map(str::to_owned).collect())),
        fact("Leads back to", list(settings.redirect_uris.clone())),
        fact(
            "After signing out to",
            list(settings.post_logout_redirect_uris.clone()),
        ),
        fact("Scopes", Cell::text(settings.scopes.to_string())),
        fact("Resources", list(settings.resources.clone())),
        fact("Access tokens", Cell::text(format)),
        fact("Demands PKCE", yes(settings.require_pkce)),
        fact("Only DPoP-bound tokens", yes(settings.dpop_bound_access_tokens)),
        fact(
            "Only certificate-bound tokens",
            yes(settings.tls_client_certificate_bound_access_tokens),
        ),
        fact("Public keys", yes(settings.jwks.is_some())),
        fact("Introspects", list(settings.introspects.clone())),
        fact("Registered", Cell::text(clock.moment(client.created_at))),
        fact("Changed", Cell::text(clock.moment(client.updated_at))),
    ];
    let seconds = [
        ("Access token lives", settings.access_ttl_seconds),
        ("Refresh token lives", settings.refresh_ttl_seconds),
    ];
    let own = seconds.into_iter().filter_map(|(name, own)| Some((name, own?)));
    facts.extend(own.map(|(name, seconds)| fact(name, Cell::text(format!("{seconds} s")))));
    if let Some(at) = listed.disabled_at {
        facts.push(fact("Disabled", Cell::text(clock.moment(at))));
    }
    facts
}

const fn grant_words(grant: GrantType) -> &'static str {
    grant.as_str()
}

fn list(lines: Vec<String>) -> Cell {
    match lines.is_empty() {
        true => Cell::text("None"),
        false => Cell {
            lines,
            ..Cell::default()
        },
    }
}

fn yes(so: bool) -> Cell {
    Cell::text(if so { "Yes" } else { "No" })
}
