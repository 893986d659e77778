//! `/admin/keys`: the API keys of everybody, found by how they begin or whose they are, and their end.
//! Refuses to list them all, and knows no text of a key.

use axum::extract::{Path, Query};
use axum::response::Response;
use domain::people::administration::{FoundKey, MOST_KEYS};
use http::StatusCode;
use model::api_key::ApiKeyId;

use super::confirm::{Found, Question, agreed, ask};
use super::gate::{Administrator, not_found};
use super::{Draft, ListQuery, isolated, refused, users};
use crate::pages::account::when::Clock;
use crate::pages::posted::Posted;
use crate::pages::refusal::see_other;
use crate::pages::view::admin::{Cell, Pager, Part, Search, Section, Table};

pub async fn show(admin: Administrator, Query(query): Query<ListQuery>) -> Response {
    let (authority, q) = (&admin.visitor.state.authority, query.q());
    let found = match authority
        .find_api_keys(&admin.visitor.ctx, &q, &admin.actor())
        .await
    {
        Ok(found) => found,
        Err(error) => return refused(&admin, error),
    };
    let clock = admin.clock();
    let empty = match q.is_empty() {
        true => "Search for an owner, or for how a key begins.".to_owned(),
        false => format!("No key is found by “{}”. It may have ended.", isolated(&q)),
    };
    Draft::new(Section::Keys, "page-admin-keys")
        .done(&query.done)
        .part(Part::Search(Search {
            action: "/admin/keys".into(),
            label: "Find API keys",
            hint: "How the key begins, as lists show it (never the whole key), its id, or its owner.",
            q,
            selects: Vec::new(),
            more: Vec::new(),
        }))
        .part(Part::Table(Table {
            id: "keys",
            caption: "API keys",
            heads: vec!["Name", "Begins", "Owner", "May", "Last used"],
            rows: found.iter().map(|found| row(found, &clock)).collect(),
            empty,
        }))
        .part(Part::Pager(Pager::cut(found.len(), MOST_KEYS)))
        .respond(&admin, StatusCode::OK)
}

fn row(FoundKey { key, owner }: &FoundKey, clock: &Clock) -> Vec<Cell> {
    let used = key
        .last_used_at
        .map_or_else(|| "Never".to_owned(), |at| clock.moment(at));
    vec![
        Cell::link(key.name.to_string(), format!("/admin/keys/{}/revoke", key.id)),
        Cell::code(format!("{}…", key.prefix)),
        Cell::link(owner.display_name(), users::address(owner)),
        Cell::text(key.permissions.to_list().join(" ")),
        Cell::short(used),
    ]
}

async fn question(admin: &Administrator, id: &str) -> Found<ApiKeyId> {
    let Ok(key_id) = id.parse::<ApiKeyId>() else {
        return Err(Box::new(not_found(&admin.visitor)));
    };
    let authority = &admin.visitor.state.authority;
    let found = authority
        .find_api_keys(&admin.visitor.ctx, id, &admin.actor())
        .await
        .map_err(|error| Box::new(refused(admin, error)))?;
    let Some(FoundKey { key, owner }) = found.iter().find(|found| found.key.id == key_id) else {
        return Err(Box::new(not_found(&admin.visitor)));
    };
    let clock = admin.clock();
    let title = format!(
        "Revoke {}, a key of {}",
        isolated(key.name.as_str()),
        isolated(owner.display_name())
    );
    let mut question = Question::new(Section::Keys, "page-admin-key-revoke", title)
        .lead(format!(
            "It begins {}…, was made {}, and may: {}.",
            key.prefix,
            clock.moment(key.created_at),
            key.permissions.to_list().join(" "),
        ))
        .lead("Every program that uses it stops working at once. A key that was revoked does not come back.");
    question.action = format!("/admin/keys/{id}/revoke");
    question.back = users::address(owner);
    question.button = "Revoke this key";
    Ok((key_id, question))
}

pub async fn show_revoke(admin: Administrator, Path(id): Path<String>) -> Response {
    ask(&admin, question(&admin, &id).await).await
}

pub async fn revoke(admin: Administrator, Path(id): Path<String>, posted: Posted) -> Response {
    let action = format!("/admin/keys/{id}/revoke");
    let key = match agreed(&admin, (&action, &posted), question(&admin, &id)).await {
        Ok(key) => key,
        Err(answer) => return *answer,
    };
    let authority = &admin.visitor.state.authority;
    match authority
        .revoke_key_of_somebody(&admin.visitor.ctx, key, admin.actor())
        .await
    {
        Ok(_) => see_other(&format!("{}?done=key-revoked", Section::Keys.path())),
        Err(error) => refused(&admin, error),
    }
}
