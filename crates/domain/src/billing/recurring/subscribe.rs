//! Subscribing to a plan.
//! Refuses a second subscription beside one that lives, and prices that are not the configured ones.

use model::Ctx;
use model::audit::Actor;
use model::billing::{MOST, PaymentOrderId, Plan, PlanPeriod, Subscription};
use model::iam::AccountId;
use serde_json::json;

use super::SubscriptionError;
use super::hear::look_again;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::billing::gateway::{self, NewPlan, NewSubscription};
use crate::jobs::Job;

/// As many seats can be subscribed to.
pub(super) const MOST_SEATS: u32 = 10_000;

impl Authority {
    /// A subscription that waits for its owner's authorisation at the gateway.
    ///
    /// # Errors
    /// See [`SubscriptionError`].
    pub async fn subscribe(
        &self,
        ctx: &Ctx,
        (account, by): (&AccountId, Actor),
        (plan, quantity): (&str, u32),
    ) -> Result<Subscription, SubscriptionError> {
        let plan = self.plan_for_sale(plan, quantity)?;
        let gateway = self.gateway()?;
        let mut reader = self.database.read().await?;
        let living = storage::subscriptions::find_living(&mut reader, account).await?;
        drop(reader);
        if let Some(Subscription { id, .. }) = living {
            return Err(SubscriptionError::Exists { id });
        }
        let wish = NewSubscription {
            plan: self.plan_at_gateway(ctx, &plan).await?,
            quantity,
            total_count: periods(plan.period),
            account: account.to_string(),
            receipt: PaymentOrderId::random(ctx.random.as_ref()).to_string(),
        };
        let made = gateway.create_subscription(&wish).await;
        let made = made.map_err(crate::billing::BillingUnavailable::from)?;
        let subscription = first_seen(ctx, (account, &plan.id, quantity), made);
        self.keep_subscription(ctx, subscription, by).await
    }

    pub(super) fn plan_for_sale(&self, id: &str, quantity: u32) -> Result<Plan, SubscriptionError> {
        let plan = self.settings.billing.plans.find(id);
        let plan = plan.ok_or(SubscriptionError::NoSuchPlan)?;
        if plan.is_free() {
            return Err(SubscriptionError::FreePlan);
        }
        let total = plan.amount.minor.checked_mul(i64::from(quantity));
        if !(1..=MOST_SEATS).contains(&quantity) || total.is_none_or(|total| total > MOST) {
            return Err(SubscriptionError::Quantity { most: MOST_SEATS });
        }
        Ok(plan.clone())
    }

    /// The gateway's id of the plan at its present price; made there once.
    pub(super) async fn plan_at_gateway(&self, ctx: &Ctx, plan: &Plan) -> Result<String, SubscriptionError> {
        let key = (plan.id.clone(), plan.amount, plan.period);
        let mut reader = self.database.read().await?;
        let known = storage::gateway_names::find_plan(&mut reader, (&key.0, key.1, key.2)).await?;
        drop(reader);
        if let Some(known) = known {
            return Ok(known);
        }
        let wish = NewPlan {
            name: plan.name.clone(),
            amount: plan.amount,
            period: plan.period,
        };
        let made = self.gateway()?.create_plan(&wish).await;
        let made = made.map_err(crate::billing::BillingUnavailable::from)?;
        let now = ctx.now;
        let work = self.database.write::<_, SubscriptionError, _>(move |w| {
            Box::pin(async move {
                let key = (key.0.as_str(), key.1, key.2);
                storage::gateway_names::insert_plan(w, &made, key, now).await?;
                let kept = storage::gateway_names::find_plan(w, key).await?;
                Ok(kept.unwrap_or(made))
            })
        });
        work.await
    }

    /// Of two that are made at once the second ends at the gateway.
    async fn keep_subscription(
        &self,
        ctx: &Ctx,
        subscription: Subscription,
        by: Actor,
    ) -> Result<Subscription, SubscriptionError> {
        let (authority, at) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, SubscriptionError, _>(move |w| {
            Box::pin(async move {
                let look_at = look_again(&subscription, at.now);
                if !storage::subscriptions::insert(w, &subscription, look_at).await? {
                    let id = subscription.id;
                    authority.enqueue(w, &at, &Job::EndSubscription { id }).await?;
                    let living = storage::subscriptions::find_living(w, &subscription.account).await?;
                    return Ok(Err(living.map(|living| living.id).unwrap_or_default()));
                }
                record(w, &at, happened(by, "billing.subscribed", &subscription)).await?;
                Ok(Ok(subscription))
            })
        });
        let kept = work.await?;
        self.ring();
        kept.map_err(|id| SubscriptionError::Exists { id })
    }
}

/// Ten years.
const fn periods(period: PlanPeriod) -> u32 {
    match period {
        PlanPeriod::Monthly => 120,
        PlanPeriod::Yearly => 10,
    }
}

fn first_seen(
    ctx: &Ctx,
    (account, plan, quantity): (&AccountId, &str, u32),
    made: gateway::Subscription,
) -> Subscription {
    Subscription {
        id: made.id,
        account: account.clone(),
        plan: plan.to_owned(),
        quantity,
        status: made.status,
        current_start: made.current_start,
        current_end: made.current_end,
        charge_at: made.charge_at,
        ended_at: made.ended_at,
        paid_count: made.paid_count,
        paid_until: None,
        booked_count: 0,
        short_url: made.short_url,
        cancel_at_end: false,
        coming: None,
        // Whatever is told of it is newer.
        told_at: model::Timestamp::EPOCH,
        created_at: ctx.now,
    }
}

pub(super) fn happened(actor: Actor, action: &'static str, subscription: &Subscription) -> Happened {
    Happened {
        actor,
        action,
        target: Some(subscription.id.clone()),
        detail: json!({
            "account": subscription.account,
            "plan": subscription.plan,
            "quantity": subscription.quantity,
            "status": subscription.status.as_str(),
            "cancel_at_end": subscription.cancel_at_end,
        }),
    }
}
