//! `/admin/signing-keys`: what tokens are signed with, the next key before its time, and the end of one that leaked.

use axum::extract::{Path, Query};
use axum::response::Response;
use domain::keys::RotationStart;
use http::StatusCode;
use jose::Algorithm;
use model::signing_key::{KeyState, SigningKeyRecord};

use super::confirm::{Found, Question, agreed, ask};
use super::gate::{Administrator, not_found};
use super::{Draft, ListQuery, refused};
use crate::http::fault;
use crate::pages::account::when::Clock;
use crate::pages::posted::Posted;
use crate::pages::refusal::see_other;
use crate::pages::view::admin::{Act, Cell, Field, Options, Part, Section, Table};

const PATH: &str = "/admin/signing-keys";
/// Beside the keys, not below them: no kid is taken for a word.
pub const ROTATE: &str = "/admin/signing-keys-rotate";
const STARTS: [(&str, &str); 2] = [
    (
        "ahead",
        "After its time of publication (nobody has to fetch anything anew)",
    ),
    (
        "now",
        "At once (clients that keep the key set must fetch it again)",
    ),
];

pub async fn show(admin: Administrator, Query(query): Query<ListQuery>) -> Response {
    let (authority, ctx) = (&admin.visitor.state.authority, &admin.visitor.ctx);
    let keys = match authority.list_keys(ctx).await {
        Ok(keys) => keys,
        Err(error) => return fault(&error),
    };
    let clock = admin.clock();
    let rows = keys
        .iter()
        .map(|key| row(key, key.state(ctx.now), &clock))
        .collect();
    Draft::new(Section::SigningKeys, "page-admin-signing-keys")
        .done(&query.done)
        .part(Part::Acts(vec![Act {
            id: "keys-rotate",
            words: "Rotate",
            href: ROTATE.to_owned(),
            is_grave: false,
        }]))
        .part(Part::Table(Table {
            id: "signing-keys",
            caption: "Signing keys",
            heads: vec![
                "Key",
                "Algorithm",
                "Signs from",
                "Until",
                "Published until",
                "If it leaked",
            ],
            rows,
            empty: "There are no keys yet: the server makes them when it starts.".to_owned(),
        }))
        .respond(&admin, StatusCode::OK)
}

fn row(key: &SigningKeyRecord, state: KeyState, clock: &Clock) -> Vec<Cell> {
    let words = match state {
        KeyState::Next => "Published ahead",
        KeyState::Active => "Signs",
        KeyState::Retired => "Only verifies",
        KeyState::Removed => "Removed",
    };
    let until = |at: Option<model::Timestamp>| at.map_or_else(|| "Open".to_owned(), |at| clock.moment(at));
    vec![
        Cell::code(key.kid.clone()).badge(Some(words)),
        Cell::text(key.algorithm.as_str()),
        Cell::text(clock.moment(key.activates_at)),
        Cell::text(until(key.retired_at)),
        Cell::text(until(key.remove_at)),
        Cell::link("Remove", format!("{PATH}/{}/remove", key.kid)),
    ]
}

fn rotation() -> Question {
    let mut question = Question::new(Section::SigningKeys, "page-admin-keys-rotate", "Rotate the signing keys")
        .lead("Every algorithm gets a new key. Old ones stay published until the last thing they signed has expired.");
    ROTATE.clone_into(&mut question.action);
    question.button = "Rotate the keys";
    question.fields.push(Field::Options(Options {
        id: "start",
        label: "The new keys sign",
        hint: "",
        values: STARTS.to_vec(),
        value: STARTS[0].0.to_owned(),
        error: None,
    }));
    question
}

pub async fn show_rotate(admin: Administrator) -> Response {
    rotation().ask(&admin).await
}

pub async fn rotate(admin: Administrator, posted: Posted) -> Response {
    if let Err(answer) = rotation().answered(&admin, &posted).await {
        return *answer;
    }
    let start = match posted.text("start") {
        "now" => RotationStart::Now,
        _ => RotationStart::Ahead,
    };
    let (authority, ctx) = (&admin.visitor.state.authority, &admin.visitor.ctx);
    match authority
        .rotate_keys_by(ctx, (&Algorithm::ALL, start), admin.actor())
        .await
    {
        Ok(_) => see_other(&format!("{PATH}?done=keys-rotated")),
        Err(error) => refused(&admin, error),
    }
}

async fn removal(admin: &Administrator, kid: &str) -> Found<()> {
    let (authority, ctx) = (&admin.visitor.state.authority, &admin.visitor.ctx);
    let keys = authority
        .list_keys(ctx)
        .await
        .map_err(|error| Box::new(fault(&error)))?;
    let Some(key) = keys.iter().find(|key| key.kid == kid) else {
        return Err(Box::new(not_found(&admin.visitor)));
    };
    let signed = authority
        .count_keys_signed_with(ctx, kid)
        .await
        .map_err(|error| Box::new(fault(&error)))?;
    let mut question = Question::new(Section::SigningKeys, "page-admin-key-remove", "Remove a signing key at once")
        .lead(format!(
            "The {} key {kid}, made {}.",
            key.algorithm,
            admin.clock().moment(key.created_at)
        ))
        .lead("Only for a key that somebody else may have. Every token it signed is refused from now on: applications ask for new ones with their refresh tokens, people with ID tokens sign in again.")
        .lead(format!("API keys that end with it: {signed}. Another key signs from the same moment on."))
        .lead("Other replicas follow within seconds. Proxies and services that verify tokens themselves believe the key until they fetch the key set again, at most five minutes if they keep to what it says.");
    question.action = format!("{PATH}/{kid}/remove");
    question.button = "Remove this key";
    question.typed = Some(kid.to_owned());
    Ok(((), question))
}

pub async fn show_remove(admin: Administrator, Path(kid): Path<String>) -> Response {
    ask(&admin, removal(&admin, &kid).await).await
}

pub async fn remove(admin: Administrator, Path(kid): Path<String>, posted: Posted) -> Response {
    let action = format!("{PATH}/{kid}/remove");
    if let Err(answer) = agreed(&admin, (&action, &posted), removal(&admin, &kid)).await {
        return *answer;
    }
    let (authority, ctx) = (&admin.visitor.state.authority, &admin.visitor.ctx);
    match authority.remove_signing_key(ctx, &kid, admin.actor()).await {
        Ok(true) => see_other(&format!("{PATH}?done=key-removed")),
        Ok(false) => not_found(&admin.visitor),
        Err(error) => refused(&admin, error),
    }
}
