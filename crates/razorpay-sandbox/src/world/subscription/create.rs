//! Making a subscription.
//! Charges nothing yet: somebody has to authenticate it.

use serde_json::Value;

use super::{Subscription, SubscriptionStatus};
use crate::fields::{Fields, required};
use crate::problem::Problem;
use crate::world::World;

const MEMBERS: [&str; 8] = [
    "plan_id",
    "total_count",
    "quantity",
    "start_at",
    "expire_by",
    "customer_id",
    "customer_notify",
    "notes",
];
const MOST_COUNT: i64 = 1_200;
const MOST_QUANTITY: i64 = 10_000;

impl World {
    pub(crate) fn create_subscription(&mut self, fields: &Fields) -> Result<Value, Problem> {
        fields.only(&MEMBERS)?;
        let plan_id = fields.required_text("plan_id", 40)?;
        self.plan(&plan_id)?;
        let total_count = fields.number_within("total_count", 1, MOST_COUNT)?;
        let id = self.id("sub");
        let subscription = Subscription {
            short_url: format!("{}/l/{id}", self.base),
            id: id.clone(),
            plan_id,
            customer_id: self.known_customer(fields)?,
            status: SubscriptionStatus::Created,
            quantity: quantity(fields)?.unwrap_or(1),
            total_count: total_count.ok_or_else(|| required("total_count"))?,
            paid_count: 0,
            customer_notify: fields.flag("customer_notify")?.unwrap_or(true),
            notes: fields.notes()?,
            start_at: self.future(fields, "start_at")?,
            expire_by: self.future(fields, "expire_by")?,
            cycle: 0,
            current_start: None,
            current_end: None,
            charge_at: None,
            ended_at: None,
            cancel_at: None,
            auth_attempts: 0,
            open_invoice: None,
            was_authenticated: false,
            method: None,
            token_id: None,
            scheduled: None,
            created_at: self.now,
        };
        self.books.subscriptions.insert(id.clone(), subscription);
        let found = self.subscription_mut(&id)?;
        found.charge_at = found.start_at;
        self.show_subscription(&id)
    }

    fn future(&self, fields: &Fields, name: &str) -> Result<Option<i64>, Problem> {
        let time = fields.number(name)?;
        match time {
            Some(time) if time <= self.now => {
                let description = format!("{name} cannot be lesser than the current time.");
                Err(Problem::input(name, description))
            }
            fitting => Ok(fitting),
        }
    }
}

pub(super) fn quantity(fields: &Fields) -> Result<Option<i64>, Problem> {
    fields.number_within("quantity", 1, MOST_QUANTITY)
}

/// How many periods are left to be.
pub(super) fn remaining_count(fields: &Fields) -> Result<Option<i64>, Problem> {
    fields.number_within("remaining_count", 1, MOST_COUNT)
}
