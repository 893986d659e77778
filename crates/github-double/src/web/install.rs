//! The page that asks which account an app is to be installed for.
//! Leads to the app's set-up address, or through authorization to its callback.

use axum::response::Response;
use url::Url;

use super::page;
use super::request::with_state;
use crate::call::{Call, first};
use crate::scope::Scopes;
use crate::settings::{GithubApp, Installation};
use crate::world::{Code, World};

pub(super) fn ask(call: &Call<'_>) -> Response {
    let query = call.raw.query_pairs();
    let world = call.shared.world();
    match world.app_by_slug(call.parameter) {
        Some(_) => page::choose_account(&world, call.parameter, first(&query, "state")),
        None => page::not_found(),
    }
}

pub(super) fn decide(call: &Call<'_>) -> Response {
    let form = call.raw.body_pairs();
    let state = first(&form, "state");
    let mut world = call.shared.world();
    let Some(app) = world.app_by_slug(call.parameter).cloned() else {
        return page::not_found();
    };
    let account = first(&form, "account").and_then(|login| world.account_by_login(login));
    let Some(account) = account else {
        return page::choose_account(&world, call.parameter, state);
    };
    let known = world.installation_of(app.id, account.id).map(|known| known.id);
    let (installation, action) = match known {
        Some(id) => (id, "update"),
        None => match world.install(&Installation::new(&app.slug, &account.login), call.now) {
            Ok(id) => (id, "install"),
            Err(_) => return page::not_found(),
        },
    };
    let Some(url) = destination(&mut world, &app, account.id, call.now) else {
        return page::installed(installation);
    };
    page::redirect(&finished(url, installation, action, state))
}

/// Where the person goes next, with a code when the app asks for authorization too.
fn destination(world: &mut World, app: &GithubApp, account: u64, now: i64) -> Option<Url> {
    if !app.authorize_on_install {
        return app.setup_url.clone();
    }
    let mut url = app.callback_urls.first()?.clone();
    let members = world
        .teams
        .get(&account)
        .map(|team| team.members.first().copied());
    let person = members.unwrap_or(Some(account))?;
    let code = world.issue_code(Code {
        client_id: app.client_id.clone(),
        person,
        destination: url.clone(),
        scopes: Scopes::default(),
        challenge: None,
        issued_at: now,
    });
    url.query_pairs_mut().append_pair("code", &code);
    Some(url)
}

fn finished(mut url: Url, installation: u64, action: &str, state: Option<&str>) -> Url {
    url.query_pairs_mut()
        .append_pair("installation_id", &installation.to_string())
        .append_pair("setup_action", action);
    with_state(url, state)
}
