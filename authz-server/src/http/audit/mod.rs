//! The audit log's place around every door: what a request has done is written down before its answer is given.
//! Refuses to acknowledge what it can't write down; reads no body and no query.

mod doors;
mod path;

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    middleware::{self, Next},
    response::Response,
};
use domain::{Authority, audit::Answered};
use http::{Method, StatusCode};
use model::{Ctx, audit::Trail};
use tokio::runtime::Handle;

pub use doors::{NOT_AUDITED, NotAudited};

use super::Problem;

/// The status in entries of requests whose caller left, or was told that it takes too long, before there was an answer.
const LEFT: u16 = 499;

/// The routes, each under audit unless it is in [`NOT_AUDITED`].
pub fn audited(routes: Router, authority: Authority) -> Router {
    routes.layer(middleware::from_fn_with_state(authority, around))
}

async fn around(State(authority): State<Authority>, mut request: Request, next: Next) -> Response {
    let Some(door) = Door::of(&request) else {
        return next.run(request).await;
    };
    let Some(ctx) = request.extensions_mut().get_mut::<Ctx>() else {
        return Problem::INTERNAL.bare();
    };
    ctx.origin.trail = Trail::new();
    let mut watch = Watch {
        authority,
        ctx: ctx.clone(),
        door: Some(door),
    };
    let response = next.run(request).await;
    match watch.answered(response.status()).await {
        true => response,
        false => Problem::INTERNAL.bare(),
    }
}

/// The door that a request came through.
struct Door {
    service: &'static str,
    method: Method,
    path: String,
    changes: bool,
}

impl Door {
    /// None for doors that have no entries, and for addresses where there is no door.
    fn of(request: &Request) -> Option<Self> {
        let template = request.extensions().get::<MatchedPath>()?.as_str();
        let method = request.method();
        if doors::is_exempt(method, template) {
            return None;
        }
        Some(Self {
            service: doors::service(template),
            method: method.clone(),
            path: path::shown(template, request.uri().path()),
            changes: doors::changes(method, template),
        })
    }
}

/// Sees to it that there is an entry, whatever becomes of the request.
struct Watch {
    authority: Authority,
    ctx: Ctx,
    door: Option<Door>,
}

impl Watch {
    /// Whether the answer may be given.
    async fn answered(&mut self, status: StatusCode) -> bool {
        let Some(door) = self.door.take() else {
            return true;
        };
        note(&self.authority, &self.ctx, door, status.as_u16()).await
    }
}

/// Dropped before there was an answer: what was begun may be done all the same, so the entry is written behind.
impl Drop for Watch {
    fn drop(&mut self) {
        let (Some(door), Ok(runtime)) = (self.door.take(), Handle::try_current()) else {
            return;
        };
        let panicked = std::thread::panicking();
        let status = if panicked { 500 } else { LEFT };
        let (authority, ctx) = (self.authority.clone(), self.ctx.clone());
        runtime.spawn(async move { note(&authority, &ctx, door, status).await });
    }
}

async fn note(authority: &Authority, ctx: &Ctx, door: Door, status: u16) -> bool {
    // What only reads has an entry when something happened all the same, such as a sign-in by a link back.
    if !door.changes && ctx.origin.trail.traces().events.is_empty() {
        return true;
    }
    let answered = Answered {
        service: door.service,
        method: door.method.to_string(),
        path: door.path,
        status,
    };
    match authority.note_request(ctx, answered).await {
        Ok(()) => true,
        Err(fault) => {
            tracing::error!(%fault, "a request could not be written to the audit log and is not acknowledged");
            false
        }
    }
}
