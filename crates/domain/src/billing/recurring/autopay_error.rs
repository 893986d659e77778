//! Why autopay is not as somebody wants it.
//! Refuses to tell a forged answer of the checkout from one for another order.

use model::billing::mandate::{MandateRefusal, TermsError};
use storage::StorageError;

use crate::billing::{BillingUnavailable, ConfirmError, OpenOrderError};
use crate::fault::Fault;

#[derive(Debug, thiserror::Error)]
pub enum AutopayError {
    #[error(transparent)]
    Terms(#[from] TermsError),
    #[error("the figure below which to warn is below zero or beyond counting")]
    LowBalance,
    /// A mandate is active or paused.
    #[error("there is a mandate already")]
    Exists,
    #[error("there is no mandate")]
    NotFound,
    #[error(transparent)]
    NotNow(#[from] MandateRefusal),
    #[error("the gateway does not vouch for this")]
    Forged,
    #[error("the payment is not captured")]
    NotCaptured,
    #[error(transparent)]
    Unavailable(#[from] BillingUnavailable),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for AutopayError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<OpenOrderError> for AutopayError {
    fn from(error: OpenOrderError) -> Self {
        match error {
            OpenOrderError::Unavailable(error) => Self::Unavailable(error),
            OpenOrderError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl From<ConfirmError> for AutopayError {
    fn from(error: ConfirmError) -> Self {
        match error {
            ConfirmError::NotFound | ConfirmError::Forged | ConfirmError::Mismatch => Self::Forged,
            ConfirmError::NotCaptured => Self::NotCaptured,
            ConfirmError::Unavailable(error) => Self::Unavailable(error),
            ConfirmError::Fault(fault) => Self::Fault(fault),
        }
    }
}
