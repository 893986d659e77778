//! The first payment: its owner lets the merchant charge.
//! Takes the first period at once, or a token amount that is given back when it begins later.

use serde_json::Value;

use super::SubscriptionStatus;
use crate::outcome::Outcome;
use crate::problem::Problem;
use crate::world::order::{Order, OrderStatus};
use crate::world::{Attempt, World};

/// What is taken, and given back, to see whether an instrument can be charged.
const TOKEN_AMOUNT: i64 = 500;

impl World {
    /// Somebody authenticates a subscription, or fails to; gives the payment.
    pub(crate) fn authenticate_subscription(
        &mut self,
        id: &str,
        attempt: Attempt,
    ) -> Result<String, Problem> {
        let found = self.subscription(id)?;
        found.status.may_be_authenticated()?;
        let later = found.start_at.is_some();
        if attempt.outcome == Outcome::Pending {
            return Err(Problem::input("outcome", "The selected outcome is invalid."));
        }
        let succeeds = attempt.outcome == Outcome::Success;
        if !succeeds {
            self.subscription_mut(id)?.auth_attempts += 1;
        }
        if later {
            return self.authenticate_for_later(id, attempt, succeeds);
        }
        if !succeeds {
            let (amount, currency) = self.price(id)?;
            let order = self.order_of_subscription(id, amount, currency)?;
            return self.attempt(&order, attempt);
        }
        self.owned(id, &attempt)?;
        let now = self.now;
        let found = self.subscription_mut(id)?;
        found.start_at = Some(now);
        found.status = SubscriptionStatus::Authenticated;
        found.auth_attempts = 0;
        self.charge_with(id, attempt)
    }

    fn authenticate_for_later(
        &mut self,
        id: &str,
        attempt: Attempt,
        succeeds: bool,
    ) -> Result<String, Problem> {
        let (_, currency) = self.price(id)?;
        let order = self.order_of_subscription(id, TOKEN_AMOUNT, currency)?;
        if !succeeds {
            return self.attempt(&order, attempt);
        }
        self.owned(id, &attempt)?;
        let token = self.subscription(id)?.token_id.clone();
        let payment = self.attempt(&order, Attempt { token, ..attempt })?;
        let found = self.subscription_mut(id)?;
        found.status = SubscriptionStatus::Authenticated;
        found.auth_attempts = 0;
        found.was_authenticated = true;
        self.give_back_all(&payment)?;
        self.tell("subscription.authenticated", id, Some(&payment));
        Ok(payment)
    }

    /// Notes who pays, and by what.
    fn owned(&mut self, id: &str, attempt: &Attempt) -> Result<(), Problem> {
        let customer = self.subscription(id)?.customer_id.clone();
        let customer = match customer {
            Some(customer) => customer,
            None => self.customer_at(attempt.email.as_deref()),
        };
        let token = self.token_of_subscription(&customer, attempt.method);
        let found = self.subscription_mut(id)?;
        found.customer_id = Some(customer);
        found.method = Some(attempt.method);
        found.token_id = Some(token);
        Ok(())
    }

    /// An order of the gateway's own, which is captured whatever the merchant has set.
    pub(super) fn order_of_subscription(
        &mut self,
        id: &str,
        amount: i64,
        currency: String,
    ) -> Result<String, Problem> {
        let customer_id = self.subscription(id)?.customer_id.clone();
        let order = Order {
            id: self.id("order"),
            amount,
            amount_paid: 0,
            currency,
            receipt: None,
            status: OrderStatus::Created,
            attempts: 0,
            method: None,
            customer_id,
            mandate: None,
            invoice_id: None,

            capture: Some(true),
            notes: crate::notes::Notes::default(),
            created_at: self.now,
        };
        let order_id = order.id.clone();
        let _: Value = self.open(order);
        Ok(order_id)
    }
}
