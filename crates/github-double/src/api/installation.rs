//! Installation tokens: made by the app, used by the installation.
//! A token never reaches further than its installation.

use std::collections::BTreeSet;

use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{app, page::Page};
use crate::call::Call;
use crate::caller::Caller;
use crate::front::no_content;
use crate::problem::{Problem, json_answer};
use crate::world::{InstallationToken, Stored, World};
use crate::{clock, render};

const PAGE: &str =
    "https://docs.github.com/rest/reference/apps#create-an-installation-access-token-for-an-app";
const SUSPENDED: Problem =
    Problem::new(StatusCode::FORBIDDEN, "This installation has been suspended").at(PAGE);
const OTHER_REPOSITORY: Problem = Problem::unprocessable(
    "There is at least one repository that does not exist or is not accessible to the parent installation.",
)
.at(PAGE);
const OTHER_PERMISSION: Problem =
    Problem::unprocessable("The permissions requested are not granted to this installation.").at(PAGE);
const NOT_AN_INSTALLATION: Problem = Problem::new(
    StatusCode::FORBIDDEN,
    "You must authenticate with an installation access token in order to list repositories for an installation.",
)
.at("https://docs.github.com/rest/apps/installations#list-repositories-accessible-to-the-app-installation");

pub(super) fn create_token(call: &Call<'_>) -> Result<Response, Problem> {
    let mut world = call.shared.world();
    let installed = app::own(call, &world)?;
    if installed.suspended_at.is_some() {
        return Err(SUSPENDED);
    }
    let wanted = call.json()?;
    let repositories = chosen(&world, installed.id, &wanted)?;
    let permissions = permitted(&world, installed.app, &wanted)?;
    let selection = if repositories.is_some() {
        "selected"
    } else {
        render::selection(installed)
    };
    let id = installed.id;
    let (token, expires_at) = world.issue_installation_token(id, repositories.clone(), call.now);
    let mut body = json!({
        "token": token,
        "expires_at": clock::text(expires_at),
        "permissions": permissions,
        "repository_selection": selection,
    });
    if let Some(ids) = repositories {
        let named = ids.iter().filter_map(|id| world.repositories.get(id));
        body["repositories"] = named.map(|one| render::repository(&world, one)).collect();
    }
    Ok(json_answer(StatusCode::CREATED, &body))
}

/// The repositories that the body names, by name or by number; `None` when it names none.
fn chosen(world: &World, installation: u64, wanted: &Value) -> Result<Option<BTreeSet<u64>>, Problem> {
    let names = wanted["repositories"].as_array();
    let ids = wanted["repository_ids"].as_array();
    if names.is_none() && ids.is_none() {
        return Ok(None);
    }
    let reach = world.installation_repositories(installation);
    let find = |fits: &dyn Fn(&Stored) -> bool| {
        let found = reach.iter().find(|repository| fits(repository));
        found.map(|repository| repository.id).ok_or(OTHER_REPOSITORY)
    };
    let by_name = names.into_iter().flatten();
    let by_name = by_name.map(|name| find(&|one| name.as_str() == Some(&one.name)));
    let by_id = ids.into_iter().flatten();
    let by_id = by_id.map(|id| find(&|one| id.as_u64() == Some(one.id)));
    by_name.chain(by_id).collect::<Result<_, _>>().map(Some)
}

/// The permissions that the body asks for, or all of the app's.
fn permitted(world: &World, app: u64, wanted: &Value) -> Result<Value, Problem> {
    let granted = world.app(app).map(|app| &app.permissions);
    let Some(asked) = wanted["permissions"].as_object() else {
        return Ok(json!(granted));
    };
    let covered = |(name, level): (&String, &Value)| {
        let own = granted.and_then(|granted| granted.get(name))?;
        let enough = own == "admin" || (own == "write" && level != "admin") || *level == own.as_str();
        enough.then(|| (name.clone(), level.clone()))
    };
    let asked: Option<Map<String, Value>> = asked.iter().map(covered).collect();
    asked.map(Value::Object).ok_or(OTHER_PERMISSION)
}

fn token<'a>(call: &'a Call<'_>) -> Result<(&'a str, &'a InstallationToken), Problem> {
    match &call.caller {
        Caller::Installation(text, token) => Ok((text, token)),
        Caller::User(_) | Caller::App(_) | Caller::Client(_) => Err(NOT_AN_INSTALLATION),
        Caller::Anonymous => Err(Problem::requires_authentication()),
        Caller::Refused(_) => Err(Problem::bad_credentials()),
    }
}

pub(super) fn repositories(call: &Call<'_>) -> Result<Response, Problem> {
    let (_, token) = token(call)?;
    let (selection, found) = {
        let world = call.shared.world();
        let limited = |one: &&&Stored| {
            let limit = token.repositories.as_ref();
            limit.is_none_or(|limit| limit.contains(&one.id))
        };
        let reach = world.installation_repositories(token.installation);
        let found = reach
            .iter()
            .filter(limited)
            .map(|one| render::repository(&world, one));
        let installed = world.installations.get(&token.installation);
        let selection = installed.map_or("selected", render::selection);
        (selection, found.collect::<Vec<_>>())
    };
    let page = Page::of(call, found.len());
    let total = found.len();
    Ok(page.answer(&json!({
        "total_count": total,
        "repository_selection": selection,
        "repositories": page.cut(found),
    })))
}

pub(super) fn revoke_token(call: &Call<'_>) -> Result<Response, Problem> {
    let (text, _) = token(call)?;
    call.shared.world().revoke_installation_token(text);
    Ok(no_content())
}
