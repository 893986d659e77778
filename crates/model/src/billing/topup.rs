//! What a payment is asked for with, and what becomes of it.
//! Refuses to forget money: what was paid stays paid, and what comes after the end of an order is paid too.

use crate::clock::Timestamp;
use crate::iam::AccountId;
use crate::id::{Id, Kind};

use super::Money;

#[derive(Debug)]
pub struct PaymentOrderKind;
impl Kind for PaymentOrderKind {
    const PREFIX: &'static str = "ord";
}
/// Our own name of an order: what the gateway knows as its receipt.
pub type PaymentOrderId = Id<PaymentOrderKind>;

/// What an order is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OrderPurpose {
    Topup,
    /// A collection by mandate.
    Autopay,
    /// The payment that makes a mandate.
    Mandate,
}

impl OrderPurpose {
    pub const ALL: [Self; 3] = [Self::Topup, Self::Autopay, Self::Mandate];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Topup => "topup",
            Self::Autopay => "autopay",
            Self::Mandate => "mandate",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }
}

/// Where an order is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OrderState {
    /// The gateway is asked to make it, or was, and its answer was lost.
    Opening,
    /// Nobody has tried to pay yet.
    Created,
    /// At least one payment was tried; none has arrived.
    Attempted,
    Paid,
    /// Nobody paid in time. A payment that arrives all the same counts.
    Expired,
}

/// What happens to an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OrderStep {
    /// The gateway has made it.
    Opened,
    /// A payment was authorised, or failed.
    Tried,
    /// A payment was captured.
    Paid,
    /// It has been open for too long.
    TimedOut,
}

impl OrderState {
    pub const ALL: [Self; 5] = [
        Self::Opening,
        Self::Created,
        Self::Attempted,
        Self::Paid,
        Self::Expired,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opening => "opening",
            Self::Created => "created",
            Self::Attempted => "attempted",
            Self::Paid => "paid",
            Self::Expired => "expired",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }

    /// Whether a payment may still be expected.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Opening | Self::Created | Self::Attempted)
    }

    /// Where it is afterwards. Steps come in any order and more than once, and the end is the same.
    #[must_use]
    pub const fn after(self, step: OrderStep) -> Self {
        match (self, step) {
            (Self::Paid, _) | (_, OrderStep::Paid) => Self::Paid,
            (Self::Expired, _) | (_, OrderStep::TimedOut) => Self::Expired,
            (_, OrderStep::Tried) => Self::Attempted,
            (Self::Opening, OrderStep::Opened) => Self::Created,
            (as_it_is, OrderStep::Opened) => as_it_is,
        }
    }
}

/// An order of ours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PaymentOrder {
    pub id: PaymentOrderId,
    /// The gateway's id, once it is known.
    pub gateway_id: Option<String>,
    pub account: AccountId,
    pub purpose: OrderPurpose,
    pub amount: Money,
    pub state: OrderState,
    pub created_at: Timestamp,
    pub paid_at: Option<Timestamp>,
    /// The gateway's id of the payment that paid it first.
    pub payment: Option<String>,
    /// How often the gateway was asked what has become of it.
    pub looks: i64,
}

#[cfg(test)]
mod tests {
    use super::OrderState::{Attempted, Created, Expired, Opening, Paid};
    use super::*;

    const STEPS: [OrderStep; 4] = [
        OrderStep::Opened,
        OrderStep::Tried,
        OrderStep::Paid,
        OrderStep::TimedOut,
    ];

    #[test]
    fn each_step_leads_where_it_may() {
        let table = [
            (Opening, [Created, Attempted, Paid, Expired]),
            (Created, [Created, Attempted, Paid, Expired]),
            (Attempted, [Attempted, Attempted, Paid, Expired]),
            (Paid, [Paid, Paid, Paid, Paid]),
            (Expired, [Expired, Expired, Paid, Expired]),
        ];
        for (before, ends) in table {
            let after = STEPS.map(|step| before.after(step));
            assert_eq!(after, ends, "{before:?}");
        }
    }

    /// Whatever is told, in whatever order and however often: the end is the same.
    #[test]
    fn the_order_of_steps_does_not_matter() {
        for first in STEPS {
            for second in STEPS {
                for third in STEPS {
                    let one = Opening.after(first).after(second).after(third);
                    let other = Opening.after(third).after(first).after(second);
                    assert_eq!(one, other, "{first:?} {second:?} {third:?}");
                    assert_eq!(one, one.after(first).after(third), "again");
                }
            }
        }
    }

    #[test]
    fn names_read_back() {
        for state in OrderState::ALL {
            assert_eq!(OrderState::from_name(state.as_str()), Some(state));
        }
        for purpose in OrderPurpose::ALL {
            assert_eq!(OrderPurpose::from_name(purpose.as_str()), Some(purpose));
        }
    }
}
