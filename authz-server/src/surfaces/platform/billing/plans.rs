//! `/auth/billing/plans`: what can be subscribed to.

use axum::extract::{Extension, State};
use axum::response::Response;
use http::StatusCode;
use model::Ctx;
use model::billing::{Feature, Plan};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::acting::Acting;
use crate::surfaces::answer::private;

#[derive(Serialize, ToSchema)]
#[schema(as = platform::Plan)]
pub struct PlanBody {
    #[schema(example = "pro")]
    id: String,
    #[schema(example = "Pro")]
    name: String,
    /// Of one seat and period, tax included, in minor units; zero for what is free and not subscribed to.
    #[schema(example = 49_900)]
    amount: i64,
    /// Of the amount.
    #[schema(example = "INR")]
    currency: String,
    /// `monthly` or `yearly`.
    #[schema(example = "monthly")]
    period: &'static str,
    /// What comes with it.
    features: Vec<FeatureBody>,
    /// Whether it is the one of accounts without a licence.
    #[schema(example = false)]
    is_default: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = platform::PlanFeature)]
pub struct FeatureBody {
    #[schema(example = "builds")]
    name: String,
    /// No more than this in a month.
    #[schema(example = 10_000)]
    limit: Option<u64>,
    /// What comes with the plan in a month.
    #[schema(example = 1_000)]
    included: Option<u64>,
}

/// What can be had, the default plan first.
///
/// Action `billing:View` on `subscription/*`.
#[utoipa::path(get, path = "/billing/plans", tag = "platform", operation_id = "billing_list_plans",
    security(("bearer" = [])), responses((status = 200, body = Vec<PlanBody>)))]
pub async fn list(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
) -> Result<Response, Failure> {
    acting
        .permit(&state, &ctx, "billing:View", "billing:subscription/*")
        .await?;
    let default = &state.authority.settings.billing.plans.default_plan().id;
    let body = |plan: &Plan| PlanBody {
        id: plan.id.clone(),
        name: plan.name.clone(),
        amount: plan.amount.minor,
        currency: plan.amount.currency.to_string(),
        period: plan.period.as_str(),
        features: plan.features.iter().map(feature).collect(),
        is_default: plan.id == *default,
    };
    let plans: Vec<PlanBody> = state.authority.plans_for_sale().map(body).collect();
    Ok(private(StatusCode::OK, &plans))
}

fn feature(feature: &Feature) -> FeatureBody {
    FeatureBody {
        name: feature.name.clone(),
        limit: feature.limit,
        included: feature.included,
    }
}
