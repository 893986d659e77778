//! `/admin/accounts/{number}/log`: the requests in an account, and the chain they stand in.
//! Refuses to judge the chain in line with a page: that reads all of it, and is the command line's.

use axum::extract::{Path, Query};
use axum::response::Response;
use domain::audit::AuditFilter;
use http::StatusCode;
use model::audit::Entry;
use model::iam::AccountId;
use serde::Deserialize;
use storage::audit_chains::Chain;
use url::form_urlencoded::Serializer;

use super::gate::{Administrator, not_found};
use super::{Draft, fact, refused};
use crate::pages::account::when::Clock;
use crate::pages::view::admin::{Cell, Fact, Pager, Part, Search, Section, Table};

const PER_PAGE: u16 = 50;

#[derive(Default, Deserialize)]
pub struct LogQuery {
    #[serde(default)]
    q: String,
    #[serde(default)]
    actor: String,
    #[serde(default)]
    from: String,
}

pub async fn show(
    admin: Administrator,
    Path(number): Path<String>,
    Query(query): Query<LogQuery>,
) -> Response {
    let Ok(number) = number.parse::<AccountId>() else {
        return not_found(&admin.visitor);
    };
    let authority = &admin.visitor.state.authority;
    let short = |text: &str| text.trim().chars().take(200).collect::<String>();
    let filter = AuditFilter {
        q: short(&query.q),
        actor: short(&query.actor),
        before: authority.read_audit_cursor(number.as_str(), &query.from),
        limit: PER_PAGE,
        ..AuditFilter::default()
    };
    let found = authority.read_account_log(&number, &filter, &admin.actor()).await;
    let (chain, page) = match found {
        Ok(Some((chain, page))) => (Some(chain), Some(page)),
        Ok(None) => (None, None),
        Err(error) => return refused(&admin, error),
    };
    let path = format!("/admin/accounts/{number}/log");
    let next = page.as_ref().and_then(|page| page.next);
    let older = next.map(|next| link(&path, &filter, &authority.audit_cursor(number.as_str(), next)));
    let newer = filter.before.is_some().then(|| link(&path, &filter, ""));
    let clock = admin.clock();
    let entries = page.map_or_else(Vec::new, |page| page.entries);
    let mut draft = Draft::new(Section::Accounts, "page-admin-account-log")
        .title(format!("Requests of {number}"))
        .above("To the account", format!("/admin/accounts/{number}"));
    if let Some(chain) = &chain {
        draft = draft.part(Part::Facts(state(chain, &clock)));
    }
    draft
        .part(Part::Search(search(path, &filter)))
        .part(Part::Table(table(&entries, &clock)))
        .part(Part::Pager(Pager {
            words: String::new(),
            newer,
            older,
        }))
        .respond(&admin, StatusCode::OK)
}

fn state(chain: &Chain, clock: &Clock) -> Vec<Fact> {
    let unsigned = chain.seq.saturating_sub(chain.checkpoint.1);
    vec![
        fact(
            "Entries",
            Cell::text(format!("{} to {}", chain.first.0, chain.seq))
                .line(format!("the last {}", clock.moment(chain.at))),
        ),
        fact(
            "Since the last checkpoint",
            Cell::text(format!("{unsigned} entries, checkpoint {}", chain.checkpoint.0)),
        ),
        fact("Erased", Cell::text(chain.erased.to_string())),
        fact(
            "To verify or export it",
            Cell::code("authz-server audit verify").line("authz-server audit export"),
        ),
    ]
}

fn search(action: String, filter: &AuditFilter) -> Search {
    Search {
        action: action.into(),
        label: "Find requests",
        hint: "A text anywhere in the entry.",
        q: filter.q.clone(),
        selects: Vec::new(),
        more: vec![("actor", "Id or name of who acted", filter.actor.clone())],
    }
}

fn table(entries: &[Entry], clock: &Clock) -> Table {
    let row = |entry: &Entry| {
        let actor = entry.actor.clone().unwrap_or_default();
        vec![
            Cell::code(format!("{} {}", entry.method, entry.path)).line(entry.actions.clone()),
            Cell::text(entry.status.to_string()),
            Cell::text(entry.service.clone()),
            Cell::text(format!("{} {actor}", entry.actor_type)),
            Cell::short(clock.moment(entry.at)),
            Cell::text(entry.seq.to_string()),
        ]
    };
    Table {
        id: "entries",
        caption: "Requests, newest first",
        heads: vec!["Request", "Status", "Service", "By", "When", "Number"],
        rows: entries.iter().map(row).collect(),
        empty: "No such request is kept.".to_owned(),
    }
}

fn link(path: &str, filter: &AuditFilter, from: &str) -> String {
    let mut query = Serializer::new(String::new());
    let pairs = [("q", filter.q.as_str()), ("actor", &filter.actor), ("from", from)];
    query.extend_pairs(pairs.into_iter().filter(|(_, value)| !value.is_empty()));
    format!("{path}?{}", query.finish())
}
