//! The deployment's choices about money.

use model::billing::{Currency, Plan, Plans, Prices};

use super::Seller;

#[derive(Clone, Debug)]
pub struct BillingSettings {
    /// Of every amount.
    pub currency: Currency,
    /// The least and the most of one top-up, in minor units.
    pub topup: (i64, i64),
    /// How far below zero a wallet may go before what it pays for is refused, in minor units.
    pub overdraft: i64,
    /// What accounts may have.
    pub plans: Plans,
    /// What use costs.
    pub prices: Prices,
    /// Who writes invoices; nobody does without.
    pub seller: Option<Seller>,
}

impl Default for BillingSettings {
    fn default() -> Self {
        Self {
            currency: Currency::INR,
            topup: (100, 50_000_000),
            overdraft: 0,
            plans: Plans::new(
                Plan::built_in("free", Currency::INR, &Prices::default()),
                Vec::new(),
            ),
            prices: Prices::default(),
            seller: None,
        }
    }
}
