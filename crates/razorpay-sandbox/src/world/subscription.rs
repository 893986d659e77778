//! Subscriptions: created → authenticated → active, and what goes wrong on the way.
//! Charges only what its owner has authenticated.

mod authenticate;
mod change;
mod create;
mod cycle;
mod end;
mod state;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::plan::Plan;
use super::{Method, World};
use crate::fields::Fields;
use crate::notes::Notes;
use crate::page::{self, Window};
use crate::problem::Problem;

pub(crate) use self::state::SubscriptionStatus;

/// What it is to be from the next period on.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Change {
    plan_id: String,
    quantity: i64,
    total_count: i64,
    at: i64,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) plan_id: String,
    customer_id: Option<String>,
    pub(crate) status: SubscriptionStatus,
    quantity: i64,
    total_count: i64,
    paid_count: i64,
    customer_notify: bool,
    notes: Notes,
    /// When it begins, if not with its authentication.
    start_at: Option<i64>,
    expire_by: Option<i64>,
    /// Periods that are behind it, paid or not; also the number of the next one.
    cycle: i64,
    current_start: Option<i64>,
    current_end: Option<i64>,
    /// The next charge or try.
    charge_at: Option<i64>,
    ended_at: Option<i64>,
    cancel_at: Option<i64>,
    /// Failed tries of the present charge.
    auth_attempts: u32,
    open_invoice: Option<String>,
    /// Whether its authentication has been told.
    was_authenticated: bool,
    method: Option<Method>,
    token_id: Option<String>,
    scheduled: Option<Change>,
    short_url: String,
    created_at: i64,
}

impl Subscription {
    /// The instant at which the period of this number begins.
    fn period(&self, plan: &Plan, number: i64) -> Option<i64> {
        self.start_at.map(|start| plan.after(start, number))
    }

    pub(crate) fn show(&self, plan: Option<&Plan>) -> Value {
        let end_at = plan.and_then(|plan| self.period(plan, self.total_count));
        json!({
            "id": self.id,
            "entity": "subscription",
            "plan_id": self.plan_id,
            "customer_id": self.customer_id,
            "status": self.status,
            "current_start": self.current_start,
            "current_end": self.current_end,
            "ended_at": self.ended_at,
            "quantity": self.quantity,
            "notes": self.notes.show(),
            "charge_at": self.charge_at,
            "start_at": self.start_at,
            "end_at": self.cancel_at.or(end_at),
            "auth_attempts": self.auth_attempts,
            "total_count": self.total_count,
            "paid_count": self.paid_count,
            "customer_notify": self.customer_notify,
            "created_at": self.created_at,
            "expire_by": self.expire_by,
            "short_url": self.short_url,
            "has_scheduled_changes": self.scheduled.is_some(),
            "change_scheduled_at": self.scheduled.as_ref().map(|change| change.at),
            "source": "api",
            "payment_method": self.method,
            "offer_id": null,
            // The official clients say that it is a text.
            "remaining_count": (self.total_count - self.cycle).to_string(),
        })
    }
}

/// A subscription as a list shows it.
struct Listed(i64, Value);

impl page::Entity for Listed {
    fn created_at(&self) -> i64 {
        self.0
    }
    fn show(&self) -> Value {
        self.1.clone()
    }
}

impl World {
    pub(crate) fn subscription(&self, id: &str) -> Result<&Subscription, Problem> {
        self.books.subscriptions.get(id).ok_or_else(Problem::no_such_id)
    }

    fn subscription_mut(&mut self, id: &str) -> Result<&mut Subscription, Problem> {
        self.books
            .subscriptions
            .get_mut(id)
            .ok_or_else(Problem::no_such_id)
    }

    pub(crate) fn show_subscription(&self, id: &str) -> Result<Value, Problem> {
        let found = self.subscription(id)?;
        Ok(found.show(self.books.plans.get(&found.plan_id)))
    }

    pub(crate) fn list_subscriptions(&self, asked: &Fields) -> Result<Value, Problem> {
        let mut known = page::MEMBERS.to_vec();
        known.push("plan_id");
        asked.only(&known)?;
        let plan = asked.text("plan_id", 40)?;
        let all = self.books.subscriptions.iter();
        let chosen = all.filter(|found| plan.as_ref().is_none_or(|plan| *plan == found.plan_id));
        let shown: Vec<Listed> = chosen
            .map(|found| Listed(found.created_at, found.show(self.books.plans.get(&found.plan_id))))
            .collect();
        Ok(Window::read(asked)?.over(shown.iter()))
    }

    /// Tells what became of a subscription, and of the payment that did it.
    fn tell(&mut self, event: &str, id: &str, payment: Option<&str>) {
        let Ok(shown) = self.show_subscription(id) else {
            return;
        };
        let payment = payment.and_then(|payment| self.books.payments.get(payment));
        match payment.map(page::Entity::show) {
            None => self.emit(event, &[("subscription", shown)]),
            Some(payment) => self.emit(event, &[("subscription", shown), ("payment", payment)]),
        }
    }

    /// What the checkout hands to the merchant through the browser: the payment's id comes first in what is signed.
    pub(crate) fn vouch_for_subscription(&self, id: &str, payment: &str) -> Result<Value, Problem> {
        self.payment(payment)?;
        let signature = crate::signature::hex(&self.keys.secret, &format!("{payment}|{id}"));
        Ok(json!({
            "razorpay_payment_id": payment,
            "razorpay_subscription_id": id,
            "razorpay_signature": signature,
        }))
    }

    /// How often that is charged, for people; refuses what cannot be authenticated.
    pub(crate) fn subscription_terms(&self, id: &str) -> Result<String, Problem> {
        let found = self.subscription(id)?;
        if found.status.may_be_paid().is_err() {
            found.status.may_be_authenticated()?;
        }
        let plan = self.plan(&found.plan_id)?;
        let count = found.total_count;
        Ok(format!(
            "{}: {}, charged at most {count} times.",
            plan.name,
            plan.rhythm()
        ))
    }

    /// What a period costs at present.
    pub(crate) fn price(&self, id: &str) -> Result<(i64, String), Problem> {
        let found = self.subscription(id)?;
        let plan = self.plan(&found.plan_id)?;
        Ok((plan.amount * found.quantity, plan.currency.clone()))
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod walks;
