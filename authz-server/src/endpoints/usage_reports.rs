//! `POST /usage/reports`: what proxies tell of the use of metered routes, for every account.
//! Refuses clients that are no proxies, bodies with a second reading, and a batch with a wrong report as a whole.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use domain::licences::{Refused, ReportError, Reporter, UsageReport, Wrong};
use http::{HeaderMap, StatusCode};
use model::Ctx;
use oauth::error::{ErrorCode, OAuthError};
use serde::Deserialize;
use serde_json::json;

use super::answer::{faulty, not_stored, to_client, uncached};
use super::client_request::authenticate_by_header;
use crate::app::AppState;

#[derive(Deserialize)]
struct Batch {
    reports: Vec<Reported>,
}

#[derive(Deserialize)]
struct Reported {
    account_id: String,
    metric: String,
    quantity: i64,
    /// The same when it is told again.
    #[serde(alias = "idempotency_key")]
    key: String,
}

pub async fn take(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let client = match authenticate_by_header(&state, &ctx, &headers, "/usage/reports").await {
        Ok(client) => client,
        Err(refusal) => return refusal,
    };
    let Some(reporter) = Reporter::proxy(&client) else {
        let error = OAuthError::new(ErrorCode::UnauthorizedClient, "only a proxy may report");
        return to_client(&error);
    };
    let batch = jose::parse_strict(&body).and_then(|value| serde_json::from_value::<Batch>(value).ok());
    let Some(batch) = batch else {
        return to_client(&OAuthError::invalid_request(
            "The body must be reports of account_id, metric, quantity and key",
        ));
    };
    let reports: Vec<UsageReport> = batch.reports.into_iter().map(UsageReport::from).collect();
    match state.authority.report_usage(&ctx, &reporter, &reports).await {
        Ok(taken) => uncached(&json!({ "written": taken.written, "known": taken.known })),
        Err(error @ ReportError::Size) => to_client(&OAuthError::invalid_request(error.to_string())),
        Err(ReportError::Refused(refused)) => refusal(&refused),
        Err(ReportError::Fault(fault)) => faulty(&fault),
    }
}

/// Each wrong report by its place, so that the others can be sent again without it.
fn refusal(refused: &[Refused]) -> Response {
    let conflict = refused.iter().any(|one| one.wrong == Wrong::Conflict);
    let status = if conflict {
        StatusCode::CONFLICT
    } else {
        StatusCode::BAD_REQUEST
    };
    let errors = refused
        .iter()
        .map(|one| json!({ "index": one.index, "member": one.wrong.member(), "reason": one.wrong.rule() }));
    let body = json!({
        "error": "invalid_request",
        "error_description": "Reports of the batch are wrong; none of it was taken",
        "errors": errors.collect::<Vec<_>>(),
    });
    not_stored((status, Json(body)).into_response())
}

impl From<Reported> for UsageReport {
    fn from(said: Reported) -> Self {
        Self {
            account: said.account_id,
            metric: said.metric,
            quantity: said.quantity,
            key: said.key,
        }
    }
}
