//! `Idempotency-Key`: a request that is sent again gets the answer of the first time and does nothing a second time.
//! Refuses a key that comes with another request, and lets one that comes too early wait for the answer.

use std::panic::resume_unwind;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::Fault;
use domain::idempotency::{Attempt, IdempotencyKey, IdempotentRequest, KeptAnswer, LARGEST_BODY, Lease};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, StatusCode, header};
use model::Ctx;
use tokio::time::{Instant, sleep};
use tracing::Instrument as _;

use super::{Failure, Presented, Surface};
use crate::app::AppState;
use crate::http::Problem;

/// A token that is made for one signature is shown once.
const EXCHANGE: &str = "/auth/iam/exchange-credentials";
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// How long a repetition waits for the first one's answer before it is told to come again.
const PATIENCE: Duration = Duration::from_secs(5);
const FIRST_LOOK: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(250);

/// Around routes that create or charge; requests without the field, and those that are no POST, pass.
pub async fn idempotent(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let fields: Vec<&HeaderValue> = request.headers().get_all(KEY).iter().collect();
    let key = match fields.as_slice() {
        [] => return next.run(request).await,
        // V03: whoever has recorded a signed request would be given its answer.
        _ if request.uri().path() == EXCHANGE => return next.run(request).await,
        _ if request.method() != Method::POST => return next.run(request).await,
        [one] => IdempotencyKey::parse(one.as_bytes()),
        _ => None,
    };
    let Some(key) = key else {
        return Failure::invalid("Idempotency-Key must be one text of 1 to 255 visible ASCII characters.")
            .into_response();
    };
    match answered(state, request, next, key).await {
        Ok(response) => response,
        Err(failure) => failure.into_response(),
    }
}

async fn answered(
    state: AppState,
    request: Request,
    next: Next,
    key: IdempotencyKey,
) -> Result<Response, Failure> {
    let ctx = request.extensions().get::<Ctx>().cloned();
    let ctx = ctx.ok_or_else(|| Failure::from(Problem::INTERNAL))?;
    let caller = caller(&request, &ctx);
    let (parts, body) = request.into_parts();
    // The frame bounds the body; here it only fails where that limit is met.
    let body = to_bytes(body, usize::MAX).await;
    let body = body.map_err(|_| Failure::from(Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE)))?;
    let path = place(&parts);
    let wanted = IdempotentRequest {
        caller: &caller,
        method: parts.method.as_str(),
        path: &path,
        body: &body,
        key: &key,
    };
    match attempt(&state, &ctx, &wanted).await? {
        Attempt::First(lease) => {
            let request = Request::from_parts(parts, Body::from(body));
            carry_out(state, ctx, (request, next), lease).await
        }
        Attempt::Repeated(answer) => Ok(replay(answer)),
        Attempt::InProgress(_) => Err(Failure::conflict(
            "in_progress",
            "A request with this Idempotency-Key is still being worked on.",
        )
        .retrying_in(Duration::from_secs(1))),
        Attempt::Conflict => Err(Failure::conflict(
            "idempotency_conflict",
            "This Idempotency-Key was used for another request.",
        )),
    }
}

/// Tries again while the first one is at work, as long as it is worth waiting.
async fn attempt(state: &AppState, ctx: &Ctx, wanted: &IdempotentRequest<'_>) -> Result<Attempt, Fault> {
    let (until, mut pause) = (Instant::now() + PATIENCE, FIRST_LOOK);
    loop {
        match state.authority.attempt(ctx, wanted).await? {
            Attempt::InProgress(_) if Instant::now() + pause < until => sleep(pause).await,
            attempt => return Ok(attempt),
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// In a task of its own: a caller that hangs up takes nothing along, and finds the answer when it asks again.
async fn carry_out(
    state: AppState,
    ctx: Ctx,
    (request, next): (Request, Next),
    lease: Lease,
) -> Result<Response, Failure> {
    let own = lease.clone();
    let authority = state.authority.clone();
    let surface = Surface::of_path(request.uri().path());
    let work = async move {
        let response = in_words(surface, next.run(request).await, &ctx);
        finish(&authority, &ctx, own, response).await
    };
    match tokio::spawn(work.in_current_span()).await {
        Ok(response) => Ok(response?),
        Err(broken) => {
            state.authority.release_key(lease).await?;
            match broken.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                Err(_) => Err(Problem::OVERLOADED.into()),
            }
        }
    }
}

/// What the frame would write into a bare refusal, now: the repetition is to say the same.
fn in_words(surface: Option<Surface>, response: Response, ctx: &Ctx) -> Response {
    let failure = response.extensions().get::<Failure>().cloned();
    match surface.zip(failure) {
        Some((surface, failure)) => {
            let request_id = ctx.origin.request_id.as_deref().unwrap_or_default();
            surface.explain(&failure, response, request_id)
        }
        None => response,
    }
}

/// Keeps the answer, unless the request failed on our side or came too often: then nothing was done, and the next one may.
async fn finish(
    authority: &domain::Authority,
    ctx: &Ctx,
    lease: Lease,
    response: Response,
) -> Result<Response, Fault> {
    let status = response.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        authority.release_key(lease).await?;
        return Ok(response);
    }
    let (mut parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let kind = parts.headers.get(header::CONTENT_TYPE);
    let answer = KeptAnswer {
        status: status.as_u16(),
        kind: kind.and_then(|kind| kind.to_str().ok()).map(str::to_owned),
        body: text(&body),
    };
    authority.keep_answer(ctx, lease, answer).await?;
    parts.headers.remove(header::CONTENT_LENGTH);
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn text(body: &Bytes) -> String {
    let kept = (body.len() <= LARGEST_BODY).then(|| std::str::from_utf8(body).ok());
    kept.flatten().unwrap_or_default().to_owned()
}

fn replay(answer: KeptAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, answer.body).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    if let Some(Ok(kind)) = answer.kind.map(HeaderValue::try_from) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

/// Where the request goes: also in which account, so that no account's answer is repeated in another (T05).
fn place(parts: &Parts) -> String {
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let account = parts.headers.get("x-account-id");
    match account.and_then(|value| value.to_str().ok()) {
        Some(account) => format!("{path} in {account}"),
        None => path.to_owned(),
    }
}

fn caller(request: &Request, ctx: &Ctx) -> String {
    let presented = request.extensions().get::<Presented>();
    let principal = presented.and_then(Presented::principal);
    principal.unwrap_or_else(|| ctx.origin.network().unwrap_or_default())
}
