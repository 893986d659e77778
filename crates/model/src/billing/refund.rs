//! A payment that is given back, in whole or in part.
//! Refuses to end twice: what was processed is not given back to the wallet, and what failed is not booked.

use crate::clock::Timestamp;
use crate::iam::AccountId;
use crate::id::{Id, Kind};

use super::{LedgerAccount, Money};

#[derive(Debug)]
pub struct RefundIdKind;
impl Kind for RefundIdKind {
    const PREFIX: &'static str = "rfd";
}
/// Our own name of a refund: what the gateway knows as its receipt.
pub type RefundId = Id<RefundIdKind>;

/// Where a refund is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RefundState {
    /// The money is set aside; the gateway has it to do, or is still to be asked.
    Held,
    /// The gateway has given it back.
    Processed,
    /// The gateway would not; the money is back where it was.
    Failed,
}

impl RefundState {
    pub const ALL: [Self; 3] = [Self::Held, Self::Processed, Self::Failed];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Processed => "processed",
            Self::Failed => "failed",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }
}

/// A refund of ours, or one that was made in the gateway's own pages.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PaymentRefund {
    pub id: RefundId,
    /// The gateway's id, once it is known.
    pub gateway_id: Option<String>,
    pub account: AccountId,
    /// The gateway's id of the payment.
    pub payment: String,
    pub amount: Money,
    /// Where the payment had gone to: the wallet, or the revenue of subscriptions.
    pub source: LedgerAccount,
    pub state: RefundState,
    /// In the operator's words.
    pub reason: String,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for state in RefundState::ALL {
            assert_eq!(RefundState::from_name(state.as_str()), Some(state));
        }
    }
}
