//! The ends of a subscription: cancelled, completed, expired.
//! Nothing comes after them.

use serde_json::Value;

use super::SubscriptionStatus;
use crate::fields::Fields;
use crate::problem::Problem;
use crate::world::World;

impl World {
    pub(crate) fn cancel_subscription(&mut self, id: &str, fields: &Fields) -> Result<Value, Problem> {
        fields.only(&["cancel_at_cycle_end"])?;
        let at_end = fields.flag("cancel_at_cycle_end")?.unwrap_or(false);
        let now = self.now;
        let found = self.subscription_mut(id)?;
        found.status.may_be_cancelled()?;
        if !at_end {
            self.end(id, SubscriptionStatus::Cancelled, None)?;
            return self.show_subscription(id);
        }
        let running = found.current_end.filter(|end| *end > now);
        let Some(end) = running.filter(|_| found.status == SubscriptionStatus::Active) else {
            return Err(Problem::state(
                "Subscription cannot be cancelled at the cycle end since no billing cycle is going on",
            ));
        };
        found.cancel_at = Some(end);
        found.charge_at = None;
        found.scheduled = None;
        self.show_subscription(id)
    }

    pub(super) fn end(
        &mut self,
        id: &str,
        status: SubscriptionStatus,
        payment: Option<&str>,
    ) -> Result<(), Problem> {
        let now = self.now;
        let found = self.subscription_mut(id)?;
        found.status = status;
        found.ended_at = Some(now);
        found.charge_at = None;
        found.cancel_at = None;
        found.scheduled = None;
        match status {
            SubscriptionStatus::Cancelled => self.tell("subscription.cancelled", id, payment),
            SubscriptionStatus::Completed => self.tell("subscription.completed", id, payment),
            _ => {}
        }
        Ok(())
    }
}
