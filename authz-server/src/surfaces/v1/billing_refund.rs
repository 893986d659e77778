//! `POST /v1/admin/billing/payments/{payment}/refunds`: a payment is given back, in whole or in part.
//! Refuses what the command line refuses: more than is left of it, and what was spent.

use axum::extract::{Extension, Path, State};
use axum::response::Response;
use domain::billing::{RefundError, RefundWish};
use http::StatusCode;
use model::Ctx;
use model::billing::PaymentRefund;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::administrator::{May, WriteBilling, not_administrator};
use super::billing_adjustment::sentence;
use super::envelope::{Enveloped, enveloped};
use crate::app::AppState;
use crate::surfaces::body::Body;
use crate::surfaces::{Failure, time};

/// How much is given back, and why.
#[derive(Deserialize, ToSchema)]
#[schema(as = v1::AdminRefund)]
pub struct Wish {
    /// In minor units, a whole number; all that is left of the payment when it is not said.
    #[schema(example = 4_000, minimum = 1)]
    amount: Option<i64>,
    /// Why, in one line, for the books.
    #[schema(example = "Paid twice by mistake")]
    reason: String,
}

/// A refund and what has become of it.
#[derive(Serialize, ToSchema)]
#[schema(as = v1::Refund)]
pub struct RefundBody {
    /// Our own name of it.
    #[schema(example = "rfd_0123456789abcdefghjkmnpqrs")]
    id: String,
    /// The gateway's id, once it is known.
    #[schema(example = "rfnd_29QQoUBi66xm2f")]
    gateway_id: Option<String>,
    /// The gateway's id of the payment.
    #[schema(example = "pay_29QQoUBi66xm2f")]
    payment_id: String,
    /// Whose payment it was.
    #[schema(example = "123456789012")]
    account_id: String,
    /// In minor units.
    #[schema(example = 4_000)]
    amount: i64,
    /// Of the amount.
    #[schema(example = "INR")]
    currency: String,
    /// `held`: set aside, the gateway is asked until it is given back; `processed`; `failed`: the money is back where it was.
    #[schema(example = "held")]
    state: &'static str,
    /// As it was said.
    #[schema(example = "Paid twice by mistake")]
    reason: String,
    /// In UTC.
    #[schema(example = "2026-11-21T18:00:00Z")]
    created_at: String,
    /// When it was processed or failed, in UTC.
    #[schema(example = "2026-11-21T18:02:11Z")]
    ended_at: Option<String>,
}

impl From<PaymentRefund> for RefundBody {
    fn from(refund: PaymentRefund) -> Self {
        Self {
            id: refund.id.to_string(),
            gateway_id: refund.gateway_id,
            payment_id: refund.payment,
            account_id: refund.account.to_string(),
            amount: refund.amount.minor,
            currency: refund.amount.currency.to_string(),
            state: refund.state.as_str(),
            reason: refund.reason,
            created_at: time::rfc3339(refund.created_at),
            ended_at: refund.ended_at.map(time::rfc3339),
        }
    }
}

/// Give a payment back, in whole or in part.
///
/// For administrators, and keys with `admin:billing:write`. The money is set aside at once, and the gateway asked until it has
/// given it back. Send an `Idempotency-Key`: without one, what is sent again is another refund. What was spent is not given back
/// (409 `insufficient_balance`).
#[utoipa::path(post, path = "/admin/billing/payments/{payment}/refunds", tag = "v1", operation_id = "v1_admin_refund",
    params(("payment" = String, Path, description = "The gateway's id of the payment.", example = "pay_29QQoUBi66xm2f")),
    security(("bearer" = []), ("apiKey" = [])), request_body = Wish,
    responses((status = 201, body = Enveloped<RefundBody>)))]
pub async fn refund(
    State(state): State<AppState>,
    Extension(ctx): Extension<Ctx>,
    Path(payment): Path<String>,
    May { by, .. }: May<WriteBilling>,
    Body(wish): Body<Wish>,
) -> Result<Response, Failure> {
    if wish.amount.is_some_and(|amount| amount < 1) {
        let said = "must be a whole number of minor units, above zero";
        return Err(Failure::invalid_field("amount", said));
    }
    let wish = RefundWish {
        payment,
        amount: wish.amount,
        reason: wish.reason,
        actor: by,
    };
    let refund = state.authority.refund_payment(&ctx, wish).await?;
    Ok(enveloped(&ctx, StatusCode::CREATED, RefundBody::from(refund)))
}

impl From<RefundError> for Failure {
    fn from(error: RefundError) -> Self {
        let said = error.to_string();
        match error {
            RefundError::NotAdministrator => not_administrator(),
            RefundError::NotFound => Self::not_found("No such payment is in the books."),
            RefundError::Reason => Self::invalid_field("reason", said),
            RefundError::TooMuch { left } => Self::invalid_field("amount", said).with("left", json!(left)),
            RefundError::Spent { balance } => {
                Self::conflict("insufficient_balance", sentence(&said)).with("balance", json!(balance))
            }
            RefundError::Refused(_) => Self::conflict("refund_refused", sentence(&said)),
            RefundError::Unavailable(error) => error.into(),
            RefundError::Fault(fault) => fault.into(),
        }
    }
}
