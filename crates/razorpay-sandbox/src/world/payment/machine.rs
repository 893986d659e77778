//! The states of a payment and the ways between them.
//! Refuses every other way, in the original's words.

use serde::{Deserialize, Serialize};

use crate::problem::Problem;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaymentStatus {
    Created,
    Authorized,
    Captured,
    Refunded,
    Failed,
}

impl PaymentStatus {
    pub(crate) const fn was_authorized(self) -> bool {
        matches!(self, Self::Authorized | Self::Captured | Self::Refunded)
    }

    /// A failed payment may still be authorized: banks sometimes answer after everybody has given up.
    pub(super) fn authorize(self) -> Result<Self, Problem> {
        match self {
            Self::Created | Self::Failed => Ok(Self::Authorized),
            _ => Err(already_processed()),
        }
    }

    pub(super) fn decline(self) -> Result<Self, Problem> {
        match self {
            Self::Created => Ok(Self::Failed),
            _ => Err(already_processed()),
        }
    }

    pub(super) fn capture(self) -> Result<Self, Problem> {
        match self {
            Self::Authorized => Ok(Self::Captured),
            Self::Captured | Self::Refunded => {
                Err(Problem::state("This payment has already been captured")
                    .because("payment_already_captured"))
            }
            Self::Created | Self::Failed => Err(Problem::state(
                "Only payments which have been authorized and not yet captured can be captured",
            )),
        }
    }

    /// What it is once so much of it was given back.
    pub(crate) const fn refund(amount: i64, refunded: i64) -> Self {
        if refunded >= amount {
            Self::Refunded
        } else {
            Self::Captured
        }
    }
}

fn already_processed() -> Problem {
    Problem::state("The payment has already been processed")
}

#[cfg(test)]
mod tests {
    use super::PaymentStatus::*;

    #[test]
    fn few_ways_lead_from_state_to_state() {
        for status in [Created, Authorized, Captured, Refunded, Failed] {
            let may_be_authorized = matches!(status, Created | Failed);
            assert_eq!(status.authorize().ok(), may_be_authorized.then_some(Authorized));
            assert_eq!(status.decline().ok(), (status == Created).then_some(Failed));
            assert_eq!(status.capture().ok(), (status == Authorized).then_some(Captured));
        }
    }
}
