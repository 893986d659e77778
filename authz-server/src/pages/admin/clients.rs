//! `/admin/clients`: the programs that sign people in or ask for tokens.

use axum::extract::Query;
use axum::response::Response;
use domain::clients::{ListedClient, PER_PAGE};
use http::StatusCode;
use model::client::{Client, ClientSource};
use url::form_urlencoded::{Serializer, byte_serialize};

use super::gate::Administrator;
use super::{Draft, ListQuery, isolated};
use crate::http::fault;
use crate::pages::account::when::Clock;
use crate::pages::view::admin::{Act, Cell, Pager, Part, Search, Section, Select, Table};

const PATH: &str = "/admin/clients";
const SOURCES: [(&str, &str); 6] = [
    ("", "All"),
    ("managed", "Registered by hand"),
    ("config", "In the configuration"),
    ("registered", "Registered themselves"),
    ("document", "Published by themselves"),
    ("built_in", "Part of the server"),
];

pub async fn show(admin: Administrator, Query(query): Query<ListQuery>) -> Response {
    let (authority, q) = (&admin.visitor.state.authority, query.q());
    let source = ClientSource::parse(&query.state);
    let page = i64::try_from(query.page()).unwrap_or(1).min(10_000);
    let (found, has_more) = match authority.search_clients((&q, source), page).await {
        Ok(found) => found,
        Err(error) => return fault(&error),
    };
    let clock = admin.clock();
    let empty = match (q.is_empty(), page > 1) {
        (_, true) => "There are not so many pages. Go back to the first one.".to_owned(),
        (false, _) => format!("No client has “{}” in its id or name.", isolated(&q)),
        (true, _) => "There is no such client yet. Make one.".to_owned(),
    };
    Draft::new(Section::Clients, "page-admin-clients")
        .done(&query.done)
        .part(Part::Acts(vec![Act {
            id: "client-new",
            words: "Make a client",
            href: super::client_new::PATH.to_owned(),
            is_grave: false,
        }]))
        .part(Part::Search(search(&q, source)))
        .part(Part::Table(Table {
            id: "clients",
            caption: "Clients",
            heads: vec!["Client", "Id", "Since"],
            rows: found.iter().map(|listed| row(listed, &clock)).collect(),
            empty,
        }))
        .part(Part::Pager(pager((&q, source), page, (found.len(), has_more))))
        .respond(&admin, StatusCode::OK)
}

fn search(q: &str, source: Option<ClientSource>) -> Search {
    Search {
        action: PATH.into(),
        label: "Find a client",
        hint: "A part of its id or name.",
        q: q.to_owned(),
        selects: vec![Select {
            id: "state",
            label: "Where it comes from",
            values: SOURCES.to_vec(),
            value: source.map_or("", ClientSource::as_str).to_owned(),
        }],
        more: Vec::new(),
    }
}

fn row(listed: &ListedClient, clock: &Clock) -> Vec<Cell> {
    let client = &listed.client;
    let mut named = Cell::link(client.name.clone(), address(client));
    named.badges = badges(listed);
    vec![
        named,
        Cell::code(client.id.to_string()),
        Cell::short(clock.day(client.created_at)),
    ]
}

/// What tells it from others at a glance.
pub fn badges(listed: &ListedClient) -> Vec<&'static str> {
    let settings = &listed.client.settings;
    let source = match listed.client.source {
        ClientSource::Config => Some("Configured"),
        ClientSource::Registered => Some("Registered itself"),
        ClientSource::Document => Some("Published by itself"),
        ClientSource::BuiltIn => Some("Built in"),
        ClientSource::Managed => None,
    };
    [
        listed.disabled_at.is_some().then_some("Disabled"),
        source,
        listed.client.is_public().then_some("Public"),
        settings.first_party.then_some("First party"),
        settings.proxy.then_some("Proxy"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Where a client is shown. Ids may be URLs, so they travel as one escaped segment.
pub fn address(client: &Client) -> String {
    let id: String = byte_serialize(client.id.as_str().as_bytes()).collect();
    format!("{PATH}/{}", id.replace('+', "%20"))
}

fn pager((q, source): (&str, Option<ClientSource>), page: i64, (shown, has_more): (usize, bool)) -> Pager {
    let link = |page: i64| {
        let mut query = Serializer::new(String::new());
        query.append_pair("q", q);
        query.append_pair("state", source.map_or("", ClientSource::as_str));
        query.append_pair("page", &page.to_string());
        format!("{PATH}?{}", query.finish())
    };
    let first = (page - 1) * PER_PAGE;
    Pager {
        words: match shown {
            0 => String::new(),
            shown => format!("{} to {}", first + 1, first + i64::try_from(shown).unwrap_or(0)),
        },
        newer: (page > 1).then(|| link(page - 1)),
        older: has_more.then(|| link(page + 1)),
    }
}
