//! `POST /audit/reports`: what proxies tell of the requests that passed through them.
//! Refuses clients that are no proxies, and bodies with a second reading.

use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::response::Response;
use domain::audit::{Report, ReportError};
use http::HeaderMap;
use model::{Ctx, Timestamp};
use oauth::error::{ErrorCode, OAuthError};
use serde::Deserialize;
use serde_json::json;

use super::answer::{faulty, to_client, uncached};
use super::client_request::authenticate_by_header;
use crate::app::AppState;

#[derive(Deserialize)]
struct Batch {
    batch: String,
    entries: Vec<Reported>,
}

#[derive(Deserialize)]
struct Reported {
    /// Microseconds since the epoch, by the proxy's clock.
    at: i64,
    service: String,
    method: String,
    path: String,
    status: u16,
    sub: Option<String>,
    client_id: Option<String>,
    account_id: Option<String>,
    ip: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
    decision_id: Option<String>,
}

pub async fn take(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let client = match authenticate_by_header(&state, &ctx, &headers, "/audit/reports").await {
        Ok(client) => client,
        Err(refusal) => return refusal,
    };
    let batch = jose::parse_strict(&body).and_then(|value| serde_json::from_value::<Batch>(value).ok());
    let Some(batch) = batch else {
        return to_client(&OAuthError::invalid_request(
            "The body must be a batch of reports",
        ));
    };
    let reports = batch.entries.into_iter().map(Report::from).collect();
    match state
        .authority
        .take_reports(&ctx, &client, (&batch.batch, reports))
        .await
    {
        Ok(taken) => uncached(&json!({ "written": taken.written, "known": taken.known })),
        Err(error @ ReportError::NotAProxy) => {
            to_client(&OAuthError::new(ErrorCode::UnauthorizedClient, error.to_string()))
        }
        Err(error @ ReportError::Malformed) => to_client(&OAuthError::invalid_request(error.to_string())),
        Err(ReportError::Fault(fault)) => faulty(&fault),
    }
}

impl From<Reported> for Report {
    fn from(said: Reported) -> Self {
        Self {
            at: Timestamp::from_micros(said.at),
            service: said.service,
            method: said.method,
            path: said.path,
            status: said.status,
            subject: said.sub,
            client: said.client_id,
            account: said.account_id,
            ip: said.ip,
            user_agent: said.user_agent,
            request_id: said.request_id,
            decision_id: said.decision_id,
        }
    }
}
