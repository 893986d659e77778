//! AuthZEN Authorization API 1.0: decisions for any enforcement point that speaks it.
//! Refuses public clients, and callers that are neither a proxy nor a resource server to ask about somebody by name.

mod evaluation;
mod many;

use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use model::Ctx;
use serde_json::{Map, Value, json};

use super::answer::uncached;
use super::client_request::authenticate_by_header;
use crate::app::AppState;
use evaluation::{Caller, Failure};

pub const ONE: &str = "/access/v1/evaluation";
pub const MANY: &str = "/access/v1/evaluations";

/// `GET /.well-known/authzen-configuration` (§9.1).
pub async fn metadata(State(state): State<AppState>) -> Response {
    let issuer = &state.authority.settings.issuer;
    let document = json!({
        "policy_decision_point": issuer,
        "access_evaluation_endpoint": format!("{issuer}{ONE}"),
        "access_evaluations_endpoint": format!("{issuer}{MANY}"),
    });
    (
        [(header::CACHE_CONTROL, "public, max-age=300")],
        axum::Json(document),
    )
        .into_response()
}

/// `POST /access/v1/evaluation` (§6).
pub async fn one(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match arrived(&state, &ctx, (&headers, ONE), &body).await {
        Ok((caller, asked)) => single(&caller, &asked).await,
        Err(refusal) => refusal,
    }
}

/// `POST /access/v1/evaluations` (§7).
pub async fn many(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (caller, asked) = match arrived(&state, &ctx, (&headers, MANY), &body).await {
        Ok(arrived) => arrived,
        Err(refusal) => return refusal,
    };
    // §7.1: without evaluations it is a single one.
    if !asked.contains_key("evaluations") {
        return single(&caller, &asked).await;
    }
    match many::evaluate(&caller, &asked).await {
        Ok(answers) => uncached(&json!({"evaluations": answers})),
        Err(failure) => refused(&failure),
    }
}

async fn single(caller: &Caller<'_>, asked: &Map<String, Value>) -> Response {
    match caller.evaluate(asked).await {
        Ok(answer) => uncached(&answer),
        Err(failure) => refused(&failure),
    }
}

/// §10.1: an error has a status and a message; it is never a decision.
fn refused(failure: &Failure) -> Response {
    match failure {
        Failure::Senseless(reason) => uncached_with(StatusCode::BAD_REQUEST, reason),
        Failure::Forbidden => uncached_with(
            StatusCode::FORBIDDEN,
            "Only proxies and resource servers ask about somebody by name; send the token instead",
        ),
        Failure::Fault(fault) => super::answer::faulty(fault),
    }
}

fn uncached_with(status: StatusCode, message: &str) -> Response {
    super::answer::not_stored((status, axum::Json(json!(message))).into_response())
}

/// Who asks, and what.
async fn arrived<'a>(
    state: &'a AppState,
    ctx: &'a Ctx,
    (headers, path): (&HeaderMap, &str),
    body: &[u8],
) -> Result<(Caller<'a>, Map<String, Value>), Response> {
    let client = authenticate_by_header(state, ctx, headers, path).await?;
    if client.is_public() {
        return Err(super::answer::to_client(
            &oauth::error::OAuthError::invalid_client(),
        ));
    }
    if !super::check::is_json(headers) {
        return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response());
    }
    let asked = serde_json::from_slice(body);
    let asked =
        asked.map_err(|_| uncached_with(StatusCode::BAD_REQUEST, "The body must be a JSON object"))?;
    Ok((Caller { state, ctx, client }, asked))
}
