//! What an owner asks of a subscription: another plan or quantity, a pause, and its end.
//! Refuses what can't be in its state; what has become of it is what the gateway answers.

use model::Ctx;
use model::audit::Actor;
use model::billing::{Subscription, SubscriptionCommand, SubscriptionStatus};
use model::iam::AccountId;

use super::SubscriptionError;
use super::hear::News;
use super::subscribe::happened;
use crate::audit::record;
use crate::authority::Authority;
use crate::billing::gateway::{self, SubscriptionChange};
use crate::billing::{BillingUnavailable, GatewayError, PaymentGateway};

/// What is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SubscriptionWish {
    Change {
        /// One of our plans.
        plan: Option<String>,
        quantity: Option<u32>,
        /// With the next period; else at once.
        at_period_end: bool,
    },
    Pause,
    Resume,
    Cancel {
        /// With the period that runs; else at once.
        at_period_end: bool,
    },
}

impl SubscriptionWish {
    const fn command(&self) -> SubscriptionCommand {
        match self {
            Self::Change { .. } => SubscriptionCommand::Change,
            Self::Pause => SubscriptionCommand::Pause,
            Self::Resume => SubscriptionCommand::Resume,
            Self::Cancel { .. } => SubscriptionCommand::Cancel,
        }
    }

    const fn action(&self) -> &'static str {
        match self {
            Self::Change { .. } => "billing.subscription_change_asked",
            Self::Pause => "billing.subscription_pause_asked",
            Self::Resume => "billing.subscription_resume_asked",
            Self::Cancel { .. } => "billing.subscription_cancel_asked",
        }
    }
}

impl Authority {
    /// The subscription as it is afterwards.
    ///
    /// # Errors
    /// See [`SubscriptionError`].
    pub async fn command_subscription(
        &self,
        ctx: &Ctx,
        (account, by): (&AccountId, Actor),
        (id, wish): (&str, SubscriptionWish),
    ) -> Result<Subscription, SubscriptionError> {
        let subscription = self.find_subscription(account, id).await?;
        let subscription = subscription.ok_or(SubscriptionError::NotFound)?;
        subscription.status.allows(wish.command())?;
        let gateway = self.gateway()?;
        let (told, ends) = match &wish {
            SubscriptionWish::Change { .. } => {
                let change = self.change_at_gateway(ctx, &subscription, &wish).await?;
                (gateway.change_subscription(id, &change).await, None)
            }
            SubscriptionWish::Pause => (gateway.pause_subscription(id).await, None),
            SubscriptionWish::Resume => (gateway.resume_subscription(id).await, None),
            SubscriptionWish::Cancel { at_period_end } => {
                let later = *at_period_end && has_period(&subscription);
                (gateway.cancel_subscription(id, later).await, Some(later))
            }
        };
        match told {
            Ok(told) => {
                let news = news_of(ctx, told, ends);
                let after = self.note_answer(ctx, news, Some((by, wish.action()))).await?;
                after.ok_or(SubscriptionError::NotFound)
            }
            // It may be otherwise than we know: then that is what is said.
            Err(GatewayError::Refused { code, reason }) => {
                self.ask_about_subscription(ctx, gateway.as_ref(), id).await?;
                let now = self.find_subscription(account, id).await?;
                let now = now.ok_or(SubscriptionError::NotFound)?;
                now.status.allows(wish.command())?;
                Err(BillingUnavailable::from(GatewayError::Refused { code, reason }).into())
            }
            Err(error) => Err(BillingUnavailable::from(error).into()),
        }
    }

    async fn change_at_gateway(
        &self,
        ctx: &Ctx,
        subscription: &Subscription,
        wish: &SubscriptionWish,
    ) -> Result<SubscriptionChange, SubscriptionError> {
        let SubscriptionWish::Change {
            plan,
            quantity,
            at_period_end,
        } = wish
        else {
            return Err(SubscriptionError::NotFound);
        };
        let wanted = plan.as_deref().unwrap_or(&subscription.plan);
        let plan_now = self.plan_for_sale(wanted, quantity.unwrap_or(subscription.quantity))?;
        let other = plan_now.id != subscription.plan;
        let plan = match other {
            true => Some(self.plan_at_gateway(ctx, &plan_now).await?),
            false => None,
        };
        Ok(SubscriptionChange {
            plan,
            quantity: *quantity,
            at_period_end: *at_period_end,
        })
    }

    /// Asks the gateway how a subscription is, and takes its word.
    pub(super) async fn ask_about_subscription(
        &self,
        ctx: &Ctx,
        gateway: &dyn PaymentGateway,
        id: &str,
    ) -> Result<Option<Subscription>, SubscriptionError> {
        let told = gateway.find_subscription(id).await;
        let told = told.map_err(BillingUnavailable::from)?;
        let after = self.note_answer(ctx, news_of(ctx, told, None), None).await?;
        if let Some(after) = after.as_ref().filter(|one| one.booked_count < one.paid_count) {
            self.book_missing_payments(ctx, gateway, after).await?;
        }
        Ok(after)
    }

    async fn note_answer(
        &self,
        ctx: &Ctx,
        news: News,
        asked: Option<(Actor, &'static str)>,
    ) -> Result<Option<Subscription>, SubscriptionError> {
        let (authority, at) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, SubscriptionError, _>(move |w| {
            Box::pin(async move {
                let heard = authority.hear_of_subscription(w, &at, news).await?;
                if let Some((subscription, (by, action))) = heard.as_ref().zip(asked) {
                    record(w, &at, happened(by, action, subscription)).await?;
                }
                Ok(heard)
            })
        });
        let heard = work.await?;
        self.ring();
        self.catch_up().await?;
        Ok(heard)
    }

    /// Ends a subscription that nobody here wants any more; one that is over, or gone, is as good.
    pub(crate) async fn end_subscription(&self, id: &str) -> Result<(), BillingUnavailable> {
        let gateway = self.gateway()?;
        let refused = match gateway.cancel_subscription(id, false).await {
            Ok(_) | Err(GatewayError::NotFound) => return Ok(()),
            Err(error) => error,
        };
        match gateway.find_subscription(id).await {
            Ok(found) if found.status.is_final() => Ok(()),
            Err(GatewayError::NotFound) => Ok(()),
            _ => Err(refused.into()),
        }
    }
}

/// The answer was true when it was asked for, or later.
const fn news_of(ctx: &Ctx, told: gateway::Subscription, ends: Option<bool>) -> News {
    News {
        told,
        at: ctx.now,
        asked: true,
        ends,
    }
}

/// Whether there is a period that it could end with.
const fn has_period(subscription: &Subscription) -> bool {
    !matches!(
        subscription.status,
        SubscriptionStatus::Created | SubscriptionStatus::Authenticated
    )
}
