//! The things that survive a restart when there is a state file.
//! Knows no rules.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::customer::Customer;
use super::invoice::Invoice;
use super::order::Order;
use super::payment::Payment;
use super::plan::Plan;
use super::refund::Refund;
use super::subscription::Subscription;
use super::token::Token;
use crate::bounded::Bounded;
use crate::dice::Dice;

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Books {
    pub(crate) dice: Dice,
    /// The merchant's id.
    pub(crate) account: String,
    pub(crate) orders: Bounded<Order>,
    pub(crate) payments: Bounded<Payment>,
    pub(crate) refunds: Bounded<Refund>,
    pub(crate) customers: Bounded<Customer>,
    pub(crate) tokens: Bounded<Token>,
    pub(crate) plans: Bounded<Plan>,
    pub(crate) subscriptions: Bounded<Subscription>,
    pub(crate) invoices: Bounded<Invoice>,
    /// Collections that are decided by themselves, and when.
    pub(crate) undecided: BTreeSet<(i64, String)>,
    /// Refunds that are processed by themselves, and when.
    pub(crate) unprocessed: BTreeSet<(i64, String)>,
}

impl Books {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        let mut dice = Dice::new(seed);
        Self {
            account: dice.id("acc"),
            dice,
            orders: Bounded::default(),
            payments: Bounded::default(),
            refunds: Bounded::default(),
            customers: Bounded::default(),
            tokens: Bounded::default(),
            plans: Bounded::default(),
            subscriptions: Bounded::default(),
            invoices: Bounded::default(),
            undecided: BTreeSet::new(),
            unprocessed: BTreeSet::new(),
        }
    }
}
