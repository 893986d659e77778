//! News of subscriptions: what they change here, and what that gives the account.
//! Refuses old news, and to let a subscription that is over take away what its successor gives.

use std::time::Duration;

use model::audit::Actor;
use model::billing::subscription::Snapshot;
use model::billing::{Binding, LicenceSource, Subscription, SubscriptionStatus};
use model::{Ctx, Timestamp};
use storage::Writer;

use super::BillingNews;
use super::subscribe::happened;
use crate::audit::record;
use crate::authority::Authority;
use crate::billing::gateway::{self, PlannedChange};
use crate::fault::Fault;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// How the gateway says that a subscription is.
pub(super) struct News {
    pub(super) told: gateway::Subscription,
    pub(super) at: Timestamp,
    /// It has answered, and this is how the subscription was known when it was asked; else it has told by itself.
    pub(super) before: Option<Subscription>,
    /// What waits, as far as that is told.
    pub(super) coming: Option<PlannedChange>,
    /// Whether it ends with its period, where that was just asked for.
    pub(super) ends: Option<bool>,
}

/// What has come of the news.
pub(super) struct Known {
    pub(super) now: Subscription,
    /// The answer says something else than what was told meanwhile, which may be newer: it should be asked for again.
    pub(super) is_overtaken: bool,
}

impl Authority {
    /// In a write; the caller rings and catches up. Nothing for a subscription that is not ours.
    pub(super) async fn hear_of_subscription(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        news: News,
    ) -> Result<Option<Known>, Fault> {
        let Some(was) = storage::subscriptions::hold(w, &news.told.id).await? else {
            return Ok(None);
        };
        let snapshot = snapshot(w, &news, &was).await?;
        let mut now = was.clone();
        let heard = now.hear(&snapshot);
        let before = news.before.as_ref();
        let is_overtaken = before.is_some_and(|before| !is_same(before, &was)) && !is_same(&now, &was);
        if is_overtaken {
            now = was.clone();
            now.count_paid(&snapshot);
        }
        now.cancel_at_end = news.ends.unwrap_or(now.cancel_at_end);
        let known = |now| Some(Known { now, is_overtaken });
        if now == was && !heard.doubtful && before.is_none() {
            return Ok(known(now));
        }
        let look_at = match heard.doubtful || is_overtaken {
            true => ctx.now,
            false => look_again(&now, ctx.now),
        };
        storage::subscriptions::update(w, &now, look_at).await?;
        if now != was {
            self.bind_subscription(w, ctx, &now).await?;
        }
        if now.status != was.status {
            record(
                w,
                ctx,
                happened(Actor::System, "billing.subscription_changed", &now),
            )
            .await?;
            self.tell_of_subscription(w, ctx, &now).await?;
        }
        Ok(known(now))
    }

    /// What it gives its account, unless another one that lives does.
    async fn bind_subscription(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        subscription: &Subscription,
    ) -> Result<(), Fault> {
        let grace = self.settings.billing.recurring.grace;
        let Some((status, until)) = subscription.gives(ctx.now, grace) else {
            return Ok(());
        };
        if subscription.status.is_final() {
            let living = storage::subscriptions::find_living(w, &subscription.account).await?;
            if living.is_some_and(|living| living.paid_until.is_some()) {
                return Ok(());
            }
        }
        let binding = Binding {
            account: subscription.account.clone(),
            plan: subscription.plan.clone(),
            seats: subscription.quantity,
            status,
            valid_until: Some(until),
            source: LicenceSource::Subscription(subscription.id.clone()),
        };
        Ok(self.bind_licence(w, ctx, &binding).await?)
    }

    async fn tell_of_subscription(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        subscription: &Subscription,
    ) -> Result<(), Fault> {
        let plan = self.plan_title(&subscription.plan);
        let until = subscription.paid_until.filter(|until| *until > ctx.now);
        let news = match subscription.status {
            SubscriptionStatus::Pending => BillingNews::SubscriptionPending {
                plan,
                until: subscription
                    .gives(ctx.now, self.settings.billing.recurring.grace)
                    .map(|(_, until)| until),
            },
            SubscriptionStatus::Halted => BillingNews::SubscriptionHalted { plan },
            SubscriptionStatus::Cancelled | SubscriptionStatus::Completed => {
                BillingNews::SubscriptionEnded { plan, until }
            }
            _ => return Ok(()),
        };
        self.tell_readers(w, ctx, &subscription.account, news).await
    }

    /// What people call the plan.
    pub(super) fn plan_title(&self, id: &str) -> String {
        let plan = self.settings.billing.plans.find(id);
        plan.map_or_else(|| id.to_owned(), |plan| plan.name.clone())
    }
}

/// When to ask about it again if nothing is told until then.
pub(super) fn look_again(subscription: &Subscription, now: Timestamp) -> Timestamp {
    let fresh = now.since(subscription.created_at) < Duration::from_secs(DAY);
    let pause = match subscription.status {
        SubscriptionStatus::Created | SubscriptionStatus::Authenticated if fresh => 10 * MINUTE,
        status if status.waits() => HOUR,
        _ => DAY,
    };
    let daily = now.plus(Duration::from_secs(pause));
    // A renewal is asked about soon after it is due.
    let due = subscription
        .charge_at
        .map(|at| at.plus(Duration::from_secs(HOUR)));
    match due {
        Some(due) if due > now => daily.min(due),
        _ => daily,
    }
}

/// Whenever that was told, and whatever of it is in the books.
fn is_same(one: &Subscription, other: &Subscription) -> bool {
    let alike = Subscription {
        told_at: one.told_at,
        booked_count: one.booked_count,
        ..other.clone()
    };
    *one == alike
}

/// With our names of the plans.
async fn snapshot(w: &mut Writer, news: &News, was: &Subscription) -> Result<Snapshot, Fault> {
    let told = &news.told;
    let plan = storage::gateway_names::find_plan_name(w, &told.plan).await?;
    let coming = match &news.coming {
        Some(coming) => {
            let plan = storage::gateway_names::find_plan_name(w, &coming.plan).await?;
            Some((plan.unwrap_or_else(|| was.plan.clone()), coming.quantity))
        }
        None => None,
    };
    Ok(Snapshot {
        status: told.status,
        plan: plan.unwrap_or_else(|| was.plan.clone()),
        quantity: told.quantity,
        current_start: told.current_start,
        current_end: told.current_end,
        charge_at: told.charge_at,
        ended_at: told.ended_at,
        paid_count: told.paid_count,
        ends: told.ends,
        change_at: told.change_at,
        coming,
        at: news.at,
        asked: news.before.is_some(),
    })
}
