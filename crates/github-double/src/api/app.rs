//! What a GitHub App sees and does with its own JWT.
//! Installations of other apps are Not Found.

use axum::response::Response;
use http::StatusCode;
use serde_json::Value;

use super::page::Page;
use crate::call::Call;
use crate::change::ChangeError;
use crate::front::no_content;
use crate::problem::{Problem, json_answer};
use crate::render;
use crate::world::{Installed, World};

pub(super) fn show(call: &Call<'_>) -> Result<Response, Problem> {
    let id = call.caller.app()?;
    let world = call.shared.world();
    let app = world.app(id).ok_or_else(Problem::not_found)?;
    Ok(json_answer(StatusCode::OK, &render::app(&world, app)))
}

pub(super) fn installations(call: &Call<'_>) -> Result<Response, Problem> {
    let app = call.caller.app()?;
    let found: Vec<Value> = {
        let world = call.shared.world();
        let own = world
            .installations
            .values()
            .filter(|installed| installed.app == app);
        own.map(|installed| render::installation(&world, installed))
            .collect()
    };
    let page = Page::of(call, found.len());
    Ok(page.answer(&Value::Array(page.cut(found))))
}

pub(super) fn installation(call: &Call<'_>) -> Result<Response, Problem> {
    let world = call.shared.world();
    let installed = own(call, &world)?;
    Ok(json_answer(
        StatusCode::OK,
        &render::installation(&world, installed),
    ))
}

pub(super) fn delete_installation(call: &Call<'_>) -> Result<Response, Problem> {
    change(call, World::delete_installation)
}

pub(super) fn suspend(call: &Call<'_>) -> Result<Response, Problem> {
    change(call, World::suspend_installation)
}

pub(super) fn unsuspend(call: &Call<'_>) -> Result<Response, Problem> {
    change(call, World::unsuspend_installation)
}

fn change(
    call: &Call<'_>,
    what: impl FnOnce(&mut World, u64, i64) -> Result<(), ChangeError>,
) -> Result<Response, Problem> {
    let mut world = call.shared.world();
    let id = own(call, &world)?.id;
    what(&mut world, id, call.now).map_err(|_| Problem::not_found())?;
    Ok(no_content())
}

/// The installation of the path, when it is the calling app's.
pub(super) fn own<'a>(call: &Call<'_>, world: &'a World) -> Result<&'a Installed, Problem> {
    let app = call.caller.app()?;
    world
        .installations
        .get(&call.number()?)
        .filter(|installed| installed.app == app)
        .ok_or_else(Problem::not_found)
}
