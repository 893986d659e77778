//! `/admin/scopes`: what can be asked for, where it is declared and who asks for it.
//! Refuses to change anything: scopes and resources stand in the configuration.

use axum::response::Response;
use domain::Fault;
use domain::clients::ListedClient;
use http::StatusCode;
use model::registry::{ResourceServer, ScopeDefinition};

use super::Draft;
use super::gate::Administrator;
use crate::http::fault;
use crate::pages::view::admin::{Cell, Part, Section, Table};

/// Clients are looked through so far; whoever has more sees what these use.
const MOST_PAGES: i64 = 20;
const MOST_NAMED: usize = 5;

pub async fn show(admin: Administrator) -> Response {
    let clients = match clients(&admin).await {
        Ok(clients) => clients,
        Err(error) => return fault(&error),
    };
    let registry = &admin.visitor.state.authority.settings.registry;
    let scopes = registry.scopes.iter().map(|scope| scope_row(scope, &clients));
    let resources = registry
        .resources
        .iter()
        .map(|resource| resource_row(resource, &clients));
    Draft::new(Section::Scopes, "page-admin-scopes")
        .part(Part::Text(
            "Declared in the configuration, under [[scopes]] and [[resources]]. Those of OpenID Connect are always there.".to_owned(),
        ))
        .heading("scopes-heading", "Scopes")
        .part(Part::Table(Table {
            id: "scopes",
            caption: "Scopes",
            heads: vec!["Scope", "Allows", "Releases", "Clients"],
            rows: scopes.collect(),
            empty: "None are declared. Add [[scopes]] to the configuration.".to_owned(),
        }))
        .heading("resources-heading", "Resources")
        .part(Part::Table(Table {
            id: "resources",
            caption: "Resources",
            heads: vec!["Audience", "Name", "Scopes", "Clients"],
            rows: resources.collect(),
            empty: "None are declared. Add [[resources]] to the configuration.".to_owned(),
        }))
        .respond(&admin, StatusCode::OK)
}

async fn clients(admin: &Administrator) -> Result<Vec<ListedClient>, Fault> {
    let mut all = Vec::new();
    for page in 1..=MOST_PAGES {
        let (some, has_more) = admin
            .visitor
            .state
            .authority
            .search_clients(("", None), page)
            .await?;
        all.extend(some);
        if !has_more {
            break;
        }
    }
    Ok(all)
}

fn scope_row(scope: &ScopeDefinition, clients: &[ListedClient]) -> Vec<Cell> {
    let uses = |listed: &&ListedClient| listed.client.settings.scopes.contains(scope.name.as_str());
    vec![
        Cell::code(scope.name.as_str()),
        Cell::text(scope.description.clone()),
        Cell::text(scope.claims.join(", ")),
        users(clients.iter().filter(uses)),
    ]
}

fn resource_row(resource: &ResourceServer, clients: &[ListedClient]) -> Vec<Cell> {
    let uses = |listed: &&ListedClient| {
        let settings = &listed.client.settings;
        settings.resources.contains(&resource.audience) || settings.introspects.contains(&resource.audience)
    };
    vec![
        Cell::code(resource.audience.clone()),
        Cell::text(resource.name.clone()),
        Cell::text(resource.scopes.to_string()),
        users(clients.iter().filter(uses)),
    ]
}

fn users<'a>(clients: impl Iterator<Item = &'a ListedClient>) -> Cell {
    let mut names: Vec<String> = clients.map(|listed| listed.client.name.clone()).collect();
    let others = names.len().saturating_sub(MOST_NAMED);
    names.truncate(MOST_NAMED);
    if others > 0 {
        names.push(format!("and {others} more"));
    }
    match names.is_empty() {
        true => Cell::text("None"),
        false => Cell::text(names.join(", ")),
    }
}
