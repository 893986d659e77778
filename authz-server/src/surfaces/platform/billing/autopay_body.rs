//! Autopay as it is asked for and told, and why it is refused.
//! Refuses the gateway's own words: those are in the log.

use domain::billing::{Autopay, AutopayError};
use model::billing::mandate::{Pause, TermsError};
use model::billing::{Mandate, MandateStatus};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::topup::CheckoutBody;
use crate::surfaces::{Failure, time};

/// Autopay as it stands.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = platform::Autopay)]
pub enum AutopayBody {
    Mandated(MandatedBody),
    Without(WithoutBody),
}

/// With a mandate, of now or before. Amounts are in minor units of the currency.
#[derive(Serialize, ToSchema)]
#[schema(as = platform::AutopayMandated)]
pub struct MandatedBody {
    #[schema(value_type = StatusBody, example = "active")]
    status: &'static str,
    /// Below this balance people are told by mail.
    #[schema(example = 10_000)]
    low_balance: i64,
    #[serde(flatten)]
    mandate: MandateBody,
}

/// Before the first mandate.
#[derive(Serialize, ToSchema)]
#[schema(as = platform::AutopayWithout)]
pub struct WithoutBody {
    status: NoneBody,
    /// Below this balance people are told by mail.
    #[schema(example = 10_000)]
    low_balance: i64,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = platform::AutopayNone)]
enum NoneBody {
    None,
}

/// The words of `model::billing::MandateStatus`.
#[derive(ToSchema)]
#[schema(as = platform::AutopayStatus, rename_all = "snake_case")]
#[expect(dead_code, reason = "describes what `MandateStatus::as_str` says")]
enum StatusBody {
    Created,
    Active,
    Paused,
    Cancelled,
    Failed,
    Expired,
}

/// The mandate that stands, or else the last one.
#[derive(Serialize, ToSchema)]
#[schema(as = platform::Mandate)]
pub struct MandateBody {
    /// Below this balance the wallet is topped up.
    #[schema(example = 10_000)]
    pub(super) threshold: i64,
    /// By so much.
    #[schema(example = 50_000)]
    pub(super) amount: i64,
    /// Never more than this at once: what the payer has allowed the gateway.
    #[schema(example = 100_000)]
    pub(super) max_amount: i64,
    /// Of all its amounts.
    #[schema(example = "INR")]
    pub(super) currency: String,
    /// `owner`, `failures` (nothing could be collected) or `bank`, while it is paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "failures")]
    pub(super) paused_by: Option<&'static str>,
    /// The gateway's order whose payment makes the mandate.
    #[schema(example = "order_9A33XWu170gUtm")]
    pub(super) order_id: String,
    /// Who pays, as the gateway knows them.
    #[schema(example = "cust_1Aa00000000001")]
    pub(super) customer_id: String,
    pub(super) created_at: String,
    /// When it was over; null while it stands.
    #[schema(example = "2026-12-21T10:00:00Z")]
    pub(super) ended_at: Option<String>,
}

/// What the checkout of the gateway is opened with.
#[derive(Serialize, ToSchema)]
#[schema(as = platform::AutopaySetUp)]
pub struct SetUpAnswer {
    #[schema(value_type = StatusBody, example = "created")]
    pub(super) status: &'static str,
    #[serde(flatten)]
    pub(super) mandate: MandateBody,
    /// What the first payment is; it is credited to the wallet.
    #[schema(example = 100)]
    pub(super) order_amount: i64,
    /// What the checkout knows the operator by; not secret.
    #[schema(example = "rzp_live_0123456789abcd")]
    pub(super) key_id: String,
    pub(super) checkout: CheckoutBody,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = platform::AutopaySetUpBody)]
pub struct SetUpBody {
    /// In minor units, like all amounts: a whole number.
    #[schema(example = 10_000)]
    pub(super) threshold: i64,
    /// By how much the wallet is topped up.
    #[schema(example = 50_000)]
    pub(super) amount: i64,
    /// What the payer allows at the most at once.
    #[schema(example = 100_000)]
    pub(super) max_amount: i64,
    /// If it is said, it must be the deployment's.
    #[schema(example = "INR")]
    pub(super) currency: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = platform::AutopayActivateBody)]
pub struct ActivateBody {
    /// The payment that the checkout has made.
    #[serde(alias = "razorpay_payment_id")]
    #[schema(example = "pay_29QQoUBi66xm2f")]
    pub(super) payment_id: String,
    /// HMAC-SHA-256 of `order_id|payment_id` with the secret of the API key, as the checkout hands it out.
    #[serde(alias = "razorpay_signature")]
    #[schema(example = "9ef4dffbfd84f1318f6739a3ce19f9d85851857ae648f114332d8401e0949a3d")]
    pub(super) signature: String,
}

/// What is absent stays.
#[derive(Deserialize, ToSchema)]
#[schema(as = platform::AutopayChangeBody)]
pub struct ChangeBody {
    /// Below this balance the wallet is topped up.
    #[schema(example = 20_000)]
    pub(super) threshold: Option<i64>,
    /// At most `max_amount`; more is allowed with a new mandate.
    #[schema(example = 60_000)]
    pub(super) amount: Option<i64>,
    pub(super) status: Option<WantedBody>,
    /// Also without a mandate.
    #[schema(example = 5_000)]
    pub(super) low_balance: Option<i64>,
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
        let low_balance = autopay.low_balance;
        match autopay.mandate {
            Some(mandate) => Self::Mandated(MandatedBody {
                status: mandate.status.as_str(),
                low_balance,
                mandate: mandate.into(),
            }),
            None => Self::Without(WithoutBody {
                status: NoneBody::None,
                low_balance,
            }),
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
