//! `GET /api/auth/credential-rotation-status` and `GET /api/auth/quota`

use axum::extract::{Extension, State};
use axum::response::Response;
use http::StatusCode;
use model::Ctx;
use model::billing::Entitlement;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::surfaces::answer::private;
use crate::surfaces::caller::Signed;
use crate::surfaces::{Failure, time};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RotationBody {
    /// Whether the oldest live key is older than `requiredDays`.
    #[schema(example = false)]
    rotation_required: bool,
    /// Whether it is older than `warningDays`.
    rotation_recommended: bool,
    #[schema(example = 15)]
    days_until_required: u32,
    /// Since when the oldest live key is there, in UTC.
    #[schema(example = "2026-11-21T12:29:10Z")]
    last_rotated_at: Option<String>,
    /// Ages of keys that matter, in days.
    thresholds: Thresholds,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Thresholds {
    /// Days after which another key is recommended.
    #[schema(example = 30)]
    warning_days: u32,
    /// Days after which another key is required.
    #[schema(example = 90)]
    required_days: u32,
}

#[derive(Serialize, ToSchema)]
pub struct QuotaBody {
    #[schema(example = "free")]
    plan: String,
    /// A line for each thing that is counted.
    quotas: Vec<QuotaLine>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct QuotaLine {
    /// What is counted.
    #[schema(example = "api_keys")]
    metric: String,
    /// How much there is.
    #[schema(example = 3)]
    used: u64,
    /// How much there may be; `null` without an end.
    #[schema(example = 20)]
    limit: Option<u64>,
    /// `limit` less `used`, and never below 0.
    #[schema(example = 17)]
    remaining: Option<u64>,
    /// When it counts from nothing again, in UTC; `null` where it never does.
    #[schema(example = "2026-12-01T00:00:00Z")]
    resets_at: Option<String>,
}

impl From<Entitlement> for QuotaLine {
    fn from(quota: Entitlement) -> Self {
        Self {
            remaining: quota.remaining(),
            metric: quota.feature,
            used: quota.used,
            limit: quota.limit,
            resets_at: quota.resets_at.map(time::rfc3339),
        }
    }
}

/// Whether the caller's oldest key is due to be replaced.
///
/// The thresholds are the operator's.
#[utoipa::path(get, path = "/credential-rotation-status", tag = "console", operation_id = "console_rotation_status",
    security(("bearer" = [])), responses((status = 200, body = RotationBody)))]
pub async fn status(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
) -> Result<Response, Failure> {
    let status = state.authority.rotation_status(&ctx, user.id).await?;
    let body = RotationBody {
        rotation_required: status.is_required(),
        rotation_recommended: status.is_recommended(),
        days_until_required: status.days_until_required,
        last_rotated_at: status.last_rotated_at.map(time::rfc3339),
        thresholds: Thresholds {
            warning_days: status.thresholds.warning_days,
            required_days: status.thresholds.required_days,
        },
    };
    Ok(private(StatusCode::OK, &body))
}

/// What the caller may have how much of, and has.
///
/// One line for each thing that is counted.
#[utoipa::path(get, path = "/quota", tag = "console", operation_id = "console_quota",
    security(("bearer" = [])), responses((status = 200, body = QuotaBody)))]
pub async fn quota(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Signed { user, .. }: Signed,
) -> Result<Response, Failure> {
    let (plan, quotas) = state.authority.quotas(&ctx, user.id).await?;
    let body = QuotaBody {
        plan,
        quotas: quotas.into_iter().map(QuotaLine::from).collect(),
    };
    Ok(private(StatusCode::OK, &body))
}
