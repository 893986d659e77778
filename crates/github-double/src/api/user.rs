//! What a person's token shows: profile, addresses, installations.
//! Hides what the scopes or permissions do not cover, as GitHub does: with Not Found, or as not accessible.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::page::Page;
use crate::call::Call;
use crate::people::Email;
use crate::problem::{Problem, json_answer};
use crate::render;
use crate::world::{Installed, UserToken, World};

const NO_ADDRESSES: Problem = Problem::not_found()
    .at("https://docs.github.com/rest/users/emails#list-email-addresses-for-the-authenticated-user");
const NOT_OF_AN_APP: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "You must authenticate with an access token authorized to a GitHub App in order to list installations",
)
.at("https://docs.github.com/rest/apps/installations#list-app-installations-accessible-to-the-user-access-token");

pub(super) fn show(call: &Call<'_>) -> Result<Response, Problem> {
    let token = call.caller.user()?;
    let world = call.shared.world();
    let person = world
        .people
        .get(&token.person)
        .ok_or_else(Problem::bad_credentials)?;
    let private = token.app.is_none() && token.scopes.allow("read:user");
    Ok(json_answer(
        StatusCode::OK,
        &render::profile(&world, person, private),
    ))
}

pub(super) fn emails(call: &Call<'_>) -> Result<Response, Problem> {
    let token = call.caller.user()?;
    let addresses = {
        let world = call.shared.world();
        may_read_addresses(&world, token)?;
        let person = world
            .people
            .get(&token.person)
            .ok_or_else(Problem::bad_credentials)?;
        person.emails.iter().map(address).collect::<Vec<_>>()
    };
    let page = Page::of(call, addresses.len());
    Ok(page.answer(&Value::Array(page.cut(addresses))))
}

fn may_read_addresses(world: &World, token: &UserToken) -> Result<(), Problem> {
    match token.app.and_then(|app| world.app(app)) {
        Some(app) if app.permissions.contains_key("emails") => Ok(()),
        Some(_) => Err(Problem::not_for_integrations()),
        None if token.scopes.allow("user:email") => Ok(()),
        None => Err(NO_ADDRESSES),
    }
}

fn address(email: &Email) -> Value {
    let visibility = email
        .primary
        .then_some(if email.public { "public" } else { "private" });
    json!({
        "email": email.email,
        "primary": email.primary,
        "verified": email.verified,
        "visibility": visibility,
    })
}

pub(super) fn installations(call: &Call<'_>) -> Result<Response, Problem> {
    let token = call.caller.user()?;
    let app = token.app.ok_or(NOT_OF_AN_APP)?;
    let found: Vec<Value> = {
        let world = call.shared.world();
        let all = world
            .installations
            .values()
            .filter(|installed| installed.app == app);
        let seen = all.filter(|installed| world.sees(token.person, installed));
        seen.map(|installed| render::installation(&world, installed))
            .collect()
    };
    let page = Page::of(call, found.len());
    let total = found.len();
    Ok(page.answer(&json!({"total_count": total, "installations": page.cut(found)})))
}

pub(super) fn installation_repositories(call: &Call<'_>) -> Result<Response, Problem> {
    let token = call.caller.user()?;
    let app = token.app.ok_or(NOT_OF_AN_APP)?;
    let (selection, found) = {
        let world = call.shared.world();
        let visible = |installed: &&Installed| installed.app == app && world.sees(token.person, installed);
        let installed = world
            .installations
            .get(&call.number()?)
            .filter(visible)
            .ok_or_else(Problem::not_found)?;
        let repositories = world.installation_repositories(installed.id);
        let found = repositories
            .iter()
            .map(|repository| render::repository(&world, repository));
        (render::selection(installed), found.collect::<Vec<_>>())
    };
    let page = Page::of(call, found.len());
    let total = found.len();
    Ok(page.answer(&json!({
        "total_count": total,
        "repository_selection": selection,
        "repositories": page.cut(found),
    })))
}
