//! The deployment's choices about what recurs.

use std::time::Duration;

#[derive(Clone, Debug)]
pub struct RecurringSettings {
    /// Below this the readers of an account's bills are told that its wallet runs low, in minor units; an account may say
    /// otherwise.
    pub low_balance: i64,
    /// How many collections a mandate may have within 24 hours.
    pub collections_per_day: u32,
    /// How long before a collection its payer is told of it; none is told of when this is zero.
    pub notice: Duration,
    /// How long after each failed try of a collection the next one is made; then the mandate is paused.
    pub retries: Vec<Duration>,
    /// How long a renewal that is late or failed is waited for before the plan is lost.
    pub grace: Duration,
}

impl Default for RecurringSettings {
    fn default() -> Self {
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        Self {
            low_balance: 10_000,
            collections_per_day: 3,
            notice: Duration::ZERO,
            retries: vec![hours(1), hours(24), hours(72)],
            grace: hours(7 * 24),
        }
    }
}
