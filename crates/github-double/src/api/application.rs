//! A client looks at its own tokens, and ends them.
//! Says nothing about tokens of other clients: they are Not Found.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::call::Call;
use crate::clock;
use crate::front::no_content;
use crate::problem::{Problem, json_answer};
use crate::render;
use crate::world::{UserToken, World};

const NO_TOKEN: Problem = Problem::unprocessable("Invalid request.\n\n\"access_token\" wasn't supplied.")
    .at("https://docs.github.com/rest/apps/oauth-applications#check-a-token");
const NOT_A_TEXT: Problem =
    Problem::unprocessable("Invalid request.\n\nFor 'properties/access_token', value is not a string.")
        .at("https://docs.github.com/rest/apps/oauth-applications#check-a-token");

pub(super) fn check_token(call: &Call<'_>) -> Result<Response, Problem> {
    let (text, token) = own_token(call)?;
    let world = call.shared.world();
    Ok(json_answer(StatusCode::OK, &authorization(&world, &text, &token)))
}

pub(super) fn delete_token(call: &Call<'_>) -> Result<Response, Problem> {
    let (text, _) = own_token(call)?;
    call.shared.world().revoke_user_token(&text);
    Ok(no_content())
}

pub(super) fn delete_grant(call: &Call<'_>) -> Result<Response, Problem> {
    let (_, token) = own_token(call)?;
    call.shared.world().revoke_grant(token.person, &token.client_id);
    Ok(no_content())
}

fn own_token(call: &Call<'_>) -> Result<(String, UserToken), Problem> {
    call.caller.client(call.parameter)?;
    let mut body = call.json()?;
    let text = match body["access_token"].take() {
        Value::String(text) => text,
        Value::Null => return Err(NO_TOKEN),
        _ => return Err(NOT_A_TEXT),
    };
    let world = call.shared.world();
    let token = world
        .user_token(&text, call.now)
        .filter(|token| token.client_id == call.parameter)
        .ok_or_else(Problem::not_found)?
        .clone();
    Ok((text, token))
}

fn authorization(world: &World, text: &str, token: &UserToken) -> Value {
    let digest = hex::encode(Sha256::digest(text.as_bytes()));
    let owner = world.account(token.person);
    let name = token.app.and_then(|app| world.app(app)).map(|app| &app.slug);
    json!({
        "id": token.id,
        "url": format!("{}/authorizations/{}", world.base.api, token.id),
        "app": {
            "name": name.unwrap_or(&token.client_id),
            "url": world.base.web,
            "client_id": token.client_id,
        },
        "token": text,
        "hashed_token": digest,
        "token_last_eight": text.get(text.len().saturating_sub(8)..),
        "note": null,
        "note_url": null,
        "created_at": clock::text(token.created_at),
        "updated_at": clock::text(token.created_at),
        "expires_at": token.expires_at.map(clock::text),
        "scopes": token.scopes.names(),
        "fingerprint": null,
        "user": owner.map(|owner| render::account(&world.base, &owner)),
    })
}
