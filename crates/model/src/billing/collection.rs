//! A collection by mandate: one amount, tried until it has come or every try is used up.
//! Refuses a second payment: all its tries are for one order, which the gateway lets be paid once.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::iam::AccountId;

use super::{MandateId, Money, PaymentOrderId};

/// Its order has the same: it is the receipt that the gateway knows.
pub type CollectionId = PaymentOrderId;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CollectionState {
    Open,
    Paid,
    Failed,
    /// The mandate ended or was paused before it was begun.
    Cancelled,
}

impl CollectionState {
    pub const ALL: [Self; 4] = [Self::Open, Self::Paid, Self::Failed, Self::Cancelled];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Collection {
    pub id: CollectionId,
    pub mandate: MandateId,
    pub account: AccountId,
    pub amount: Money,
    pub state: CollectionState,
    /// What is on its way.
    pub payment: Option<String>,
    pub failures: u32,
    /// When there is something to do or to ask about it.
    pub next_at: Timestamp,
    pub created_at: Timestamp,
    pub settled_at: Option<Timestamp>,
}

/// When to collect again after so many failures; nothing when every try is used up.
pub fn next_try(retries: &[Duration], failures: u32, now: Timestamp) -> Option<Timestamp> {
    let behind = usize::try_from(failures.checked_sub(1)?).ok()?;
    retries.get(behind).map(|pause| now.plus(*pause))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_follow_the_schedule_and_end() {
        let retries = [Duration::from_secs(3600), Duration::from_secs(86_400)];
        let after = |failures| next_try(&retries, failures, Timestamp::EPOCH).map(Timestamp::as_seconds);
        assert_eq!([0, 1, 2, 3].map(after), [None, Some(3600), Some(86_400), None]);
        assert_eq!(next_try(&[], 1, Timestamp::EPOCH), None);
    }
}
