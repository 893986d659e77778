//! `POST /leaked-keys`: reports of keys found in public, in the form of GitHub's secret scanning partner program.
//! Refuses whatever is not signed by a reporter the operator trusts, before anything in it is looked at.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::api_keys::FoundKey;
use http::{HeaderMap, StatusCode};
use model::{Ctx, PlainSecret};
use serde::Deserialize;
use serde_json::json;

use super::answer::{faulty, uncached};
use crate::app::AppState;
use crate::http::single;
use crate::outbound::LeakReporters;

const IDENTIFIER: &str = "github-public-key-identifier";
const SIGNATURE: &str = "github-public-key-signature";
const MOST_REPORTS: usize = 500;

#[derive(Deserialize)]
struct Report {
    token: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    source: Option<String>,
}

/// There is such a door only where the operator trusts somebody.
pub fn router(reporters: Option<LeakReporters>) -> Router<AppState> {
    match reporters {
        None => Router::new(),
        Some(reporters) => Router::new()
            .route("/leaked-keys", post(receive))
            .layer(Extension(reporters)),
    }
}

async fn receive(
    State(state): State<AppState>,
    Extension(reporters): Extension<LeakReporters>,
    Extension(ctx): Extension<Ctx>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (Some(name), Some(signature)) = (single(&headers, IDENTIFIER), single(&headers, SIGNATURE)) else {
        return StatusCode::UNAUTHORIZED.into_response();
    };
    match reporters.has_signed(name, signature, &body).await {
        Ok(true) => {}
        Ok(false) => return StatusCode::UNAUTHORIZED.into_response(),
        Err(error) => {
            tracing::warn!(%error, "a report of leaked keys could not be verified");
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
    }
    let Ok(reports) = serde_json::from_slice::<Vec<Report>>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    if reports.len() > MOST_REPORTS {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    }
    judge(&state, &ctx, reports).await
}

/// One verdict per report, which names the token by its hash.
async fn judge(state: &AppState, ctx: &Ctx, reports: Vec<Report>) -> Response {
    let mut verdicts = Vec::new();
    for report in reports {
        let found = FoundKey {
            text: PlainSecret::new(&report.token),
            source: report.url.or(report.source).unwrap_or_default(),
        };
        let label = match state.authority.report_leaked_key(ctx, &found).await {
            Ok(true) => "true_positive",
            Ok(false) => "false_positive",
            Err(fault) => return faulty(&fault),
        };
        verdicts.push(json!({
            "token_hash": STANDARD.encode(found.text.digest().as_bytes()),
            "token_type": report.kind,
            "label": label,
        }));
    }
    uncached(&verdicts)
}
