//! The way of every request: find the operation, let a fault strike, identify the caller, answer, note it down.
//! Knows no operation itself.

use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;

use crate::call::{Call, Raw};
use crate::caller::Caller;
use crate::endpoint::{Route, find};
use crate::problem::Problem;
use crate::seen::{AuthenticatedAs, SeenRequest};
use crate::shared::Shared;
use crate::{Fault, api, control, decorate, struck, web};

const MAX_BODY: usize = 256 * 1024;

/// The connection ends without an answer.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("closed on purpose")]
pub(crate) struct Closed;

pub(crate) async fn answer(shared: &Shared, request: Request<Incoming>) -> Result<Response, Closed> {
    let Some(raw) = read(request).await else {
        return Ok(StatusCode::PAYLOAD_TOO_LARGE.into_response());
    };
    if let Some(response) = control::answer(shared, &raw) {
        return Ok(response);
    }
    let Some(route) = find(&raw.method, &raw.path, &shared.api_prefix) else {
        let response = Problem::not_found().into_response();
        note(
            shared,
            &raw,
            None,
            AuthenticatedAs::Nobody,
            Some(response.status()),
        );
        return Ok(response);
    };
    let fault = shared.world().faults.take(route.endpoint);
    match fault {
        None => Ok(answered(shared, &raw, &route)),
        Some(Fault::Slow { millis }) => {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            Ok(answered(shared, &raw, &route))
        }
        Some(fault) => {
            let mut response = struck::response(fault, shared.clock.now());
            if let Some(response) = &mut response {
                decorate::any(response);
            }
            let status = response.as_ref().map(Response::status);
            let caller = Caller::identify(&raw.headers, &shared.world(), shared.clock.now());
            let who = caller.authenticated_as(&shared.world());
            note(shared, &raw, Some(&route), who, status);
            response.ok_or(Closed)
        }
    }
}

async fn read(request: Request<Incoming>) -> Option<Raw> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY).collect().await.ok()?.to_bytes();
    Some(Raw {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body,
    })
}

fn answered(shared: &Shared, raw: &Raw, route: &Route) -> Response {
    let now = shared.clock.now();
    let caller = Caller::identify(&raw.headers, &shared.world(), now);
    let who = caller.authenticated_as(&shared.world());
    let call = Call {
        shared,
        raw,
        caller,
        parameter: &route.parameter,
        now,
    };
    let mut response = if route.endpoint.is_api() {
        decorate::api(&call, route.endpoint, || api::dispatch(route.endpoint, &call))
    } else {
        web::dispatch(route.endpoint, &call)
    };
    decorate::any(&mut response);
    // OAuth clients show who they are in the body; only the handler has read it.
    let who = response.extensions_mut().remove().unwrap_or(who);
    note(shared, raw, Some(route), who, Some(response.status()));
    response
}

fn note(shared: &Shared, raw: &Raw, route: Option<&Route>, who: AuthenticatedAs, status: Option<StatusCode>) {
    shared.world().journal.record(SeenRequest {
        method: raw.method.to_string(),
        path: raw.path.clone(),
        endpoint: route.map(|route| route.endpoint),
        authenticated_as: who,
        status: status.map(|status| status.as_u16()),
    });
}

/// An empty answer.
pub(crate) fn no_content() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
