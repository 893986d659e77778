//! Whether an account may use a feature (more), and what that costs it: judged from its plan and what it has used.
//! Refuses what the plan does not name; knows no tables and no prices' names.

use crate::clock::Timestamp;

use super::{Feature, Price};

/// Why a feature is not to be used (now).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Reason {
    /// The plan does not have it.
    NotInPlan,
    /// As much was used as the plan allows.
    LimitReached,
    /// What comes with the plan is used up, and nothing is left to pay for more.
    WalletEmpty,
    /// The credential acts in no account.
    NoAccount,
}

impl Reason {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotInPlan => "not_in_plan",
            Self::LimitReached => "limit_reached",
            Self::WalletEmpty => "wallet_empty",
            Self::NoAccount => "no_account",
        }
    }
}

/// What an account may have of a feature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entitlement {
    pub feature: String,
    pub granted: bool,
    /// No more than this; none: no end.
    pub limit: Option<u64>,
    /// What comes with the plan, where more is paid for.
    pub included: Option<u64>,
    pub used: u64,
    /// Beyond what comes with the plan: how many more the wallet lasts for, if the feature had it for itself.
    pub paid_for: Option<u64>,
    /// Why it is not granted.
    pub reason: Option<Reason>,
    /// When it counts from nothing again, if it does.
    pub resets_at: Option<Timestamp>,
}

impl Entitlement {
    /// Of a credential that acts in no account.
    pub fn of_nobody(feature: &str) -> Self {
        Self {
            feature: feature.to_owned(),
            granted: false,
            limit: None,
            included: None,
            used: 0,
            paid_for: None,
            reason: Some(Reason::NoAccount),
            resets_at: None,
        }
    }

    /// How many more may be used before something is asked for: `limit` less `used`, or what comes with the plan and what
    /// the wallet lasts for, whichever is less. None where there is no end.
    pub fn remaining(&self) -> Option<u64> {
        let left = |most: u64| most.saturating_sub(self.used);
        let paid = self.included.zip(self.paid_for);
        let paid = paid.map(|(included, paid_for)| left(included).saturating_add(paid_for));
        [self.limit.map(left), paid].into_iter().flatten().min()
    }
}

/// Why one more may not be used; nothing when it may. `solvent`: whether the wallet can pay for something.
pub fn refusal(feature: Option<&Feature>, used: u64, solvent: bool) -> Option<Reason> {
    let Some(feature) = feature else {
        return Some(Reason::NotInPlan);
    };
    if feature.limit.is_some_and(|limit| used >= limit) {
        return Some(Reason::LimitReached);
    }
    let paid = feature.included.is_some_and(|included| used >= included);
    (paid && !solvent).then_some(Reason::WalletEmpty)
}

/// The part of what was used from `before` to `after` that is paid for: what is beyond that which comes with the plan. What
/// the plan does not name was used all the same, and comes with nothing.
pub fn beyond(feature: Option<&Feature>, (before, after): (u64, u64)) -> u64 {
    match feature.map(|feature| feature.included) {
        Some(None) => 0,
        Some(Some(included)) => after.saturating_sub(before.max(included)),
        None => after.saturating_sub(before),
    }
}

/// What `more` units cost when `billed` units were paid for in the period already: the price of all of them less that of
/// those, each rounded down, so that no split of the same use costs more or less. Nothing when it can't be counted.
pub fn charge(price: &Price, billed: u64, more: u64) -> Option<i64> {
    let whole = price.of(billed.checked_add(more)?)?;
    whole.checked_sub(price.of(billed)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn feature(limit: Option<u64>, included: Option<u64>) -> Feature {
        Feature {
            name: "calls".to_owned(),
            limit,
            included,
        }
    }

    #[test]
    fn limits_refuse_at_the_figure_and_wallets_beyond_what_is_included() {
        let hard = feature(Some(10), None);
        assert_eq!(refusal(Some(&hard), 9, false), None);
        assert_eq!(refusal(Some(&hard), 10, true), Some(Reason::LimitReached));
        let paid = feature(None, Some(10));
        assert_eq!(refusal(Some(&paid), 9, false), None);
        assert_eq!(refusal(Some(&paid), 10, false), Some(Reason::WalletEmpty));
        assert_eq!(refusal(Some(&paid), 10, true), None);
        assert_eq!(refusal(None, 0, true), Some(Reason::NotInPlan));
        assert_eq!(refusal(Some(&feature(None, None)), u64::MAX, false), None);
    }

    proptest! {
        /// Any way to report the same use costs the same.
        #[test]
        fn splits_cost_what_the_whole_costs(
            parts in prop::collection::vec(1_u64..5_000, 1..60),
            (minor, per, included) in (0_i64..100_000, 1_u64..10_000, 0_u64..50_000),
        ) {
            let price = Price { metric: "calls".to_owned(), minor, per, hsn: None };
            let feature = feature(None, Some(included));
            let (mut used, mut billed, mut charged) = (0, 0, 0);
            for part in &parts {
                let more = beyond(Some(&feature), (used, used + part));
                charged += charge(&price, billed, more).unwrap();
                (used, billed) = (used + part, billed + more);
            }
            let whole = beyond(Some(&feature), (0, used));
            prop_assert_eq!(billed, whole);
            prop_assert_eq!(Some(charged), charge(&price, 0, whole));
        }
    }
}
