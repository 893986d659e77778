//! `POST /usage/reports`: what proxies tell of the use of metered routes, for every account.
//! Refuses clients that are no proxies, bodies with a second reading, and a batch with a wrong report as a whole.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use domain::licences::{MOST_REPORTS, Refused, ReportError, Reporter, UsageReport, Wrong};
use http::{HeaderMap, StatusCode};
use model::Ctx;
use oauth::error::{ErrorCode, OAuthError};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::answer::{faulty, not_stored, to_client, uncached};
use super::client_request::authenticate_by_header;
use crate::app::AppState;
use crate::http::wrong_member;

#[derive(Deserialize)]
struct Batch {
    reports: Vec<Value>,
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
    let reports = match read(batch.reports) {
        Ok(reports) => reports,
        Err(faults) => return refusal(StatusCode::BAD_REQUEST, &faults),
    };
    match state.authority.report_usage(&ctx, &reporter, &reports).await {
        Ok(taken) => uncached(&json!({ "written": taken.written, "known": taken.known })),
        Err(error @ ReportError::Size) => to_client(&OAuthError::invalid_request(error.to_string())),
        Err(ReportError::Refused(refused)) => not_taken(&refused),
        Err(ReportError::Fault(fault)) => faulty(&fault),
    }
}

fn not_taken(refused: &[Refused]) -> Response {
    let status = match refused.iter().any(|one| one.wrong == Wrong::Conflict) {
        true => StatusCode::CONFLICT,
        false => StatusCode::BAD_REQUEST,
    };
    let faults: Vec<Fault> = refused.iter().map(Fault::from).collect();
    refusal(status, &faults)
}

/// What is wrong with a report of the batch.
#[derive(Serialize)]
struct Fault {
    /// Its place, from 0.
    index: usize,
    member: String,
    reason: String,
}

impl From<&Refused> for Fault {
    fn from(refused: &Refused) -> Self {
        Self {
            index: refused.index,
            member: refused.wrong.member().to_owned(),
            reason: refused.wrong.rule(),
        }
    }
}

/// The reports, or everything that can't be read as one.
fn read(reports: Vec<Value>) -> Result<Vec<UsageReport>, Vec<Fault>> {
    let (mut read, mut faults) = (Vec::new(), Vec::new());
    // Of more than a batch may have, only their number is of interest.
    for (index, report) in reports.into_iter().enumerate().take(MOST_REPORTS + 1) {
        match one(report) {
            Ok(report) => read.push(report),
            Err((member, reason)) => faults.push(Fault {
                index,
                member,
                reason,
            }),
        }
    }
    if faults.is_empty() { Ok(read) } else { Err(faults) }
}

fn one(report: Value) -> Result<UsageReport, (String, String)> {
    // An array would be read as the members of an object in their order.
    if !report.is_object() {
        return Err((String::new(), "must be an object".to_owned()));
    }
    let read = serde_path_to_error::deserialize::<_, Reported>(report);
    read.map(UsageReport::from).map_err(|error| {
        let (member, reason) = wrong_member::named(&error);
        match member.as_str() {
            "quantity" => (member, Wrong::Quantity.rule()),
            _ => (member, reason),
        }
    })
}

/// Each wrong report by its place, so that the others can be sent again without it.
fn refusal(status: StatusCode, errors: &[Fault]) -> Response {
    let first = errors.first().map(|fault| match fault.member.as_str() {
        "" => format!("reports[{}] {}", fault.index, fault.reason),
        member => format!("reports[{}].{member} {}", fault.index, fault.reason),
    });
    let body = json!({
        "error": "invalid_request",
        "error_description": format!("{}; none of the batch was taken", first.unwrap_or_default()),
        "errors": errors,
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
