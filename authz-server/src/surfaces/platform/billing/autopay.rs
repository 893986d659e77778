//! `/auth/billing/autopay`: leave to collect when the wallet runs low.
//! Refuses to collect more than its payer has allowed, and to be active on their word: the gateway vouches for it.

use axum::extract::{Extension, State};
use axum::response::Response;
use domain::billing::{Autopay, AutopayChange, AutopayError, Wanted};
use http::StatusCode;
use model::Ctx;
use model::billing::mandate::{Pause, TermsError};
use model::billing::{Mandate, MandateStatus, MandateTerms};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::topup::CheckoutBody;
use crate::app::AppState;
use crate::surfaces::acting::Acting;
use crate::surfaces::answer::private;
use crate::surfaces::body::Body;
use crate::surfaces::{Failure, time};

/// What a policy calls the account's mandate.
const AUTOPAY: &str = "billing:autopay";

/// Amounts are in minor units of the currency.
#[derive(Serialize, ToSchema)]
#[schema(as = platform::Autopay)]
pub struct AutopayBody {
    /// `none`, `created`, `active`, `paused`, `cancelled`, `failed` or `expired`.
    #[schema(example = "active")]
    status: &'static str,
    /// Below this balance people are told by mail.
    #[schema(example = 10_000)]
    low_balance: i64,
    #[serde(flatten)]
    mandate: Option<MandateBody>,
}

/// The mandate that stands, or else the last one.
#[derive(Serialize, ToSchema)]
#[schema(as = platform::Mandate)]
pub struct MandateBody {
    /// Below this balance the wallet is topped up.
    #[schema(example = 10_000)]
    threshold: i64,
    /// By so much.
    #[schema(example = 50_000)]
    amount: i64,
    /// Never more than this at once: what the payer has allowed the gateway.
    #[schema(example = 100_000)]
    max_amount: i64,
    /// Of all its amounts.
    #[schema(example = "INR")]
    currency: String,
    /// `owner`, `failures` (nothing could be collected) or `bank`, while it is paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "failures")]
    paused_by: Option<&'static str>,
    /// The gateway's order whose payment makes the mandate.
    #[schema(example = "order_9A33XWu170gUtm")]
    order_id: String,
    /// Who pays, as the gateway knows them.
    #[schema(example = "cust_1Aa00000000001")]
    customer_id: String,
    created_at: String,
    /// When it was over; null while it stands.
    #[schema(example = "2026-12-21T10:00:00Z")]
    ended_at: Option<String>,
}

/// What the checkout of the gateway is opened with.
#[derive(Serialize, ToSchema)]
#[schema(as = platform::AutopaySetUp)]
pub struct SetUpAnswer {
    #[schema(example = "created")]
    status: &'static str,
    #[serde(flatten)]
    mandate: MandateBody,
    /// What the first payment is; it is credited to the wallet.
    #[schema(example = 100)]
    order_amount: i64,
    /// What the checkout knows the operator by; not secret.
    #[schema(example = "rzp_live_0123456789abcd")]
    key_id: String,
    checkout: CheckoutBody,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = platform::AutopaySetUpBody)]
pub struct SetUpBody {
    /// In minor units, like all amounts: a whole number.
    #[schema(example = 10_000)]
    threshold: i64,
    /// By how much the wallet is topped up.
    #[schema(example = 50_000)]
    amount: i64,
    /// What the payer allows at the most at once.
    #[schema(example = 100_000)]
    max_amount: i64,
    /// If it is said, it must be the deployment's.
    #[schema(example = "INR")]
    currency: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = platform::AutopayActivateBody)]
pub struct ActivateBody {
    /// The payment that the checkout has made.
    #[serde(alias = "razorpay_payment_id")]
    #[schema(example = "pay_29QQoUBi66xm2f")]
    payment_id: String,
    /// HMAC-SHA-256 of `order_id|payment_id` with the secret of the API key, as the checkout hands it out.
    #[serde(alias = "razorpay_signature")]
    #[schema(example = "9ef4dffbfd84f1318f6739a3ce19f9d85851857ae648f114332d8401e0949a3d")]
    signature: String,
}

/// What is absent stays.
#[derive(Deserialize, ToSchema)]
#[schema(as = platform::AutopayChangeBody)]
pub struct ChangeBody {
    /// Below this balance the wallet is topped up.
    #[schema(example = 20_000)]
    threshold: Option<i64>,
    /// At most `max_amount`; more is allowed with a new mandate.
    #[schema(example = 60_000)]
    amount: Option<i64>,
    status: Option<WantedBody>,
    /// Also without a mandate.
    #[schema(example = 5_000)]
    low_balance: Option<i64>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = platform::AutopayWanted)]
pub enum WantedBody {
    Active,
    Paused,
}

impl From<Autopay> for AutopayBody {
    fn from(autopay: Autopay) -> Self {
        Self {
            status: autopay
                .mandate
                .as_ref()
                .map_or("none", |mandate| mandate.status.as_str()),
            low_balance: autopay.low_balance,
            mandate: autopay.mandate.map(MandateBody::from),
        }
    }
}

impl From<Mandate> for MandateBody {
    fn from(mandate: Mandate) -> Self {
        Self {
            threshold: mandate.terms.threshold,
            amount: mandate.terms.amount,
            max_amount: mandate.terms.most,
            currency: mandate.currency.to_string(),
            paused_by: match mandate.status {
                MandateStatus::Paused(Pause::Owner) => Some("owner"),
                MandateStatus::Paused(Pause::Failures) => Some("failures"),
                MandateStatus::Paused(Pause::Gateway) => Some("bank"),
                _ => None,
            },
            order_id: mandate.gateway_order,
            customer_id: mandate.customer,
            created_at: time::rfc3339(mandate.created_at),
            ended_at: mandate.ended_at.map(time::rfc3339),
        }
    }
}

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

impl From<AutopayError> for Failure {
    fn from(error: AutopayError) -> Self {
        match error {
            AutopayError::Terms(TermsError::Threshold) => {
                Self::invalid_field("threshold", "must be a whole number of minor units from 0")
            }
            AutopayError::Terms(TermsError::Amount) => Self::invalid_field(
                "amount",
                "must be an amount that a top-up may have, in minor units",
            ),
            AutopayError::Terms(TermsError::Most) => Self::invalid_field(
                "max_amount",
                "must be an amount that a top-up may have, in minor units",
            ),
            AutopayError::Terms(TermsError::AboveMost) => {
                Self::invalid_field("amount", "must be at most max_amount")
            }
            AutopayError::LowBalance => {
                Self::invalid_field("low_balance", "must be a whole number of minor units from 0")
            }
            AutopayError::Exists => Self::conflict(
                "autopay_exists",
                "There is a mandate already. Change it, or cancel it first.",
            ),
            AutopayError::NotFound => Self::not_found("There is no mandate."),
            AutopayError::NotNow(refusal) => {
                Self::conflict("autopay_state", "The mandate's state does not allow this.")
                    .with("status", json!(refusal.0.as_str()))
            }
            AutopayError::Forged => {
                Self::invalid_field("signature", "is not the gateway's for this mandate and payment")
            }
            AutopayError::NotCaptured => Self::conflict(
                "payment_not_captured",
                "The payment has not arrived. If it does, the mandate is active by itself.",
            ),
            AutopayError::Unavailable(error) => error.into(),
            AutopayError::Fault(fault) => fault.into(),
        }
    }
}
