//! The page that asks a person whether a client may sign them in, and what comes of the answer.
//! Asks nobody again who sits at the browser and has allowed the same before, unless the client wants a choice.

use axum::response::Response;

use super::page;
use super::request::{AuthorizationRequest, Refusal};
use crate::call::{Call, Pairs, first};
use crate::world::{Code, World};

/// The cookie that remembers who sits at the browser.
pub(super) const SESSION: &str = "github_double_session";

pub(super) fn ask(call: &Call<'_>) -> Response {
    let pairs = call.raw.query_pairs();
    let mut world = call.shared.world();
    let request = match AuthorizationRequest::judge(&pairs, &world) {
        Ok(request) => request,
        Err(refusal) => return refused(&refusal),
    };
    if let Some(person) = known(call, &world, &request) {
        let code = allow(&mut world, &request, person, call.now);
        return page::redirect(&request.allowed(&code));
    }
    page::choose_person(&world, &request.client_id, request.login.as_deref(), &pairs)
}

pub(super) fn decide(call: &Call<'_>) -> Response {
    let mut pairs: Pairs = call.raw.body_pairs();
    let choice = first(&pairs, "person").map(str::to_owned);
    let denied = first(&pairs, "deny").is_some();
    pairs.retain(|(name, _)| name != "person" && name != "deny");
    let mut world = call.shared.world();
    let request = match AuthorizationRequest::judge(&pairs, &world) {
        Ok(request) => request,
        Err(refusal) => return refused(&refusal),
    };
    if denied {
        return page::redirect(&request.denied());
    }
    let person = choice.and_then(|login| world.person_id(&login).ok());
    let Some(person) = person else {
        return page::choose_person(&world, &request.client_id, request.login.as_deref(), &pairs);
    };
    let code = allow(&mut world, &request, person, call.now);
    let session = world.open_session(person);
    page::redirect_with_cookie(&request.allowed(&code), SESSION, &session)
}

fn refused(refusal: &Refusal) -> Response {
    match refusal {
        Refusal::NotFound => page::not_found(),
        Refusal::Redirect(url) => page::redirect(url),
    }
}

/// The person at the browser, when there is nothing to ask.
fn known(call: &Call<'_>, world: &World, request: &AuthorizationRequest) -> Option<u64> {
    if request.select_account {
        return None;
    }
    let person = world.session(call.raw.cookie(SESSION)?)?;
    let login = &world.people.get(&person)?.login;
    let other = request
        .login
        .as_ref()
        .is_some_and(|wanted| !wanted.eq_ignore_ascii_case(login));
    let granted = world.granted(person, &request.client_id)?;
    (!other && granted.cover(&request.scopes)).then_some(person)
}

fn allow(world: &mut World, request: &AuthorizationRequest, person: u64, now: i64) -> String {
    world.issue_code(Code {
        client_id: request.client_id.clone(),
        person,
        destination: request.destination.clone(),
        scopes: request.scopes.clone(),
        challenge: request.challenge.clone(),
        issued_at: now,
    })
}
