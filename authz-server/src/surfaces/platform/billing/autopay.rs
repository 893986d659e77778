//! `/auth/billing/autopay`: leave to collect when the wallet runs low.
//! Refuses to collect more than its payer has allowed, and to be active on their word: the gateway vouches for it.

use axum::extract::{Extension, State};
use axum::response::Response;
use domain::billing::{AutopayChange, Wanted};
use http::StatusCode;
use model::Ctx;
use model::billing::MandateTerms;

use super::autopay_body::{ActivateBody, AutopayBody, ChangeBody, SetUpAnswer, SetUpBody, WantedBody};
use crate::app::AppState;
use crate::surfaces::Failure;
use crate::surfaces::acting::Acting;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;

/// What a policy calls the account's mandate.
const AUTOPAY: &str = "billing:autopay";

/// The mandate that stands, or the last one; `{"status": "none"}` when there was none.
///
/// Action `billing:View` on `autopay`.
#[utoipa::path(get, path = "/billing/autopay", tag = "platform", operation_id = "billing_autopay",
    security(("bearer" = [])), responses((status = 200, body = AutopayBody)))]
pub async fn show(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
) -> Result<Response, Failure> {
    let permit = acting.permit(&state, &ctx, "billing:View", AUTOPAY).await?;
    let autopay = state.authority.find_autopay(permit.account()).await?;
    Ok(private(StatusCode::OK, &AutopayBody::from(autopay)))
}

/// Ask for a mandate: an order whose payment lets the gateway collect up to `max_amount` at a time.
///
/// Action `billing:ManageAutopay` on `autopay`. The first payment is the least amount of a top-up and is credited to the
/// wallet. One that waits for its payment is replaced; beside one that is active or paused it is 409 `autopay_exists`.
#[utoipa::path(post, path = "/billing/autopay/setup", tag = "platform", operation_id = "billing_set_up_autopay",
    request_body = SetUpBody, security(("bearer" = [])), responses((status = 201, body = SetUpAnswer)))]
pub async fn set_up(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    Body(body): Body<SetUpBody>,
) -> Result<Response, Failure> {
    let permit = acting
        .permit(&state, &ctx, "billing:ManageAutopay", AUTOPAY)
        .await?;
    let authority = &state.authority;
    let billing = &authority.settings.billing;
    if body
        .currency
        .is_some_and(|said| said != billing.currency.as_str())
    {
        return Err(Failure::invalid_field(
            "currency",
            format!("must be {}", billing.currency),
        ));
    }
    let terms = MandateTerms {
        threshold: body.threshold,
        amount: body.amount,
        most: body.max_amount,
    };
    let by = (permit.account(), permit.actor());
    let mandate = authority.set_up_autopay(&ctx, by, terms).await?;
    let (key_id, checkout) = authority.checkout()?;
    let answer = SetUpAnswer {
        status: mandate.status.as_str(),
        mandate: mandate.into(),
        order_amount: billing.topup.0.max(1),
        key_id,
        checkout: checkout.into(),
    };
    Ok(private(StatusCode::CREATED, &answer))
}

/// Ask for a mandate, under its short name.
///
/// The same as `POST /auth/billing/autopay/setup`.
#[utoipa::path(post, path = "/billing/autopay", tag = "platform", operation_id = "billing_create_autopay",
    request_body = SetUpBody, security(("bearer" = [])), responses((status = 201, body = SetUpAnswer)))]
pub async fn create(
    state: State<AppState>,
    ctx: Extension<Ctx>,
    acting: Acting,
    body: Body<SetUpBody>,
) -> Result<Response, Failure> {
    set_up(state, ctx, acting, body).await
}

/// Say what the checkout has answered, so that the mandate is active at once.
///
/// Action `billing:ManageAutopay` on `autopay`. The gateway's signature is checked, and the payment asked for at the gateway;
/// its message has the same effect. A signature that is not the gateway's is 400; a payment that has not arrived 409
/// `payment_not_captured`. The names that the checkout uses, `razorpay_payment_id` and so on, are taken too.
#[utoipa::path(post, path = "/billing/autopay/activate", tag = "platform", operation_id = "billing_activate_autopay",
    request_body = ActivateBody, security(("bearer" = [])), responses((status = 200, body = AutopayBody)))]
pub async fn activate(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    Body(body): Body<ActivateBody>,
) -> Result<Response, Failure> {
    let permit = acting
        .permit(&state, &ctx, "billing:ManageAutopay", AUTOPAY)
        .await?;
    let told = (body.payment_id.as_str(), body.signature.as_str());
    let authority = &state.authority;
    authority.activate_autopay(&ctx, permit.account(), told).await?;
    let autopay = authority.find_autopay(permit.account()).await?;
    Ok(private(StatusCode::OK, &AutopayBody::from(autopay)))
}

/// Change when and how much is collected, pause it, or let it go on.
///
/// Action `billing:ManageAutopay` on `autopay`. What can't be in its state is 409 `autopay_state`.
#[utoipa::path(patch, path = "/billing/autopay", tag = "platform", operation_id = "billing_change_autopay",
    request_body = ChangeBody, security(("bearer" = [])), responses((status = 200, body = AutopayBody)))]
pub async fn change(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    Body(body): Body<ChangeBody>,
) -> Result<Response, Failure> {
    let permit = acting
        .permit(&state, &ctx, "billing:ManageAutopay", AUTOPAY)
        .await?;
    let change = AutopayChange {
        threshold: body.threshold,
        amount: body.amount,
        wanted: body.status.map(|status| match status {
            WantedBody::Active => Wanted::Active,
            WantedBody::Paused => Wanted::Paused,
        }),
        low_balance: body.low_balance,
    };
    let by = (permit.account(), permit.actor());
    let autopay = state.authority.change_autopay(&ctx, by, change).await?;
    Ok(private(StatusCode::OK, &AutopayBody::from(autopay)))
}

/// End the mandate. What is on its way may still arrive, and is credited.
///
/// Action `billing:ManageAutopay` on `autopay`. The gateway is told, as soon as it can be.
#[utoipa::path(delete, path = "/billing/autopay", tag = "platform", operation_id = "billing_cancel_autopay",
    security(("bearer" = [])), responses((status = 200, body = AutopayBody)))]
pub async fn cancel(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
) -> Result<Response, Failure> {
    let permit = acting
        .permit(&state, &ctx, "billing:ManageAutopay", AUTOPAY)
        .await?;
    let by = (permit.account(), permit.actor());
    let authority = &state.authority;
    authority.cancel_autopay(&ctx, by).await?;
    let autopay = authority.find_autopay(permit.account()).await?;
    Ok(private(StatusCode::OK, &AutopayBody::from(autopay)))
}
