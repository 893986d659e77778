//! What is asked of the gateway for a subscription, and whether it was done although nobody has said so.
//! Refuses to ask twice: after a call that broke off it looks at what is there.

use crate::billing::gateway::{PlannedChange, Subscription, SubscriptionChange};
use crate::billing::{GatewayError, PaymentGateway};
use model::billing::SubscriptionStatus;

/// In the gateway's words.
pub(super) enum Request {
    Change(SubscriptionChange),
    /// No change with the next period after all.
    TakeBack,
    Pause,
    Resume,
    /// With the period that runs, or at once.
    Cancel {
        later: bool,
    },
}

impl Request {
    /// The subscription after it.
    ///
    /// # Errors
    /// As the gateway; `Unavailable` when it may or may not have been done.
    pub(super) async fn carry_out(
        &self,
        gateway: &dyn PaymentGateway,
        id: &str,
    ) -> Result<Subscription, GatewayError> {
        let broken = match self.send(gateway, id).await {
            Err(error @ GatewayError::Unavailable(_)) => error,
            answer => return answer,
        };
        let found = self.find_done(gateway, id).await;
        found.ok().flatten().ok_or(broken)
    }

    async fn send(&self, gateway: &dyn PaymentGateway, id: &str) -> Result<Subscription, GatewayError> {
        match self {
            Self::Change(change) => gateway.change_subscription(id, change).await,
            Self::TakeBack => gateway.drop_planned_change(id).await,
            Self::Pause => gateway.pause_subscription(id).await,
            Self::Resume => gateway.resume_subscription(id).await,
            Self::Cancel { later } => gateway.cancel_subscription(id, *later).await,
        }
    }

    async fn find_done(
        &self,
        gateway: &dyn PaymentGateway,
        id: &str,
    ) -> Result<Option<Subscription>, GatewayError> {
        let told = gateway.find_subscription(id).await?;
        let is_done = match self {
            Self::Change(change) if change.at_period_end => {
                told.change_at.is_some() && gateway.planned_change(id).await? == self.coming(&told)
            }
            Self::Change(change) => is_as(change, &told),
            Self::TakeBack => told.change_at.is_none(),
            Self::Pause => told.status == SubscriptionStatus::Paused,
            Self::Resume => told.status == SubscriptionStatus::Active,
            Self::Cancel { later } => told.status == SubscriptionStatus::Cancelled || *later && told.ends,
        };
        Ok(is_done.then_some(told))
    }

    /// Whether it ends with its period, where that is asked for.
    pub(super) const fn ends(&self) -> Option<bool> {
        match self {
            Self::Cancel { later } => Some(*later),
            _ => None,
        }
    }

    /// What it is to be later, where that is asked for.
    pub(super) fn coming(&self, told: &Subscription) -> Option<PlannedChange> {
        match self {
            Self::Change(change) if change.at_period_end => Some(PlannedChange {
                plan: change.plan.clone().unwrap_or_else(|| told.plan.clone()),
                quantity: change.quantity.unwrap_or(told.quantity),
            }),
            _ => None,
        }
    }
}

fn is_as(change: &SubscriptionChange, told: &Subscription) -> bool {
    let plan = change.plan.as_ref().is_none_or(|plan| *plan == told.plan);
    plan && change.quantity.is_none_or(|quantity| quantity == told.quantity)
}
