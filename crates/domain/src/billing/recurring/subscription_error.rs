//! Why a subscription is not as somebody wants it.
//! Refuses to tell another account's subscription from one that is not there.

use model::billing::subscription::SubscriptionRefusal;
use storage::StorageError;

use crate::billing::BillingUnavailable;
use crate::fault::Fault;

#[derive(Debug, thiserror::Error)]
pub enum SubscriptionError {
    #[error("there is no such plan")]
    NoSuchPlan,
    #[error("the plan is free")]
    FreePlan,
    /// At most so many.
    #[error("not a number of seats from 1 to {most}")]
    Quantity { most: u32 },
    /// The account has one that lives.
    #[error("there is a subscription already")]
    Exists { id: String },
    #[error("there is no such subscription")]
    NotFound,
    #[error(transparent)]
    NotNow(#[from] SubscriptionRefusal),
    #[error("the gateway does not vouch for this")]
    Forged,
    #[error(transparent)]
    Unavailable(#[from] BillingUnavailable),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for SubscriptionError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}
