//! `/auth/billing/subscription`: a plan that is paid for by period, and drives the licence.
//! Refuses a second one beside one that lives.

use axum::extract::{Extension, OriginalUri, Path, State};
use axum::response::Response;
use domain::billing::SubscriptionError;
use http::StatusCode;
use model::Ctx;
use model::billing::Subscription;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::topup::CheckoutBody;
use crate::app::AppState;
use crate::surfaces::acting::Acting;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;
use crate::surfaces::page::Page;
use crate::surfaces::{Failure, time};

/// What a policy calls all subscriptions of the account.
const ALL: &str = "billing:subscription/*";
pub(super) const ABSENT: &str = "There is no such subscription in this account.";

#[derive(Serialize, ToSchema)]
#[schema(as = platform::Subscription)]
pub struct SubscriptionBody {
    /// The gateway's.
    #[schema(example = "sub_00000000000001")]
    id: String,
    /// One of the plans.
    #[schema(example = "pro")]
    plan_id: String,
    /// Seats.
    #[schema(example = 3)]
    quantity: u32,
    /// `created`, `authenticated`, `active`, `pending`, `halted`, `paused`, `cancelled`, `completed` or `expired`.
    #[schema(example = "active")]
    status: &'static str,
    /// The beginning of the period that runs.
    #[schema(example = "2026-11-21T10:00:00Z")]
    current_start: Option<String>,
    /// Its end.
    #[schema(example = "2026-12-21T10:00:00Z")]
    current_end: Option<String>,
    /// When the gateway collects next.
    #[schema(example = "2026-12-21T10:00:00Z")]
    charge_at: Option<String>,
    /// The end of the last period that was paid for.
    #[schema(example = "2026-12-21T10:00:00Z")]
    paid_until: Option<String>,
    /// Whether it ends with the period that runs.
    #[schema(example = false)]
    cancel_at_period_end: bool,
    /// Where it is authorised, outside of a checkout of your own.
    #[schema(example = "https://rzp.io/i/0123456")]
    short_url: Option<String>,
    created_at: String,
    /// When it was over; null while it lives.
    #[schema(example = "2026-12-21T10:00:00Z")]
    ended_at: Option<String>,
}

/// With what the checkout of the gateway is opened with.
#[derive(Serialize, ToSchema)]
#[schema(as = platform::Subscribed)]
pub struct SubscribedBody {
    #[serde(flatten)]
    subscription: SubscriptionBody,
    /// What the checkout knows the operator by; not secret.
    #[schema(example = "rzp_live_0123456789abcd")]
    key_id: String,
    checkout: CheckoutBody,
}

/// The subscription that lives, or else the last one.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = platform::CurrentSubscription)]
pub enum CurrentBody {
    Some(Box<SubscriptionBody>),
    None {
        #[schema(example = "none")]
        status: &'static str,
    },
}

#[derive(Deserialize, ToSchema)]
#[schema(as = platform::SubscribeBody)]
pub struct SubscribeBody {
    /// One of the plans, with a price.
    #[schema(example = "pro")]
    plan_id: String,
    /// Seats; one, if it is not said.
    #[serde(default = "one")]
    #[schema(example = 3, minimum = 1)]
    quantity: u32,
}

const fn one() -> u32 {
    1
}

impl From<Subscription> for SubscriptionBody {
    fn from(subscription: Subscription) -> Self {
        Self {
            id: subscription.id,
            plan_id: subscription.plan,
            quantity: subscription.quantity,
            status: subscription.status.as_str(),
            current_start: subscription.current_start.map(time::rfc3339),
            current_end: subscription.current_end.map(time::rfc3339),
            charge_at: subscription.charge_at.map(time::rfc3339),
            paid_until: subscription.paid_until.map(time::rfc3339),
            cancel_at_period_end: subscription.cancel_at_end,
            short_url: subscription.short_url,
            created_at: time::rfc3339(subscription.created_at),
            ended_at: subscription.ended_at.map(time::rfc3339),
        }
    }
}

/// The subscription that lives, or else the last one; `{"status": "none"}` when there was none.
///
/// Action `billing:View` on `subscription/*`.
#[utoipa::path(get, path = "/billing/subscription", tag = "platform", operation_id = "billing_subscription",
    security(("bearer" = [])), responses((status = 200, body = CurrentBody)))]
pub async fn show(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
) -> Result<Response, Failure> {
    let permit = acting.permit(&state, &ctx, "billing:View", ALL).await?;
    let (found, _) = state
        .authority
        .list_subscriptions(permit.account(), (1, 0))
        .await?;
    let current = found.into_iter().next().map(SubscriptionBody::from);
    let body = current.map_or(CurrentBody::None { status: "none" }, |found| {
        CurrentBody::Some(Box::new(found))
    });
    Ok(private(StatusCode::OK, &body))
}

/// All there were, the one that lives first, then the last ones first.
///
/// Action `billing:View` on `subscription/*`.
#[utoipa::path(get, path = "/billing/subscriptions", tag = "platform", operation_id = "billing_list_subscriptions",
    params(Page), security(("bearer" = [])), responses((status = 200, body = Vec<SubscriptionBody>)))]
pub async fn list(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    page: Page,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Failure> {
    let permit = acting.permit(&state, &ctx, "billing:View", ALL).await?;
    let part = (
        i64::from(page.limit),
        i64::try_from(page.offset()).unwrap_or(i64::MAX),
    );
    let (found, total) = state.authority.list_subscriptions(permit.account(), part).await?;
    let body: Vec<SubscriptionBody> = found.into_iter().map(SubscriptionBody::from).collect();
    let total = u64::try_from(total).unwrap_or(0);
    Ok(page.describe(private(StatusCode::OK, &body), &uri, total))
}

/// Subscribe to a plan. It is active when its owner has authorised it at the gateway and the first period is paid.
///
/// Action `billing:ManageSubscription` on `subscription/*`. An account has one that lives: 409 `subscription_exists`, with its
/// `subscription_id`. A plan that is free, or that there is not, is 400.
#[utoipa::path(post, path = "/billing/subscription", tag = "platform", operation_id = "billing_subscribe",
    request_body = SubscribeBody, security(("bearer" = [])), responses((status = 201, body = SubscribedBody)))]
pub async fn subscribe(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    Body(body): Body<SubscribeBody>,
) -> Result<Response, Failure> {
    let permit = acting
        .permit(&state, &ctx, "billing:ManageSubscription", ALL)
        .await?;
    let authority = &state.authority;
    let wish = (body.plan_id.as_str(), body.quantity);
    let by = (permit.account(), permit.actor());
    let subscription = authority.subscribe(&ctx, by, wish).await?;
    let (key_id, checkout) = authority.checkout()?;
    let body = SubscribedBody {
        subscription: subscription.into(),
        key_id,
        checkout: checkout.into(),
    };
    Ok(private(StatusCode::CREATED, &body))
}

/// Subscribe to a plan, under its other name.
///
/// The same as `POST /auth/billing/subscription`.
#[utoipa::path(post, path = "/billing/subscriptions", tag = "platform", operation_id = "billing_create_subscription",
    request_body = SubscribeBody, security(("bearer" = [])), responses((status = 201, body = SubscribedBody)))]
pub async fn create(
    state: State<AppState>,
    ctx: Extension<Ctx>,
    acting: Acting,
    body: Body<SubscribeBody>,
) -> Result<Response, Failure> {
    subscribe(state, ctx, acting, body).await
}

/// One of the account's.
///
/// Action `billing:View` on `subscription/<id>`.
#[utoipa::path(get, path = "/billing/subscription/{id}", tag = "platform", operation_id = "billing_read_subscription",
    params(("id" = String, Path)), security(("bearer" = [])), responses((status = 200, body = SubscriptionBody)))]
pub async fn read(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(id): Path<String>,
    acting: Acting,
) -> Result<Response, Failure> {
    let resource = format!("billing:subscription/{id}");
    let permit = acting.permit(&state, &ctx, "billing:View", &resource).await?;
    let found = state.authority.find_subscription(permit.account(), &id).await?;
    let found = found.ok_or_else(|| Failure::not_found(ABSENT))?;
    Ok(private(StatusCode::OK, &SubscriptionBody::from(found)))
}

impl From<SubscriptionError> for Failure {
    fn from(error: SubscriptionError) -> Self {
        match error {
            SubscriptionError::NoSuchPlan => Self::invalid_field("plan_id", "is not one of the plans"),
            SubscriptionError::FreePlan => {
                Self::invalid_field("plan_id", "is free, and need not be subscribed to")
            }
            SubscriptionError::Quantity { most } => Self::invalid_field(
                "quantity",
                format!("must be from 1 to {most}, at a price that can be paid"),
            ),
            SubscriptionError::Exists { id } => Self::conflict(
                "subscription_exists",
                "There is a subscription already. Change it, or cancel it first.",
            )
            .with("subscription_id", json!(id)),
            SubscriptionError::NotFound => Self::not_found(ABSENT),
            SubscriptionError::NotNow(refusal) => Self::conflict(
                "subscription_state",
                "The subscription's state does not allow this.",
            )
            .with("status", json!(refusal.0.as_str())),
            SubscriptionError::Forged => Self::invalid_field(
                "signature",
                "is not the gateway's for this subscription and payment",
            ),
            SubscriptionError::Unavailable(error) => error.into(),
            SubscriptionError::Fault(fault) => fault.into(),
        }
    }
}
