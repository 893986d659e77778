//! `GET /v1/admin/plans`, and `/v1/admin/licenses/{account}` with its history and use.
//! Refuses plans that are not configured: what there is to sell is the configuration's business.

use axum::extract::{Extension, Path, Query, State};
use axum::response::Response;
use domain::licences::{LicenceError, NewLicence};
use http::StatusCode;
use model::Ctx;
use model::billing::{Licence, LicenceSource, Plan};
use model::iam::AccountId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::administrator::{May, ReadLicences, WriteLicences, not_administrator};
use super::envelope::{Enveloped, enveloped};
use super::licences::{FeatureBody, LicenceBody, Span, UsageBody, instant, used};
use crate::app::AppState;
use crate::surfaces::body::Body;
use crate::surfaces::{Failure, time};

/// What accounts can have.
#[derive(Serialize, ToSchema)]
#[schema(as = v1::AdminPlan)]
pub struct PlanBody {
    /// The plan's id.
    #[schema(example = "pro")]
    id: String,
    #[schema(example = "Pro")]
    name: String,
    /// What one seat costs in a period, in minor units.
    #[schema(example = 49_900)]
    amount: i64,
    /// The currency of `amount`.
    #[schema(example = "INR")]
    currency: String,
    /// `monthly` or `yearly`.
    #[schema(example = "monthly")]
    period: &'static str,
    /// Whether accounts without a licence have it.
    #[schema(example = false)]
    default: bool,
    /// What it names.
    features: Vec<FeatureBody>,
}

/// An account's licence, and those before it.
#[derive(Serialize, ToSchema)]
#[schema(as = v1::AdminLicence)]
pub struct AdminLicence {
    #[serde(flatten)]
    licence: LicenceBody,
    /// Newest first, at most 100.
    history: Vec<PastLicence>,
}

/// A licence that was given once.
#[derive(Serialize, ToSchema)]
#[schema(as = v1::PastLicence)]
pub struct PastLicence {
    #[schema(example = "lic_0123456789abcdefghjkmnpqrs")]
    id: Option<String>,
    /// The plan's id.
    #[schema(example = "pro")]
    plan: String,
    /// `active`, `past_due`, `paused`, `cancelled` or `expired`.
    #[schema(example = "cancelled")]
    status: &'static str,
    /// How many members the account may have, where its plan limits them.
    #[schema(example = 5)]
    seats: u32,
    /// `admin`, or the subscription's id.
    #[schema(example = "admin")]
    source: String,
    /// In UTC.
    #[schema(example = "2026-11-01T00:00:00Z")]
    valid_from: String,
    /// In UTC; `null` without an end.
    #[schema(example = "2026-12-01T00:00:00Z")]
    valid_until: Option<String>,
    /// When another one took its place, in UTC.
    #[schema(example = "2026-11-21T12:29:10Z")]
    replaced_at: Option<String>,
}

/// What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[schema(as = v1::ChangedLicence)]
pub struct ChangedLicence {
    /// The id of a plan.
    #[schema(example = "pro")]
    plan: Option<String>,
    /// How many members the account may have, where its plan limits them.
    #[schema(example = 5)]
    seats: Option<u32>,
    /// When it ends, RFC 3339; `never` takes an end away.
    #[schema(example = "2026-12-31T00:00:00Z")]
    valid_until: Option<String>,
}

impl From<(&Plan, bool)> for PlanBody {
    fn from((plan, default): (&Plan, bool)) -> Self {
        Self {
            id: plan.id.clone(),
            name: plan.name.clone(),
            amount: plan.amount.minor,
            currency: plan.amount.currency.to_string(),
            period: plan.period.as_str(),
            default,
            features: plan.features.iter().map(FeatureBody::from).collect(),
        }
    }
}

impl PastLicence {
    fn of(licence: &Licence, replaced_at: Option<model::Timestamp>, now: model::Timestamp) -> Self {
        let binding = &licence.binding;
        Self {
            id: licence.id.map(|id| id.to_string()),
            plan: binding.plan.clone(),
            status: licence.status_at(replaced_at.unwrap_or(now)).as_str(),
            seats: binding.seats,
            source: match &binding.source {
                LicenceSource::Default => "default".to_owned(),
                LicenceSource::Admin => "admin".to_owned(),
                LicenceSource::Subscription(id) => id.clone(),
            },
            valid_from: time::rfc3339(licence.valid_from),
            valid_until: binding.valid_until.map(time::rfc3339),
            replaced_at: replaced_at.map(time::rfc3339),
        }
    }
}

/// The plans that accounts can have.
///
/// For administrators, and keys with `admin:licenses:read`.
#[utoipa::path(get, path = "/admin/plans", tag = "v1", operation_id = "v1_admin_list_plans",
    security(("bearer" = []), ("apiKey" = [])), responses((status = 200, body = Enveloped<Vec<PlanBody>>)))]
pub async fn plans(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    _: May<ReadLicences>,
) -> Result<Response, Failure> {
    let plans = &state.authority.settings.billing.plans;
    let default = &plans.default_plan().id;
    let all: Vec<PlanBody> = plans
        .iter()
        .map(|plan| (plan, plan.id == *default).into())
        .collect();
    Ok(enveloped(&ctx, StatusCode::OK, all))
}

/// Show what an account has, and had.
///
/// For administrators, and keys with `admin:licenses:read`.
#[utoipa::path(get, path = "/admin/licenses/{account}", tag = "v1", operation_id = "v1_admin_read_licence",
    params(("account" = String, Path, description = "The account's number, twelve digits.", example = "123456789012")),
    security(("bearer" = []), ("apiKey" = [])),
    responses((status = 200, body = Enveloped<AdminLicence>)))]
pub async fn read(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(account): Path<String>,
    May { by, .. }: May<ReadLicences>,
) -> Result<Response, Failure> {
    let account = parse_account(&account)?;
    let history = state.authority.licence_history(&account, &by).await?;
    let held = state.authority.licence_of(&ctx, &account).await?;
    let past = history
        .iter()
        .map(|(licence, replaced)| PastLicence::of(licence, *replaced, ctx.now));
    let body = AdminLicence {
        licence: held.into(),
        history: past.collect(),
    };
    Ok(enveloped(&ctx, StatusCode::OK, body))
}

/// Give an account a plan, prolong it, or change its seats.
///
/// For administrators, and keys with `admin:licenses:write`. It counts at once, at the proxies too.
#[utoipa::path(patch, path = "/admin/licenses/{account}", tag = "v1", operation_id = "v1_admin_bind_licence",
    params(("account" = String, Path, description = "The account's number, twelve digits.", example = "123456789012")),
    security(("bearer" = []), ("apiKey" = [])), request_body = ChangedLicence,
    responses((status = 200, body = Enveloped<LicenceBody>)))]
pub async fn bind(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(account): Path<String>,
    May { by, .. }: May<WriteLicences>,
    Body(change): Body<ChangedLicence>,
) -> Result<Response, Failure> {
    let account = parse_account(&account)?;
    let valid_until = match change.valid_until.as_deref() {
        None => None,
        Some("never") => Some(None),
        Some(text) => Some(Some(instant("valid_until", text)?)),
    };
    let new = NewLicence {
        plan: change.plan,
        seats: change.seats,
        valid_until,
    };
    let held = state.authority.give_licence(&ctx, (&account, new), by).await?;
    Ok(enveloped(&ctx, StatusCode::OK, LicenceBody::from(held)))
}

/// End the licence of an account, which has the default plan afterwards.
///
/// For administrators, and keys with `admin:licenses:write`. A subscription is cancelled elsewhere.
#[utoipa::path(delete, path = "/admin/licenses/{account}", tag = "v1", operation_id = "v1_admin_end_licence",
    params(("account" = String, Path, description = "The account's number, twelve digits.", example = "123456789012")),
    security(("bearer" = []), ("apiKey" = [])),
    responses((status = 200, body = Enveloped<LicenceBody>)))]
pub async fn end(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(account): Path<String>,
    May { by, .. }: May<WriteLicences>,
) -> Result<Response, Failure> {
    let held = state
        .authority
        .end_licence(&ctx, &parse_account(&account)?, by)
        .await?;
    Ok(enveloped(&ctx, StatusCode::OK, LicenceBody::from(held)))
}

/// What an account has used, by month.
///
/// For administrators, and keys with `admin:licenses:read`.
#[utoipa::path(get, path = "/admin/licenses/{account}/usage", tag = "v1", operation_id = "v1_admin_read_usage",
    params(("account" = String, Path, description = "The account's number, twelve digits.", example = "123456789012"), Span),
    security(("bearer" = []), ("apiKey" = [])),
    responses((status = 200, body = Enveloped<Vec<UsageBody>>)))]
pub async fn usage(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(account): Path<String>,
    May { by, .. }: May<ReadLicences>,
    Query(span): Query<Span>,
) -> Result<Response, Failure> {
    let account = parse_account(&account)?;
    // Whether there is such an account, and whether one may know.
    state.authority.licence_history(&account, &by).await?;
    let used = used(&state, &ctx, (&account, &span)).await?;
    Ok(enveloped(&ctx, StatusCode::OK, used))
}

fn parse_account(text: &str) -> Result<AccountId, Failure> {
    text.parse().map_err(|_| unknown())
}

fn unknown() -> Failure {
    Failure::not_found("There is no such account.")
}

impl From<LicenceError> for Failure {
    fn from(error: LicenceError) -> Self {
        let said = error.to_string();
        match error {
            LicenceError::NotAdministrator => not_administrator(),
            LicenceError::UnknownAccount => unknown(),
            LicenceError::UnknownPlan => Self::invalid_field("plan", said),
            LicenceError::Seats => Self::invalid_field("seats", said),
            LicenceError::Past => Self::invalid_field("valid_until", said),
            LicenceError::Nothing => {
                Self::conflict("no_licence", "The account has the default plan already.")
            }
            LicenceError::Fault(fault) => fault.into(),
        }
    }
}
