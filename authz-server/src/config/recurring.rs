//! `[billing.autopay]` and `[billing.dunning]`: what is collected, when people are told, and what follows on failures.
//! Refuses schedules that never end.

use model::billing::MOST;

use super::{Period, Problems};

const MOST_RETRIES: usize = 10;

/// Automatic top-ups, and mails about wallets that run low.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AutopayConfig {
    /// Below this balance, in minor units, people are told by mail; accounts may choose another figure.
    pub low_balance: i64,
    /// How often a wallet may be topped up automatically within 24 hours.
    pub collections_per_day: u32,
    /// How long before a collection its payer is told by mail; none is sent when this is `0s`. In India a payer has to be told a
    /// day before, which Razorpay does for mandates of its own; ask it whether yours need this mail, too.
    pub notice: Period,
}

impl Default for AutopayConfig {
    fn default() -> Self {
        Self {
            low_balance: 10_000,
            collections_per_day: 3,
            notice: Period::seconds(0),
        }
    }
}

/// What follows when a payment fails.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DunningConfig {
    /// How long after each failed try of an automatic top-up the next one is made. After the last one the mandate is paused.
    pub retries: Vec<Period>,
    /// How long the plan of a subscription is kept when the payment of its next period is late or has failed.
    pub grace: Period,
}

impl Default for DunningConfig {
    fn default() -> Self {
        Self {
            retries: vec![Period::minutes(60), Period::days(1), Period::days(3)],
            grace: Period::days(7),
        }
    }
}

impl AutopayConfig {
    pub(super) fn check(&self, problems: &mut Problems) {
        problems.add_if(
            !(0..=MOST).contains(&self.low_balance),
            "billing.autopay.low_balance",
            "must be between 0 and 100000000000",
        );
        problems.add_if(
            !(1..=100).contains(&self.collections_per_day),
            "billing.autopay.collections_per_day",
            "must be between 1 and 100",
        );
        problems.add_if(
            self.notice > Period::days(7),
            "billing.autopay.notice",
            "must be at most 7d",
        );
    }
}

impl DunningConfig {
    pub(super) fn check(&self, problems: &mut Problems) {
        let fits = |period: &Period| (Period::minutes(1)..=Period::days(30)).contains(period);
        problems.add_if(
            self.retries.len() > MOST_RETRIES || !self.retries.iter().all(fits),
            "billing.dunning.retries",
            "must be at most ten lengths of time between 1m and 30d",
        );
        problems.add_if(
            self.grace > Period::days(90),
            "billing.dunning.grace",
            "must be at most 90d",
        );
    }
}
