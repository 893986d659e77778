//! What an account has used, by month and by day.
//! Refuses to show more than three years at once.

use jiff::tz::TimeZone;
use model::billing::{Entitlement, Month, Plan};
use model::iam::AccountId;
use model::{Ctx, Timestamp};
use storage::usage::{Counter, Day};

use crate::authority::Authority;
use crate::fault::Fault;

const MOST_ROWS: i64 = 5_000;

/// What was used of a metric in a month.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Use {
    pub metric: String,
    pub used: u64,
    /// What the plan of today allows.
    pub limit: Option<u64>,
    pub included: Option<u64>,
    /// Minor units of the deployment's currency.
    pub charged: i64,
    pub month: Month,
}

impl Authority {
    /// Of each month that has an instant of the span; the present month, with what the plan names and was not used, when
    /// there is no span.
    ///
    /// # Errors
    /// Storage.
    pub async fn usage(
        &self,
        ctx: &Ctx,
        account: &AccountId,
        span: Option<(Timestamp, Timestamp)>,
    ) -> Result<Vec<Use>, Fault> {
        let (from, to) = span.unwrap_or((ctx.now, ctx.now));
        let mut reader = self.database.read().await?;
        let held = self.held(&mut reader, ctx, account).await?;
        let months = (self.settings.billing.month(from).start, to);
        let counters = storage::usage::list(&mut reader, account, months, MOST_ROWS).await?;
        let zone = &self.settings.billing.time_zone;
        let of = |counter| use_of(counter, &held.plan, zone);
        let mut used: Vec<Use> = counters.into_iter().map(of).collect();
        if span.is_none() {
            let month = self.settings.billing.month(ctx.now);
            for feature in &held.plan.features {
                let metered = feature.limit.is_some() || feature.included.is_some();
                let counted = super::entitlement::is_counted(&feature.name);
                if metered && !counted && used.iter().all(|one| one.metric != feature.name) {
                    used.push(of(nothing(&feature.name, month.start)));
                }
            }
        }
        Ok(used)
    }

    /// What was used on each day that begins within the span, and what it cost.
    ///
    /// # Errors
    /// Storage.
    pub async fn daily_usage(
        &self,
        account: &AccountId,
        span: (Timestamp, Timestamp),
    ) -> Result<Vec<Day>, Fault> {
        let mut reader = self.database.read().await?;
        Ok(storage::usage::list_days(&mut reader, account, span, MOST_ROWS).await?)
    }

    /// What a person may have how much of, and has, in their own account.
    ///
    /// # Errors
    /// Storage.
    pub async fn quotas(&self, ctx: &Ctx, user: model::UserId) -> Result<(String, Vec<Entitlement>), Fault> {
        let account = self.account_number(ctx, user).await?;
        let plan = self.licence_of(ctx, &account).await?.plan.id;
        Ok((plan, self.entitlements(ctx, &account).await?))
    }
}

fn nothing(metric: &str, period_start: Timestamp) -> Counter {
    Counter {
        metric: metric.to_owned(),
        period_start,
        used: 0,
        billable: 0,
        charged: 0,
    }
}

fn use_of(counter: Counter, plan: &Plan, zone: &TimeZone) -> Use {
    let feature = plan.feature(&counter.metric);
    Use {
        used: u64::try_from(counter.used).unwrap_or_default(),
        limit: feature.and_then(|feature| feature.limit),
        included: feature.and_then(|feature| feature.included),
        charged: counter.charged,
        month: Month::of(counter.period_start, zone),
        metric: counter.metric,
    }
}
