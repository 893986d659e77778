//! `GET /v1/licenses/me`, `/v1/licenses/entitlements` and `/v1/licenses/usage`: what the account has, may use and has used.
//! Refuses programs: a service asks `POST /check`.

use axum::extract::{Extension, Query, State};
use axum::response::Response;
use domain::licences::{Held, Use};
use http::StatusCode;
use model::billing::{Entitlement, Feature};
use model::iam::AccountId;
use model::{Ctx, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::envelope::{Enveloped, enveloped};
use crate::app::AppState;
use crate::surfaces::acting::Acting;
use crate::surfaces::{Failure, time};

/// Which plan an account has, and until when.
#[derive(Serialize, ToSchema)]
#[schema(as = v1::Licence)]
pub struct LicenceBody {
    /// `default` where nobody has bound the account to anything.
    #[schema(example = "lic_0123456789abcdefghjkmnpqrs")]
    id: String,
    /// The plan's id.
    #[schema(example = "pro")]
    plan: String,
    /// `active`, or `past_due` while a payment is tried again.
    #[schema(example = "active")]
    status: &'static str,
    /// How many members the account may have, where its plan limits them.
    #[schema(example = 5)]
    seats: u32,
    /// Since when the account has the plan, in UTC.
    #[schema(example = "2026-11-01T00:00:00Z")]
    valid_from: String,
    /// When it ends, in UTC; `null` without an end.
    #[schema(example = "2026-12-01T00:00:00Z")]
    valid_until: Option<String>,
    /// What the plan names.
    features: Vec<FeatureBody>,
}

/// Something that a plan has.
#[derive(Serialize, ToSchema)]
#[schema(as = v1::Feature)]
pub struct FeatureBody {
    #[schema(example = "messages")]
    name: String,
    /// No more than this in a month; `null` without an end.
    #[schema(example = 100_000)]
    limit: Option<u64>,
    /// What comes with the plan in a month, where more is paid for.
    #[schema(example = 10_000)]
    included: Option<u64>,
}

/// What an account may use of a feature.
#[derive(Serialize, ToSchema)]
#[schema(as = v1::Entitlement)]
pub struct EntitlementBody {
    /// The feature's name, as the plan has it.
    #[schema(example = "messages")]
    feature: String,
    /// Whether (one more of) it may be used now.
    #[schema(example = true)]
    granted: bool,
    /// No more than this; `null` without an end.
    #[schema(example = 100_000)]
    limit: Option<u64>,
    /// How much of it was used, or is there.
    #[schema(example = 1_200)]
    used: u64,
    /// `limit` less `used`; `null` without an end.
    #[schema(example = 98_800)]
    remaining: Option<u64>,
    /// What comes with the plan, where more is paid for.
    #[schema(example = 10_000)]
    included: Option<u64>,
    /// Why it is not granted: `not_in_plan`, `limit_reached` or `wallet_empty`.
    #[schema(example = "limit_reached")]
    reason: Option<&'static str>,
    /// When it counts from nothing again, in UTC; `null` where it never does.
    #[schema(example = "2026-12-01T00:00:00Z")]
    resets_at: Option<String>,
}

/// What an account has used in a month.
#[derive(Serialize, ToSchema)]
#[schema(as = v1::Usage)]
pub struct UsageBody {
    /// What was used.
    #[schema(example = "messages")]
    metric: String,
    /// How much of it was used, or is there.
    #[schema(example = 1_200)]
    used: u64,
    /// What the plan of today allows; `null` without an end.
    #[schema(example = 100_000)]
    limit: Option<u64>,
    /// What comes with the plan of today, where more is paid for.
    #[schema(example = 10_000)]
    included: Option<u64>,
    /// What was debited for it, in minor units.
    #[schema(example = 0)]
    charged: i64,
    /// The currency of `charged`.
    #[schema(example = "INR")]
    currency: String,
    /// In UTC.
    #[schema(example = "2026-11-01T00:00:00Z")]
    period_start: String,
    /// The first instant of the next period, in UTC.
    #[schema(example = "2026-12-01T00:00:00Z")]
    period_end: String,
}

#[derive(Deserialize, utoipa::IntoParams)]
pub struct Wanted {
    /// Only this one.
    #[param(example = "messages")]
    feature: Option<String>,
}

#[derive(Deserialize, utoipa::IntoParams)]
pub struct Span {
    /// Months from the one that this instant (RFC 3339) is in.
    #[param(example = "2026-10-01T00:00:00Z")]
    from: Option<String>,
    /// Months until the one that this instant (RFC 3339) is in; until now without it.
    #[param(example = "2026-11-21T12:29:10Z")]
    to: Option<String>,
}

impl From<Held> for LicenceBody {
    fn from(held: Held) -> Self {
        let (licence, binding) = (&held.licence, &held.licence.binding);
        Self {
            id: licence
                .id
                .map_or_else(|| "default".to_owned(), |id| id.to_string()),
            plan: held.plan.id.clone(),
            status: binding.status.as_str(),
            seats: binding.seats,
            valid_from: time::rfc3339(licence.valid_from),
            valid_until: binding.valid_until.map(time::rfc3339),
            features: held.plan.features.iter().map(FeatureBody::from).collect(),
        }
    }
}

impl From<&Feature> for FeatureBody {
    fn from(feature: &Feature) -> Self {
        Self {
            name: feature.name.clone(),
            limit: feature.limit,
            included: feature.included,
        }
    }
}

impl From<Entitlement> for EntitlementBody {
    fn from(said: Entitlement) -> Self {
        Self {
            remaining: said.remaining(),
            feature: said.feature,
            granted: said.granted,
            limit: said.limit,
            used: said.used,
            included: said.included,
            reason: said.reason.map(model::billing::Reason::as_str),
            resets_at: said.resets_at.map(time::rfc3339),
        }
    }
}

impl UsageBody {
    pub fn of(state: &AppState, used: Use) -> Self {
        Self {
            metric: used.metric,
            used: used.used,
            limit: used.limit,
            included: used.included,
            charged: used.charged,
            currency: state.authority.settings.billing.currency.to_string(),
            period_start: time::rfc3339(used.month.start),
            period_end: time::rfc3339(used.month.end),
        }
    }
}

/// The licence of the account that the token acts in.
///
/// Everybody has one: the default plan when nothing else binds.
#[utoipa::path(get, path = "/licenses/me", tag = "v1", operation_id = "v1_licence", security(("bearer" = [])),
    responses((status = 200, body = Enveloped<LicenceBody>)))]
pub async fn me(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
) -> Result<Response, Failure> {
    let account = account(&state, &ctx, &acting).await?;
    let held = state.authority.licence_of(&ctx, &account).await?;
    Ok(enveloped(&ctx, StatusCode::OK, LicenceBody::from(held)))
}

/// What the account may use, and how much of it is left.
///
/// Of everything that its plan names, or of `feature` alone.
#[utoipa::path(get, path = "/licenses/entitlements", tag = "v1", operation_id = "v1_entitlements", security(("bearer" = [])),
    params(Wanted), responses((status = 200, body = Enveloped<Vec<EntitlementBody>>)))]
pub async fn entitlements(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let account = account(&state, &ctx, &acting).await?;
    let said = match &wanted.feature {
        Some(feature) if feature.len() > 64 => {
            return Err(Failure::invalid_field("feature", "has at most 64 characters"));
        }
        Some(feature) => vec![state.authority.entitlement(&ctx, &account, feature).await?],
        None => state.authority.entitlements(&ctx, &account).await?,
    };
    let said: Vec<EntitlementBody> = said.into_iter().map(EntitlementBody::from).collect();
    Ok(enveloped(&ctx, StatusCode::OK, said))
}

/// What the account has used, by month.
///
/// Of the present month, or of those from `from` to `to`.
#[utoipa::path(get, path = "/licenses/usage", tag = "v1", operation_id = "v1_usage", security(("bearer" = [])),
    params(Span), responses((status = 200, body = Enveloped<Vec<UsageBody>>)))]
pub async fn usage(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    Query(span): Query<Span>,
) -> Result<Response, Failure> {
    let account = account(&state, &ctx, &acting).await?;
    let used = used(&state, &ctx, (&account, &span)).await?;
    Ok(enveloped(&ctx, StatusCode::OK, used))
}

/// The one that the token acts in, or that `X-Account-Id` names.
async fn account(state: &AppState, ctx: &Ctx, acting: &Acting) -> Result<AccountId, Failure> {
    match acting.caller().iam_user() {
        Some(_) => Err(Failure::person_required()),
        None => acting.account(state, ctx).await,
    }
}

pub(super) async fn used(
    state: &AppState,
    ctx: &Ctx,
    (account, span): (&AccountId, &Span),
) -> Result<Vec<UsageBody>, Failure> {
    let from = span
        .from
        .as_deref()
        .map(|text| instant("from", text))
        .transpose()?;
    let to = span.to.as_deref().map(|text| instant("to", text)).transpose()?;
    let span = match (from, to) {
        (None, None) => None,
        (from, to) => {
            let to = to.unwrap_or(ctx.now);
            let from = from.unwrap_or(to);
            if from > to {
                return Err(Failure::invalid_field("to", "is before `from`"));
            }
            Some((from, to))
        }
    };
    let used = state.authority.usage(ctx, account, span).await?;
    Ok(used.into_iter().map(|one| UsageBody::of(state, one)).collect())
}

pub(super) fn instant(name: &str, text: &str) -> Result<Timestamp, Failure> {
    let parsed = text.parse::<jiff::Timestamp>().ok().filter(|_| text.len() <= 40);
    parsed
        .map(|at| Timestamp::from_micros(at.as_microsecond()))
        .ok_or_else(|| Failure::invalid_field(name, "must be an instant such as 2026-11-21T12:29:10Z"))
}
