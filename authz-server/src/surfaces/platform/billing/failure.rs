//! Why nothing is paid, in words for people and for programs.
//! Refuses the gateway's own words: those are in the log.

use std::time::Duration;

use domain::billing::{BillingUnavailable, ConfirmError, TopUpError};
use http::StatusCode;

use crate::surfaces::Failure;

pub(super) const ABSENT: &str = "There is no such order in this account.";
/// What a payment gateway that is down is given.
const RETRY: Duration = Duration::from_secs(30);

impl From<BillingUnavailable> for Failure {
    fn from(error: BillingUnavailable) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let code = "billing_unavailable";
        match error {
            BillingUnavailable::NotConfigured => Self::new(status, code, "Payments are not set up here."),
            BillingUnavailable::Gateway(error) => {
                tracing::warn!(%error, "the payment gateway did not do what was asked");
                let message =
                    "The payment gateway does not answer. Nothing was charged. Please try again later.";
                Self::new(status, code, message).retrying_in(RETRY)
            }
        }
    }
}

impl From<TopUpError> for Failure {
    fn from(error: TopUpError) -> Self {
        match error {
            TopUpError::TooLittle { least } => {
                Self::invalid_field("amount", format!("must be at least {least}, in minor units"))
            }
            TopUpError::TooMuch { most } => {
                Self::invalid_field("amount", format!("must be at most {most}, in minor units"))
            }
            TopUpError::Unavailable(error) => error.into(),
            TopUpError::Fault(fault) => fault.into(),
        }
    }
}

impl From<ConfirmError> for Failure {
    fn from(error: ConfirmError) -> Self {
        match error {
            ConfirmError::NotFound => Self::not_found(ABSENT),
            ConfirmError::Forged => {
                Self::invalid_field("signature", "is not the gateway's for this order and payment")
            }
            ConfirmError::NotCaptured => Self::conflict(
                "payment_not_captured",
                "The payment has not arrived. If it does, it is credited by itself.",
            ),
            ConfirmError::Mismatch => Self::conflict(
                "payment_mismatch",
                "The payment is not what was ordered. Nothing was credited.",
            ),
            ConfirmError::Unavailable(error) => error.into(),
            ConfirmError::Fault(fault) => fault.into(),
        }
    }
}
