//! What an owner asks of a subscription: another plan or quantity, a pause, and its end.
//! Refuses what can't be in its state; what has become of it is what the gateway answers.

use model::Ctx;
use model::audit::Actor;
use model::billing::subscription::SubscriptionRefusal;
use model::billing::{Subscription, SubscriptionCommand, SubscriptionStatus};
use model::iam::AccountId;

use super::SubscriptionError;
use super::hear::{Known, News};
use super::request::Request;
use super::subscribe::happened;
use crate::audit::record;
use crate::authority::Authority;
use crate::billing::gateway::SubscriptionChange;
use crate::billing::{BillingUnavailable, GatewayError, PaymentGateway};
use crate::fault::Fault;

/// While messages overtake each answer.
const MOST_QUESTIONS: usize = 3;

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
    /// The change that waits for the next period is not wanted any more.
    TakeBack,
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
            Self::Change { .. } | Self::TakeBack => SubscriptionCommand::Change,
            Self::Pause => SubscriptionCommand::Pause,
            Self::Resume => SubscriptionCommand::Resume,
            Self::Cancel { .. } => SubscriptionCommand::Cancel,
        }
    }

    const fn action(&self) -> &'static str {
        match self {
            Self::Change { .. } => "billing.subscription_change_asked",
            Self::TakeBack => "billing.subscription_change_taken_back",
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
        allows(&subscription, &wish)?;
        let gateway = self.gateway()?;
        let request = self.request(ctx, &subscription, &wish).await?;
        let told = match request.carry_out(gateway.as_ref(), id).await {
            Ok(told) => told,
            // It may be otherwise than we know: then that is what is said.
            Err(GatewayError::Refused { code, reason }) => {
                self.ask_about_subscription(ctx, gateway.as_ref(), id).await?;
                let now = self.find_subscription(account, id).await?;
                allows(&now.ok_or(SubscriptionError::NotFound)?, &wish)?;
                return Err(BillingUnavailable::from(GatewayError::Refused { code, reason }).into());
            }
            Err(error) => return Err(BillingUnavailable::from(error).into()),
        };
        let news = News {
            coming: request.coming(&told),
            ends: request.ends(),
            at: ctx.now,
            before: Some(subscription),
            told,
        };
        let known = self.note_answer(ctx, news, Some((by, wish.action()))).await?;
        let known = known.ok_or(SubscriptionError::NotFound)?;
        if !known.is_overtaken {
            return Ok(known.now);
        }
        // It is done; how things are since then is looked up again if nobody can say so now.
        let asked = self.ask_about_subscription(ctx, gateway.as_ref(), id).await;
        Ok(asked.ok().flatten().unwrap_or(known.now))
    }

    async fn request(
        &self,
        ctx: &Ctx,
        subscription: &Subscription,
        wish: &SubscriptionWish,
    ) -> Result<Request, SubscriptionError> {
        let (plan, quantity, at_period_end) = match wish {
            SubscriptionWish::TakeBack => return Ok(Request::TakeBack),
            SubscriptionWish::Pause => return Ok(Request::Pause),
            SubscriptionWish::Resume => return Ok(Request::Resume),
            SubscriptionWish::Cancel { at_period_end } => {
                let later = *at_period_end && has_period(subscription);
                return Ok(Request::Cancel { later });
            }
            SubscriptionWish::Change {
                plan,
                quantity,
                at_period_end,
            } => (plan, quantity, at_period_end),
        };
        let wanted = plan.as_deref().unwrap_or(&subscription.plan);
        let plan_now = self.plan_for_sale(wanted, quantity.unwrap_or(subscription.quantity))?;
        let other = plan_now.id != subscription.plan;
        let plan = match other {
            true => Some(self.plan_at_gateway(ctx, &plan_now).await?),
            false => None,
        };
        Ok(Request::Change(SubscriptionChange {
            plan,
            quantity: *quantity,
            at_period_end: *at_period_end,
        }))
    }

    /// Asks the gateway how a subscription is, and takes its word.
    pub(super) async fn ask_about_subscription(
        &self,
        ctx: &Ctx,
        gateway: &dyn PaymentGateway,
        id: &str,
    ) -> Result<Option<Subscription>, SubscriptionError> {
        let mut known = None;
        for _ in 0..MOST_QUESTIONS {
            let mut reader = self.database.read().await.map_err(Fault::from)?;
            let before = storage::subscriptions::find(&mut reader, id).await?;
            drop(reader);
            let Some(before) = before else { return Ok(None) };
            let news = ask(ctx, gateway, before)
                .await
                .map_err(BillingUnavailable::from)?;
            let Some(heard) = self.note_answer(ctx, news, None).await? else {
                return Ok(None);
            };
            known = Some(heard.now);
            if !heard.is_overtaken {
                break;
            }
        }
        if let Some(after) = known.as_ref().filter(|one| one.booked_count < one.paid_count) {
            self.book_missing_payments(ctx, gateway, after).await?;
        }
        Ok(known)
    }

    async fn note_answer(
        &self,
        ctx: &Ctx,
        news: News,
        asked: Option<(Actor, &'static str)>,
    ) -> Result<Option<Known>, SubscriptionError> {
        let (authority, at) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, SubscriptionError, _>(move |w| {
            Box::pin(async move {
                let heard = authority.hear_of_subscription(w, &at, news).await?;
                if let Some((known, (by, action))) = heard.as_ref().zip(asked) {
                    record(w, &at, happened(by, action, &known.now)).await?;
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

/// What the gateway says of it now, and of the change that waits.
async fn ask(ctx: &Ctx, gateway: &dyn PaymentGateway, before: Subscription) -> Result<News, GatewayError> {
    let told = gateway.find_subscription(&before.id).await?;
    let coming = match told.change_at {
        Some(_) => gateway.planned_change(&before.id).await?,
        None => None,
    };
    Ok(News {
        told,
        at: ctx.now,
        before: Some(before),
        coming,
        ends: None,
    })
}

/// Whether its owner may ask for this now.
fn allows(subscription: &Subscription, wish: &SubscriptionWish) -> Result<(), SubscriptionRefusal> {
    subscription.status.allows(wish.command())?;
    match wish {
        SubscriptionWish::TakeBack if subscription.coming.is_none() => {
            Err(SubscriptionRefusal(subscription.status))
        }
        _ => Ok(()),
    }
}

/// Whether there is a period that it could end with: the gateway knows none but one that is paid for and runs.
fn has_period(subscription: &Subscription) -> bool {
    subscription.status == SubscriptionStatus::Active
}
