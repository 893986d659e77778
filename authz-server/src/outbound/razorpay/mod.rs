//! Razorpay, or what speaks like it: orders, payments, refunds, mandates and subscriptions by its REST API, and its messages.
//! Refuses redirects, slow and large answers; repeats nothing that could be done twice.

mod ask;
mod configured;
mod entity;
mod event;
mod lenient;
mod orders;
mod payments;
mod sandbox_keys;
mod subscriptions;
mod tokens;

use std::time::Duration;

use async_trait::async_trait;
use domain::billing::gateway::{
    Checkout, Collection, Event, EventError, NewOrder, NewPlan, NewSubscription, Order, Payment,
    PlannedChange, Refund, Subscription, SubscriptionChange, Token,
};
use domain::billing::{GatewayError, PaymentGateway};
use model::billing::Money;
use url::Url;

pub use configured::payments;
pub use sandbox_keys::SandboxKeys;

use super::federation::{Outside, ProvidersError};
use super::hmac_tag;
use crate::config::Secret;

/// A list of a hundred payments has about half of it.
const MOST_BYTES: usize = 1024 * 1024;

/// What the adapter needs to know.
pub struct RazorpaySettings {
    pub key_id: String,
    pub key_secret: Secret,
    /// The ones that were replaced, too: messages that are sent again keep the old signature.
    pub webhook_secrets: Vec<Secret>,
    /// Without `/v1`.
    pub base_url: Url,
    pub checkout: Checkout,
    /// Of one call.
    pub timeout: Duration,
}

/// The adapter.
pub struct Razorpay {
    settings: RazorpaySettings,
    outside: Outside,
}

impl Razorpay {
    /// Asks nothing yet.
    ///
    /// # Errors
    /// When there is no TLS to be had.
    pub fn new(settings: RazorpaySettings) -> Result<Self, ProvidersError> {
        let outside = Outside::with_timeout(settings.timeout)?.reading(MOST_BYTES);
        Ok(Self { settings, outside })
    }

    fn vouches(&self, message: &str, signature: &str) -> bool {
        let secret = self.settings.key_secret.expose();
        hmac_tag::verifies(secret, message.as_bytes(), signature)
    }
}

#[async_trait]
impl PaymentGateway for Razorpay {
    fn key_id(&self) -> &str {
        &self.settings.key_id
    }

    fn checkout(&self) -> Checkout {
        self.settings.checkout.clone()
    }

    async fn create_order(&self, order: &NewOrder) -> Result<Order, GatewayError> {
        self.make_order(order).await
    }

    async fn find_order(&self, id: &str) -> Result<Order, GatewayError> {
        self.read_order(id).await
    }

    async fn find_order_by_receipt(&self, receipt: &str) -> Result<Option<Order>, GatewayError> {
        self.order_of_receipt(receipt).await
    }

    async fn payments_of_order(&self, id: &str) -> Result<Vec<Payment>, GatewayError> {
        self.list_payments(id).await
    }

    async fn find_payment(&self, id: &str) -> Result<Payment, GatewayError> {
        self.read_payment(id).await
    }

    async fn capture(&self, payment: &str, amount: Money) -> Result<Payment, GatewayError> {
        self.capture_payment(payment, amount).await
    }

    async fn refund(&self, payment: &str, amount: Money, receipt: &str) -> Result<Refund, GatewayError> {
        self.make_refund((payment, amount), receipt).await
    }

    async fn refunds_of_payment(&self, payment: &str) -> Result<Vec<Refund>, GatewayError> {
        self.list_refunds(payment).await
    }

    async fn create_customer(&self, name: &str, email: &str, account: &str) -> Result<String, GatewayError> {
        self.make_customer((name, email), account).await
    }

    async fn find_token(&self, customer: &str, token: &str) -> Result<Token, GatewayError> {
        self.read_token(customer, token).await
    }

    async fn delete_token(&self, customer: &str, token: &str) -> Result<(), GatewayError> {
        self.end_token(customer, token).await
    }

    async fn collect(&self, collection: &Collection) -> Result<String, GatewayError> {
        self.make_collection(collection).await
    }

    async fn payments_of_subscription(&self, id: &str) -> Result<Vec<String>, GatewayError> {
        self.list_period_payments(id).await
    }

    async fn create_plan(&self, plan: &NewPlan) -> Result<String, GatewayError> {
        self.make_plan(plan).await
    }

    async fn create_subscription(
        &self,
        subscription: &NewSubscription,
    ) -> Result<Subscription, GatewayError> {
        self.make_subscription(subscription).await
    }

    async fn find_subscription(&self, id: &str) -> Result<Subscription, GatewayError> {
        self.read_subscription(id).await
    }

    async fn change_subscription(
        &self,
        id: &str,
        change: &SubscriptionChange,
    ) -> Result<Subscription, GatewayError> {
        self.edit_subscription(id, change).await
    }

    async fn planned_change(&self, id: &str) -> Result<Option<PlannedChange>, GatewayError> {
        self.read_planned_change(id).await
    }

    async fn drop_planned_change(&self, id: &str) -> Result<Subscription, GatewayError> {
        self.keep_subscription(id).await
    }

    async fn cancel_subscription(&self, id: &str, at_period_end: bool) -> Result<Subscription, GatewayError> {
        self.end_subscription(id, at_period_end).await
    }

    async fn pause_subscription(&self, id: &str) -> Result<Subscription, GatewayError> {
        self.rest_subscription(id).await
    }

    async fn resume_subscription(&self, id: &str) -> Result<Subscription, GatewayError> {
        self.wake_subscription(id).await
    }

    fn read_event(&self, body: &[u8], signature: &str, event_id: &str) -> Result<Event, EventError> {
        let secrets = self.settings.webhook_secrets.iter();
        let mut genuine = false;
        for secret in secrets {
            genuine |= hmac_tag::verifies(secret.expose(), body, signature);
        }
        if !genuine {
            return Err(EventError::Forged);
        }
        event::read(body, event_id)
    }

    fn vouches_for_order(&self, order: &str, payment: &str, signature: &str) -> bool {
        self.vouches(&format!("{order}|{payment}"), signature)
    }

    /// The other way round than for an order: that is how Razorpay signs it.
    fn vouches_for_subscription(&self, subscription: &str, payment: &str, signature: &str) -> bool {
        self.vouches(&format!("{payment}|{subscription}"), signature)
    }
}
