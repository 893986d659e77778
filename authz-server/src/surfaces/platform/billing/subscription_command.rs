//! `/auth/billing/subscription/{id}`: other seats or another plan, a pause, the end, and the word of the checkout.
//! Refuses what the subscription's state does not allow.

use axum::extract::{Extension, Path, State};
use axum::response::Response;
use domain::billing::SubscriptionWish;
use domain::iam::Permit;
use http::StatusCode;
use model::Ctx;
use serde::Deserialize;
use utoipa::ToSchema;

use super::subscription::{ABSENT, SubscriptionBody};
use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::acting::Acting;
use crate::surfaces::answer::private;
use crate::surfaces::body::{Body, OptionalBody};

/// What is absent stays; one of plan and quantity is there.
#[derive(Deserialize, ToSchema)]
#[schema(as = platform::SubscriptionChangeBody)]
pub struct ChangeBody {
    /// Another one of the plans.
    #[schema(example = "team")]
    plan_id: Option<String>,
    /// Another number of seats.
    #[schema(example = 5, minimum = 1)]
    quantity: Option<u32>,
    /// With the next period; else at once, and the gateway settles the difference.
    #[serde(default)]
    #[schema(example = false)]
    at_period_end: bool,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = platform::SubscriptionCancelBody)]
pub struct CancelBody {
    /// With the period that is paid for, unless this is false.
    #[serde(default = "yes")]
    #[schema(example = true)]
    at_period_end: bool,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = platform::SubscriptionConfirmBody)]
pub struct ConfirmBody {
    /// The payment that the checkout has made.
    #[serde(default, alias = "razorpay_payment_id")]
    #[schema(example = "pay_29QQoUBi66xm2f", required = true)]
    payment_id: String,
    /// HMAC-SHA-256 of `payment_id|subscription_id` with the secret of the API key, as the checkout hands it out.
    #[serde(default, alias = "razorpay_signature")]
    #[schema(
        example = "9ef4dffbfd84f1318f6739a3ce19f9d85851857ae648f114332d8401e0949a3d",
        required = true
    )]
    signature: String,
}

const fn yes() -> bool {
    true
}

impl Default for CancelBody {
    fn default() -> Self {
        Self { at_period_end: true }
    }
}

/// Who may manage it; nobody may what is not there.
async fn permitted((state, ctx): (&AppState, &Ctx), acting: &Acting, id: &str) -> Result<Permit, Failure> {
    let resource = format!("billing:subscription/{id}");
    let permit = acting
        .permit(state, ctx, "billing:ManageSubscription", &resource)
        .await?;
    let found = state.authority.find_subscription(permit.account(), id).await?;
    found.map(|_| permit).ok_or_else(|| Failure::not_found(ABSENT))
}

async fn command(
    (state, ctx): (&AppState, &Ctx),
    acting: &Acting,
    (id, wish): (&str, SubscriptionWish),
) -> Result<Response, Failure> {
    let permit = permitted((state, ctx), acting, id).await?;
    let by = (permit.account(), permit.actor());
    let authority = &state.authority;
    let after = authority.command_subscription(ctx, by, (id, wish)).await?;
    Ok(private(StatusCode::OK, &SubscriptionBody::from(after)))
}

/// Change the plan or the seats of a subscription that is authorised or active.
///
/// Action `billing:ManageSubscription` on `subscription/<id>`. In another state: 409 `subscription_state`.
#[utoipa::path(post, path = "/billing/subscription/{id}", tag = "platform", operation_id = "billing_change_subscription",
    params(("id" = String, Path)), request_body = ChangeBody, security(("bearer" = [])),
    responses((status = 200, body = SubscriptionBody)))]
pub async fn change(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(id): Path<String>,
    acting: Acting,
    Body(body): Body<ChangeBody>,
) -> Result<Response, Failure> {
    permitted((&state, &ctx), &acting, &id).await?;
    if body.plan_id.is_none() && body.quantity.is_none() {
        let reason = "is required, or quantity".to_owned();
        return Err(Failure::invalid_fields([("plan_id", reason)]));
    }
    let wish = SubscriptionWish::Change {
        plan: body.plan_id,
        quantity: body.quantity,
        at_period_end: body.at_period_end,
    };
    command((&state, &ctx), &acting, (&id, wish)).await
}

/// Cancel: with the period that is paid for, or at once. What was paid stays until its end; nothing is paid back.
///
/// Action `billing:ManageSubscription` on `subscription/<id>`.
#[utoipa::path(post, path = "/billing/subscription/{id}/cancel", tag = "platform",
    operation_id = "billing_cancel_subscription", params(("id" = String, Path)), request_body = CancelBody,
    security(("bearer" = [])), responses((status = 200, body = SubscriptionBody)))]
pub async fn cancel(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(id): Path<String>,
    acting: Acting,
    OptionalBody(body): OptionalBody<CancelBody>,
) -> Result<Response, Failure> {
    let at_period_end = body.at_period_end;
    let wish = SubscriptionWish::Cancel { at_period_end };
    command((&state, &ctx), &acting, (&id, wish)).await
}

/// Pause an active subscription: nothing is collected until it goes on. What was paid stays until its end.
///
/// Action `billing:ManageSubscription` on `subscription/<id>`.
#[utoipa::path(post, path = "/billing/subscription/{id}/pause", tag = "platform",
    operation_id = "billing_pause_subscription", params(("id" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = SubscriptionBody)))]
pub async fn pause(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(id): Path<String>,
    acting: Acting,
) -> Result<Response, Failure> {
    command((&state, &ctx), &acting, (&id, SubscriptionWish::Pause)).await
}

/// Let a paused subscription go on.
///
/// Action `billing:ManageSubscription` on `subscription/<id>`.
#[utoipa::path(post, path = "/billing/subscription/{id}/resume", tag = "platform",
    operation_id = "billing_resume_subscription", params(("id" = String, Path)), security(("bearer" = [])),
    responses((status = 200, body = SubscriptionBody)))]
pub async fn resume(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(id): Path<String>,
    acting: Acting,
) -> Result<Response, Failure> {
    command((&state, &ctx), &acting, (&id, SubscriptionWish::Resume)).await
}

/// Say what the checkout has answered, so that the plan is there at once.
///
/// Action `billing:ManageSubscription` on `subscription/<id>`. The gateway's signature is checked, and the subscription asked
/// for at the gateway; its message has the same effect. The names that the checkout uses are taken too.
#[utoipa::path(post, path = "/billing/subscription/{id}/confirm", tag = "platform",
    operation_id = "billing_confirm_subscription", params(("id" = String, Path)), request_body = ConfirmBody,
    security(("bearer" = [])), responses((status = 200, body = SubscriptionBody)))]
pub async fn confirm(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(id): Path<String>,
    acting: Acting,
    Body(body): Body<ConfirmBody>,
) -> Result<Response, Failure> {
    let permit = permitted((&state, &ctx), &acting, &id).await?;
    let told = (id.as_str(), body.payment_id.as_str(), body.signature.as_str());
    let authority = &state.authority;
    let after = authority
        .confirm_subscription(&ctx, permit.account(), told)
        .await?;
    Ok(private(StatusCode::OK, &SubscriptionBody::from(after)))
}
