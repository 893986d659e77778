//! `/auth/billing/topup`: paying ahead, by hand.
//! Refuses to credit anything on the payer's word: the gateway vouches for it.

use axum::extract::{Extension, Path, State};
use axum::response::Response;
use domain::billing::Confirmation;
use domain::billing::gateway::Checkout;
use http::StatusCode;
use model::Ctx;
use model::billing::PaymentOrder;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::WALLET;
use super::failure::ABSENT;
use crate::app::AppState;
use crate::surfaces::acting::Acting;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;
use crate::surfaces::{Failure, time};

#[derive(Deserialize, ToSchema)]
pub struct TopUpBody {
    /// In minor units of the deployment's currency: a whole number.
    #[schema(example = 50_000, minimum = 1)]
    amount: i64,
    /// If it is said, it must be the deployment's.
    #[schema(example = "INR")]
    currency: Option<String>,
}

/// What the checkout of the gateway is opened with.
#[derive(Serialize, ToSchema)]
pub struct OpenedBody {
    /// The gateway's id of the order.
    #[schema(example = "order_9A33XWu170gUtm")]
    order_id: String,
    /// In minor units.
    #[schema(example = 50_000)]
    amount: i64,
    /// The deployment's.
    #[schema(example = "INR")]
    currency: String,
    /// What the checkout knows the operator by; not secret.
    #[schema(example = "rzp_live_0123456789abcd")]
    key_id: String,
    checkout: CheckoutBody,
}

/// Where people pay.
#[derive(Serialize, ToSchema)]
pub struct CheckoutBody {
    /// Of the script or the page.
    #[schema(example = "https://checkout.razorpay.com/v1/checkout.js")]
    url: String,
    /// `script`: loaded by the page that takes payments; `page`: gone to with a form.
    #[schema(example = "script")]
    kind: &'static str,
}

#[derive(Deserialize, ToSchema)]
pub struct ConfirmBody {
    /// The order that was opened.
    #[serde(alias = "razorpay_order_id")]
    #[schema(example = "order_9A33XWu170gUtm")]
    order_id: String,
    /// The gateway's id of the payment.
    #[serde(alias = "razorpay_payment_id")]
    #[schema(example = "pay_29QQoUBi66xm2f")]
    payment_id: String,
    /// HMAC-SHA-256 of `order_id|payment_id` with the secret of the API key, as the checkout hands it out.
    #[serde(alias = "razorpay_signature")]
    #[schema(example = "9ef4dffbfd84f1318f6739a3ce19f9d85851857ae648f114332d8401e0949a3d")]
    signature: String,
}

/// An order and what has become of it.
#[derive(Serialize, ToSchema)]
pub struct OrderBody {
    /// The gateway's id of the order.
    #[schema(example = "order_9A33XWu170gUtm")]
    order_id: String,
    /// In minor units.
    #[schema(example = 50_000)]
    amount: i64,
    /// The deployment's.
    #[schema(example = "INR")]
    currency: String,
    /// `created`, `attempted`, `paid` or `expired`.
    #[schema(example = "paid")]
    status: &'static str,
    /// The payment that was credited.
    #[schema(example = "pay_29QQoUBi66xm2f")]
    payment_id: Option<String>,
    created_at: String,
    /// When the first payment was credited.
    #[schema(example = "2026-11-21T21:36:44Z")]
    paid_at: Option<String>,
}

impl From<PaymentOrder> for OrderBody {
    fn from(order: PaymentOrder) -> Self {
        Self {
            order_id: order.gateway_id.unwrap_or_default(),
            amount: order.amount.minor,
            currency: order.amount.currency.to_string(),
            status: order.state.as_str(),
            payment_id: order.payment,
            created_at: time::rfc3339(order.created_at),
            paid_at: order.paid_at.map(time::rfc3339),
        }
    }
}

impl From<Checkout> for CheckoutBody {
    fn from(checkout: Checkout) -> Self {
        match checkout.script {
            Some(url) => Self { url, kind: "script" },
            None => Self {
                url: checkout.page,
                kind: "page",
            },
        }
    }
}

/// Begin to pay ahead: an order of the payment gateway for the account's wallet.
///
/// Action `billing:TopUp` on `wallet`. The wallet changes when the gateway has said that the payment was captured, once: by
/// its message, or by `POST /auth/billing/topup/confirm`. Amounts outside the operator's bounds are 400; without a gateway,
/// and while it does not answer, 503 `billing_unavailable`.
#[utoipa::path(post, path = "/billing/topup", tag = "platform", operation_id = "billing_top_up",
    request_body = TopUpBody, security(("bearer" = [])), responses((status = 201, body = OpenedBody)))]
pub async fn open(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    Body(body): Body<TopUpBody>,
) -> Result<Response, Failure> {
    let permit = acting.permit(&state, &ctx, "billing:TopUp", WALLET).await?;
    let authority = &state.authority;
    let currency = authority.settings.billing.currency;
    if body.currency.is_some_and(|said| said != currency.as_str()) {
        return Err(Failure::invalid_field("currency", format!("must be {currency}")));
    }
    let order = authority.top_up(&ctx, permit.account(), body.amount).await?;
    let (key_id, checkout) = authority.checkout()?;
    let opened = OpenedBody {
        order_id: order.gateway_id.unwrap_or_default(),
        amount: order.amount.minor,
        currency: order.amount.currency.to_string(),
        key_id,
        checkout: checkout.into(),
    };
    Ok(private(StatusCode::CREATED, &opened))
}

/// Say what the checkout has answered, so that the wallet changes at once.
///
/// Action `billing:TopUp` on `wallet`. The gateway's signature is checked and the payment asked for at the gateway. It is
/// credited once, whoever tells of it first; asking again is harmless. A payment that is not captured is 409
/// `payment_not_captured`, one of another order or amount 409 `payment_mismatch`. The names that the checkout uses,
/// `razorpay_order_id` and so on, are taken too.
#[utoipa::path(post, path = "/billing/topup/confirm", tag = "platform", operation_id = "billing_confirm_top_up",
    request_body = ConfirmBody, security(("bearer" = [])), responses((status = 200, body = OrderBody)))]
pub async fn confirm(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    acting: Acting,
    Body(body): Body<ConfirmBody>,
) -> Result<Response, Failure> {
    let permit = acting.permit(&state, &ctx, "billing:TopUp", WALLET).await?;
    let told = Confirmation {
        order: &body.order_id,
        payment: &body.payment_id,
        signature: &body.signature,
    };
    let confirmed = state.authority.confirm_payment(&ctx, permit.account(), told);
    Ok(private(StatusCode::OK, &OrderBody::from(confirmed.await?)))
}

/// What has become of an order.
///
/// Action `billing:View` on `wallet`.
#[utoipa::path(get, path = "/billing/topup/{id}", tag = "platform", operation_id = "billing_read_top_up",
    params(("id" = String, Path, description = "The gateway's id of the order")), security(("bearer" = [])),
    responses((status = 200, body = OrderBody)))]
pub async fn read(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(id): Path<String>,
    acting: Acting,
) -> Result<Response, Failure> {
    let permit = acting.permit(&state, &ctx, "billing:View", WALLET).await?;
    let found = state.authority.find_payment_order(permit.account(), &id).await?;
    let order = found.ok_or_else(|| Failure::not_found(ABSENT))?;
    Ok(private(StatusCode::OK, &OrderBody::from(order)))
}
