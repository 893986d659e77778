//! The way of every request: read it, let a failure strike, answer it, note it down.
//! Knows no capability itself.

use std::sync::Arc;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;

use crate::call::Call;
use crate::fault::{Failure, When};
use crate::problem::{Problem, json_answer};
use crate::shared::{Seen, Shared};
use crate::{api, checkout, steer};

const MAX_BODY: usize = 256 * 1024;
const LONGEST_BODY: Duration = Duration::from_secs(30);
/// No failure keeps a connection longer than this.
const LONGEST_WAIT: u64 = 120_000;

/// The connection ends without an answer.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("closed on purpose")]
pub(crate) struct Closed;

pub(crate) async fn answer(shared: Arc<Shared>, request: Request<Incoming>) -> Result<Response, Closed> {
    let Some(call) = read(request).await else {
        return Ok(Problem::broken(StatusCode::PAYLOAD_TOO_LARGE).into_response());
    };
    let is_steering = call.path.starts_with("/sandbox/");
    let armed = if is_steering {
        None
    } else {
        shared.world().faults.take(call.method.as_str(), &call.path)
    };
    let answered = match armed {
        None => Ok(answered(&shared, &call)),
        Some((failure, When::Before)) => struck(&shared, &call, failure, false).await,
        Some((failure, When::After)) => struck(&shared, &call, failure, true).await,
    };
    if !is_steering {
        shared.note(Seen {
            method: call.method.to_string(),
            path: call.path,
            status: answered.as_ref().ok().map(|answer| answer.status().as_u16()),
        });
    }
    shared.changed();
    answered
}

async fn read(request: Request<Incoming>) -> Option<Call> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY).collect();
    let body = tokio::time::timeout(LONGEST_BODY, body)
        .await
        .ok()?
        .ok()?
        .to_bytes();
    Some(Call {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers,
        body,
    })
}

fn answered(shared: &Shared, call: &Call) -> Response {
    let mut world = shared.turned();
    if let Some(page) = checkout::answer(&mut world, call) {
        return page;
    }
    let answer = match call.segments().first().copied() {
        Some("v1") => api::answer(&mut world, call),
        Some("sandbox") => steer::answer(shared, &mut world, call),
        _ => Err(Problem::no_such_url()),
    };
    match answer {
        Ok(body) => json_answer(StatusCode::OK, &body),
        Err(problem) => problem.into_response(),
    }
}

async fn struck(shared: &Shared, call: &Call, failure: Failure, done: bool) -> Result<Response, Closed> {
    let real = done.then(|| answered(shared, call));
    if done {
        // Its messages don't wait for the answer.
        shared.changed();
    }
    match failure {
        Failure::Status { status } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Ok(Problem::broken(status).into_response())
        }
        Failure::RateLimit => Ok(Problem::too_many_requests().into_response()),
        Failure::BrokenJson => {
            let media_type = [("content-type", "application/json; charset=UTF-8")];
            Ok((media_type, r#"{"id":"order_"#).into_response())
        }
        Failure::Cut => Err(Closed),
        Failure::Timeout { millis } => {
            wait(millis).await;
            Err(Closed)
        }
        Failure::Slow { millis } => {
            wait(millis).await;
            Ok(real.unwrap_or_else(|| answered(shared, call)))
        }
        Failure::Held => {
            shared.hang(Duration::from_millis(LONGEST_WAIT)).await;
            Ok(real.unwrap_or_else(|| answered(shared, call)))
        }
    }
}

async fn wait(millis: u64) {
    tokio::time::sleep(Duration::from_millis(millis.min(LONGEST_WAIT))).await;
}
