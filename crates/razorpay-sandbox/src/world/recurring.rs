//! Collections by mandate.
//! Collects nothing that the mandate does not allow.

use serde_json::{Value, json};

use super::customer::is_address;
use super::token::TokenStatus;
use super::{Attempt, Method, OrderStatus, World};
use crate::fields::{Fields, LEAST_AMOUNT, required};
use crate::outcome::Outcome;
use crate::problem::Problem;

const MEMBERS: [&str; 10] = [
    "amount",
    "currency",
    "order_id",
    "customer_id",
    "token",
    "recurring",
    "email",
    "contact",
    "description",
    "notes",
];

impl World {
    pub(crate) fn collect(&mut self, fields: &Fields) -> Result<Value, Problem> {
        fields.only(&MEMBERS)?;
        if fields.flag("recurring")? != Some(true) {
            return Err(required("recurring"));
        }
        let token = fields.required_text("token", 40)?;
        let order = self.order_to_collect(fields)?;
        let method = self.allowed(&token, fields)?;
        let attempt = Attempt {
            email: Some(self.reachable(fields)?),
            contact: fields.text("contact", 15)?,
            description: fields.text("description", 255)?,
            token: Some(token.clone()),
            notes: fields.notes()?,
            ..Attempt::new(method, Outcome::Pending)
        };
        let payment = self.begin(&order, attempt)?;
        let due = self.now + i64::from(self.behaviour.collection_delay);
        self.payment_mut(&payment)?.decided_at = Some(due);
        self.books.undecided.insert((due, payment.clone()));
        self.used(&token);
        let answer = self.vouch_for_order(&payment)?;
        self.turn(self.now * 1_000);
        Ok(answer)
    }

    /// The order, whose amount and currency must be those that are asked for.
    fn order_to_collect(&self, fields: &Fields) -> Result<String, Problem> {
        let id = fields.required_text("order_id", 40)?;
        let amount = fields.required_amount("amount", LEAST_AMOUNT)?;
        let currency = fields.currency("currency")?;
        let order = self.order(&id)?;
        if (amount, &currency) != (order.amount, &order.currency) {
            let description = "Payment amount is different from your order amount.";
            return Err(Problem::input("amount", description));
        }
        let waiting = self.payments_of(&id).any(|payment| payment.decided_at.is_some());
        if waiting && order.status != OrderStatus::Paid {
            return Err(Problem::state("A payment of this order is under way"));
        }
        Ok(id)
    }

    /// What the mandate says to that; gives the method it is collected by.
    fn allowed(&self, token: &str, fields: &Fields) -> Result<Method, Problem> {
        let customer = fields.required_text("customer_id", 40)?;
        let token = self.token(&customer, token)?;
        if token.status != TokenStatus::Confirmed || token.expired_at <= self.now {
            let problem = Problem::input("token", "The token is not active for recurring payments");
            return Err(problem.because("token_not_active"));
        }
        let amount = fields.required_amount("amount", LEAST_AMOUNT)?;
        if amount > token.max_amount {
            let problem = Problem::input(
                "amount",
                "The amount exceeds the maximum amount allowed for the mandate",
            );
            return Err(problem.because("mandate_amount_exceeded"));
        }
        Ok(token.method)
    }

    /// Where the customer is told of it.
    fn reachable(&self, fields: &Fields) -> Result<String, Problem> {
        if self.behaviour.contact_required {
            fields.required_text("contact", 15)?;
        }
        let email = fields.required_text("email", 255)?;
        if is_address(&email) {
            return Ok(email);
        }
        Err(Problem::input(
            "email",
            "The email must be a valid email address.",
        ))
    }

    /// Decides a collection.
    pub(super) fn decide(&mut self, payment: &str) {
        let Ok(found) = self.payment_mut(payment) else {
            return;
        };
        // It may have been decided by hand meanwhile.
        if found.decided_at.take().is_none() {
            return;
        }
        let token = found.token_id.clone().unwrap_or_default();
        let outcome = self.verdict(&token);
        // A payment that is on the agenda is open, so this cannot be refused.
        let _ = self.settle(payment, outcome);
    }

    /// A test decides a payment that hangs.
    pub(crate) fn settle_by_hand(&mut self, payment: &str, outcome: Outcome) -> Result<Value, Problem> {
        self.settle(payment, outcome)?;
        self.payment_mut(payment)?.decided_at = None;
        let shown = crate::page::Entity::show(self.payment(payment)?);
        Ok(json!(shown))
    }
}

#[cfg(test)]
mod tests;
