//! The handle of a test: plays the part of people and banks, moves the clock, and makes the sandbox fail.
//! Can do nothing that the doors below `/sandbox/` cannot.

use std::sync::Arc;

use serde_json::Value;
use url::Url;

use crate::fault::{Failure, When};
use crate::outcome::Outcome;
use crate::post::Event;
use crate::problem::Problem;
use crate::settings::Behaviour;
use crate::shared::{Seen, Shared};
use crate::world::{Attempt, Method, World};

/// What was asked for does not fit; the text is what the API would say.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self(problem.description)
    }
}

/// A handle to a running sandbox; clones are handles to the same one.
#[derive(Clone)]
pub struct Control {
    shared: Arc<Shared>,
}

impl Control {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    fn with<T>(&self, work: impl FnOnce(&mut World) -> T) -> T {
        let done = work(&mut self.shared.turned());
        self.shared.changed();
        done
    }

    /// The sandbox's clock, in Unix seconds.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.shared.clock.now_ms() / 1_000
    }

    /// Moves the clock on, and lets everything happen that comes due.
    pub fn advance(&self, seconds: u32) {
        self.shared.clock.advance(seconds);
        self.with(|_| ());
    }

    /// Where events go from now on, and what they are signed with. Events of before keep their signature, also in retries.
    pub fn set_webhook(&self, url: Option<Url>, secret: &str) {
        self.with(|world| {
            world.webhook_url = url;
            secret.clone_into(&mut world.keys.webhook);
        });
    }

    /// Changes how it behaves from now on.
    pub fn behave(&self, change: impl FnOnce(&mut Behaviour)) {
        self.with(|world| change(&mut world.behaviour));
    }

    /// Lets the next calls of a route fail, such as `POST /v1/payments/:id/refund`; `* *` is every route.
    pub fn fail(&self, route: &str, failure: Failure, when: When, times: u32) {
        self.with(|world| world.faults.arm(route, failure, when, times));
    }

    /// Forgets the failures that have not struck yet, and lets go of the answers that are held.
    pub fn clear_failures(&self) {
        self.with(|world| world.faults.clear());
        self.shared.release.notify_waiters();
    }

    /// Waits until an answer is held: what was asked for has been done by then, if it is held [`When::After`].
    pub async fn hanging(&self) {
        let mut hanging = self.shared.hanging.subscribe();
        // The sender lives as long as this handle, so waiting cannot fail.
        let _ = hanging.wait_for(|count| *count > 0).await;
    }

    /// What the next collections of a token or subscription come to, or of any.
    pub fn next_charges(&self, subject: Option<&str>, outcome: Outcome, times: u32) {
        self.with(|world| world.verdicts.next(subject.map(str::to_owned), outcome, times));
    }

    /// Lets the next refunds fail.
    pub fn fail_refunds(&self, times: u32) {
        self.with(|world| world.verdicts.fail_refunds(times));
    }

    /// Pays an order as if somebody had, and gives what the checkout hands to the merchant:
    /// `razorpay_payment_id`, `razorpay_order_id`, `razorpay_signature`. A mandate is authenticated this way too.
    ///
    /// # Errors
    /// When there is no such order, it is paid, or the method is unknown.
    pub fn pay_order(&self, order: &str, method: &str, outcome: Outcome) -> Result<Value, Refused> {
        let method = named(method)?;
        self.with(|world| {
            let payment = world.attempt(order, Attempt::new(method, outcome))?;
            Ok(world.vouch_for_order(&payment)?)
        })
    }

    /// Authenticates a subscription as if its owner had, and gives `razorpay_payment_id`, `razorpay_subscription_id` and
    /// `razorpay_signature`.
    ///
    /// # Errors
    /// When there is no such subscription, it is not `created`, or the method is unknown.
    pub fn authenticate_subscription(
        &self,
        subscription: &str,
        method: &str,
        outcome: Outcome,
    ) -> Result<Value, Refused> {
        let attempt = Attempt::new(named(method)?, outcome);
        self.with(|world| {
            let payment = world.authenticate_subscription(subscription, attempt)?;
            Ok(world.vouch_for_subscription(subscription, &payment)?)
        })
    }

    /// Pays what a charge could not collect: a pending or halted subscription becomes active.
    ///
    /// # Errors
    /// When there is no such subscription, or nothing is open.
    pub fn pay_subscription(
        &self,
        subscription: &str,
        method: &str,
        outcome: Outcome,
    ) -> Result<Value, Refused> {
        let attempt = Attempt::new(named(method)?, outcome);
        self.with(|world| {
            let payment = world.pay_subscription(subscription, attempt)?;
            Ok(world.vouch_for_subscription(subscription, &payment)?)
        })
    }

    /// What the bank or the customer does with a mandate: `confirmed`, `rejected`, `paused`, `cancelled`.
    ///
    /// # Errors
    /// When there is no such token, or it cannot become that.
    pub fn change_token(&self, token: &str, status: &str) -> Result<Value, Refused> {
        let known = serde_json::from_value(Value::String(status.to_owned()));
        let status = known.map_err(|_| Refused(format!("no status '{status}'")))?;
        Ok(self.with(|world| world.change_token(token, status))?)
    }

    /// What the next mandate is, instead of confirmed: `initiated` or `rejected`.
    ///
    /// # Errors
    /// When there is no such status.
    pub fn next_mandate(&self, status: &str) -> Result<(), Refused> {
        let known = serde_json::from_value(Value::String(status.to_owned()));
        let status = known.map_err(|_| Refused(format!("no status '{status}'")))?;
        self.with(|world| world.verdicts.next_token = Some(status));
        Ok(())
    }

    /// Decides a payment that hangs.
    ///
    /// # Errors
    /// When there is no such payment, or it is decided.
    pub fn settle_payment(&self, payment: &str, outcome: Outcome) -> Result<Value, Refused> {
        Ok(self.with(|world| world.settle_by_hand(payment, outcome))?)
    }

    /// Every event so far, oldest first, with what its deliveries were answered.
    #[must_use]
    pub fn events(&self) -> Vec<Event> {
        self.with(|world| world.post.events().cloned().collect())
    }

    /// Delivers an event once more; false when there is none of that id.
    #[must_use]
    pub fn deliver_again(&self, event: &str) -> bool {
        self.with(|world| world.post.again(event))
    }

    /// Every call of the API so far, oldest first.
    #[must_use]
    pub fn calls(&self) -> Vec<Seen> {
        self.shared.seen()
    }

    /// Waits until every event has been posted that can be posted now: with a frozen clock what is due, else all first
    /// deliveries, and no retries.
    pub async fn settled(&self) {
        let mut news = self.shared.news.subscribe();
        let frozen = self.shared.clock.is_frozen();
        let quiet = |_: &u64| {
            let world = self.shared.turned();
            let held = world.behaviour.webhooks.hold || world.webhook_url.is_none();
            world.post.is_quiet(frozen, held)
        };
        // The sender lives as long as this handle, so waiting cannot fail.
        let _ = news.wait_for(quiet).await;
    }
}

fn named(method: &str) -> Result<Method, Refused> {
    let known = serde_json::from_value(Value::String(method.to_owned()));
    known.map_err(|_| Refused(format!("no method '{method}'")))
}
