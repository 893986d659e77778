//! Another plan or quantity, at once or with the next period; pausing and resuming.
//! Gives no money back and takes none for the rest of a period.

use serde_json::Value;

use super::{Change, SubscriptionStatus, create};
use crate::fields::Fields;
use crate::problem::Problem;
use crate::world::{Method, World};

const MEMBERS: [&str; 5] = [
    "plan_id",
    "quantity",
    "remaining_count",
    "schedule_change_at",
    "customer_notify",
];

impl World {
    pub(crate) fn edit_subscription(&mut self, id: &str, fields: &Fields) -> Result<Value, Problem> {
        fields.only(&MEMBERS)?;
        let found = self.subscription(id)?;
        found.status.may_be_changed()?;
        if matches!(found.method, Some(Method::Upi | Method::Emandate)) {
            let description = "Subscription cannot be updated when the payment method is not card";
            return Err(Problem::state(description));
        }
        let when = fields.word("schedule_change_at", &["now", "cycle_end"])?;
        let change = self.change(id, fields)?;
        let at_end = when.as_deref() == Some("cycle_end");
        let found = self.subscription_mut(id)?;
        found.scheduled = Some(change);
        if !at_end {
            self.apply_schedule(id);
        }
        self.show_subscription(id)
    }

    fn change(&self, id: &str, fields: &Fields) -> Result<Change, Problem> {
        let found = self.subscription(id)?;
        let plan_id = fields.text("plan_id", 40)?;
        let plan_id = plan_id.unwrap_or_else(|| found.plan_id.clone());
        let (next, plan) = (self.plan(&plan_id)?, self.plan(&found.plan_id)?);
        if (&next.period, next.interval, &next.currency) != (&plan.period, plan.interval, &plan.currency) {
            let description = "The plan must have the same period, interval and currency";
            return Err(Problem::input("plan_id", description));
        }
        let remaining = create::remaining_count(fields)?;
        Ok(Change {
            plan_id,
            quantity: create::quantity(fields)?.unwrap_or(found.quantity),
            total_count: remaining.map_or(found.total_count, |left| found.cycle + left),
            at: found.charge_at.unwrap_or(self.now),
        })
    }

    /// Makes the change that waits, and tells of it.
    pub(super) fn apply_schedule(&mut self, id: &str) {
        let Ok(found) = self.subscription_mut(id) else {
            return;
        };
        let Some(change) = found.scheduled.take() else {
            return;
        };
        found.plan_id = change.plan_id;
        found.quantity = change.quantity;
        found.total_count = change.total_count;
        self.tell("subscription.updated", id, None);
    }

    /// The subscription as it will be.
    pub(crate) fn scheduled_changes(&self, id: &str) -> Result<Value, Problem> {
        let mut coming = self.subscription(id)?.clone();
        let Some(change) = coming.scheduled.clone() else {
            return Err(no_changes());
        };
        coming.plan_id = change.plan_id;
        coming.quantity = change.quantity;
        coming.total_count = change.total_count;
        Ok(coming.show(self.books.plans.get(&coming.plan_id)))
    }

    pub(crate) fn cancel_scheduled_changes(&mut self, id: &str) -> Result<Value, Problem> {
        let waiting = self.subscription_mut(id)?.scheduled.take();
        waiting.ok_or_else(no_changes)?;
        self.show_subscription(id)
    }

    pub(crate) fn pause_subscription(&mut self, id: &str, fields: &Fields) -> Result<Value, Problem> {
        fields.only(&["pause_at", "pause_initiated_by"])?;
        fields.word("pause_at", &["now"])?;
        let found = self.subscription_mut(id)?;
        found.status.may_be_paused()?;
        found.status = SubscriptionStatus::Paused;
        found.charge_at = None;
        self.tell("subscription.paused", id, None);
        self.show_subscription(id)
    }

    /// Periods that passed meanwhile are not charged.
    pub(crate) fn resume_subscription(&mut self, id: &str, fields: &Fields) -> Result<Value, Problem> {
        fields.only(&["resume_at"])?;
        fields.word("resume_at", &["now"])?;
        let found = self.subscription(id)?;
        found.status.may_be_resumed()?;
        let plan = self.plan(&found.plan_id)?;
        let numbers = found.cycle..found.total_count;
        let next = numbers
            .filter_map(|number| Some((number, found.period(plan, number)?)))
            .find(|(_, begins)| *begins >= self.now);
        let total = found.total_count;
        let found = self.subscription_mut(id)?;
        found.status = SubscriptionStatus::Active;
        found.cycle = next.map_or(total, |(number, _)| number);
        found.charge_at = next.map(|(_, begins)| begins);
        self.tell("subscription.resumed", id, None);
        if next.is_none() {
            self.end(id, SubscriptionStatus::Completed, None)?;
        }
        self.show_subscription(id)
    }
}

fn no_changes() -> Problem {
    Problem::state("Subscription does not have scheduled changes.")
}
