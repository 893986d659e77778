//! The port to the payment gateway: what is asked of it, and what it may answer.
//! Refuses to know HTTP, keys and signatures: they are the adapter's. What it tells is believed only when it vouches for it.

use std::sync::Arc;

use async_trait::async_trait;
use model::Timestamp;
use model::billing::Money;
pub use model::billing::{PlanPeriod, SubscriptionStatus};

/// Why the gateway is of no help. The words are for the log, not for people.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    #[error("not found")]
    NotFound,
    /// It understood and says no; `code` and `reason` are the gateway's own words.
    #[error("refused: {code}: {reason}")]
    Refused { code: String, reason: String },
    /// It may or may not have done what was asked: ask again what is there before doing it again.
    #[error("not available: {0}")]
    Unavailable(String),
}

/// An order: what a payment is made for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Order {
    pub id: String,
    pub amount: Money,
    pub status: OrderStatus,
    /// Our own name of it.
    pub receipt: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OrderStatus {
    Created,
    Attempted,
    Paid,
}

/// What an order is to be.
#[derive(Clone, Debug)]
pub struct NewOrder {
    pub amount: Money,
    /// At most 40 characters.
    pub receipt: String,
    /// The account's number, for whoever reads the gateway's books.
    pub account: String,
    /// For a mandate: the customer whose token the payment makes.
    pub mandate: Option<NewMandate>,
}

/// What a customer lets the gateway collect on its own.
#[derive(Clone, Debug)]
pub struct NewMandate {
    pub customer: String,
    /// The most of one collection, in minor units of the order's currency.
    pub most: i64,
    pub expires_at: Option<Timestamp>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Payment {
    pub id: String,
    pub order: Option<String>,
    /// The gateway's own invoice, for what a subscription collects.
    pub invoice: Option<String>,
    pub amount: Money,
    pub refunded: i64,
    pub status: PaymentStatus,
    pub token: Option<String>,
    pub customer: Option<String>,
    /// Why it failed, for people.
    pub failure: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PaymentStatus {
    Created,
    Authorized,
    Captured,
    Refunded,
    Failed,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refund {
    pub id: String,
    pub payment: String,
    pub amount: Money,
    pub status: RefundStatus,
    /// Our own name of it, if it was asked for here.
    pub receipt: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RefundStatus {
    Pending,
    Processed,
    Failed,
}

/// What a mandate has become.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    pub id: String,
    pub customer: Option<String>,
    pub status: TokenStatus,
    /// The most of one collection, in minor units.
    pub most: Option<i64>,
    pub expires_at: Option<Timestamp>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TokenStatus {
    Initiated,
    Confirmed,
    Rejected,
    Paused,
    Cancelled,
}

/// A collection by mandate.
#[derive(Clone, Debug)]
pub struct Collection {
    pub order: Order,
    pub customer: String,
    pub token: String,
    pub email: String,
    pub description: String,
}

#[derive(Clone, Debug)]
pub struct NewPlan {
    pub name: String,
    /// Of one seat and period.
    pub amount: Money,
    pub period: PlanPeriod,
}

#[derive(Clone, Debug)]
pub struct NewSubscription {
    /// The gateway's id of the plan.
    pub plan: String,
    pub quantity: u32,
    /// Periods until it ends by itself.
    pub total_count: u32,
    /// The account's number.
    pub account: String,
    /// Our own name of it: by this it is found again after a call that broke off.
    pub receipt: String,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subscription {
    pub id: String,
    pub plan: String,
    pub customer: Option<String>,
    pub status: SubscriptionStatus,
    pub quantity: u32,
    pub current_start: Option<Timestamp>,
    pub current_end: Option<Timestamp>,
    pub charge_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub paid_count: u32,
    /// It ends with the period that runs: nothing more is collected.
    pub ends: bool,
    /// When a change is made that waits.
    pub change_at: Option<Timestamp>,
    /// Where its owner authorises it.
    pub short_url: Option<String>,
}

/// A genuine message of the gateway. Its entities are as they were when it happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// The same for every delivery of it.
    pub id: String,
    /// As the gateway names it: `payment.captured`.
    pub name: String,
    pub at: Timestamp,
    pub payment: Option<Payment>,
    pub order: Option<Order>,
    pub refund: Option<Refund>,
    pub token: Option<Token>,
    pub subscription: Option<Subscription>,
}

/// What a message says is not the gateway's, or not a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EventError {
    #[error("not signed with the webhook secret")]
    Forged,
    #[error("not an event of the gateway")]
    Malformed,
}

/// All calls are bounded in time by the adapter. An answer that is larger or other than it may be is `Unavailable`.
#[async_trait]
pub trait PaymentGateway: Send + Sync {
    /// What checkout pages name the operator by; not secret.
    fn key_id(&self) -> &str;

    /// Where people pay.
    fn checkout(&self) -> Checkout;

    async fn create_order(&self, order: &NewOrder) -> Result<Order, GatewayError>;
    async fn find_order(&self, id: &str) -> Result<Order, GatewayError>;
    /// The order that carries our own name, if there is one: for asking after a call that broke off.
    async fn find_order_by_receipt(&self, receipt: &str) -> Result<Option<Order>, GatewayError>;
    async fn payments_of_order(&self, id: &str) -> Result<Vec<Payment>, GatewayError>;
    async fn find_payment(&self, id: &str) -> Result<Payment, GatewayError>;
    async fn capture(&self, payment: &str, amount: Money) -> Result<Payment, GatewayError>;
    /// `receipt`: our own name of it; the gateway refuses a second one of the same name.
    async fn refund(&self, payment: &str, amount: Money, receipt: &str) -> Result<Refund, GatewayError>;
    /// Those of the payment, at most a hundred.
    async fn refunds_of_payment(&self, payment: &str) -> Result<Vec<Refund>, GatewayError>;

    /// The customer with this address; the same one when there is one.
    async fn create_customer(&self, name: &str, email: &str, account: &str) -> Result<String, GatewayError>;
    async fn find_token(&self, customer: &str, token: &str) -> Result<Token, GatewayError>;
    async fn delete_token(&self, customer: &str, token: &str) -> Result<(), GatewayError>;
    /// Begins to collect; what becomes of it is told by events, or by asking for the order's payments.
    async fn collect(&self, collection: &Collection) -> Result<String, GatewayError>;

    async fn create_plan(&self, plan: &NewPlan) -> Result<String, GatewayError>;
    async fn create_subscription(&self, subscription: &NewSubscription)
    -> Result<Subscription, GatewayError>;
    async fn find_subscription(&self, id: &str) -> Result<Subscription, GatewayError>;
    /// The ids of the payments that its periods were paid with, the latest first, at most a hundred.
    async fn payments_of_subscription(&self, id: &str) -> Result<Vec<String>, GatewayError>;
    /// Another quantity or plan, at once or with the next period.
    async fn change_subscription(
        &self,
        id: &str,
        change: &SubscriptionChange,
    ) -> Result<Subscription, GatewayError>;
    /// What it is to be when the change that waits has been made; nothing when none waits.
    async fn planned_change(&self, id: &str) -> Result<Option<PlannedChange>, GatewayError>;
    /// The change that waits will not be made.
    async fn drop_planned_change(&self, id: &str) -> Result<Subscription, GatewayError>;
    async fn cancel_subscription(&self, id: &str, at_period_end: bool) -> Result<Subscription, GatewayError>;
    async fn pause_subscription(&self, id: &str) -> Result<Subscription, GatewayError>;
    async fn resume_subscription(&self, id: &str) -> Result<Subscription, GatewayError>;

    /// A message, if these bytes are signed by the gateway (B01: over the raw bytes, with the webhook secret, in constant
    /// time). `event_id` is the delivery's header.
    ///
    /// # Errors
    /// See [`EventError`].
    fn read_event(&self, body: &[u8], signature: &str, event_id: &str) -> Result<Event, EventError>;

    /// Whether the gateway vouches that the payment was made for the order. Constant time.
    fn vouches_for_order(&self, order: &str, payment: &str, signature: &str) -> bool;
    /// Whether the gateway vouches that the payment authorised the subscription. Constant time.
    fn vouches_for_subscription(&self, subscription: &str, payment: &str, signature: &str) -> bool;
}

/// What a subscription is to be instead.
#[derive(Clone, Debug)]
pub struct SubscriptionChange {
    pub plan: Option<String>,
    pub quantity: Option<u32>,
    /// With the next period; else at once.
    pub at_period_end: bool,
}

/// What a subscription will be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlannedChange {
    /// The gateway's id of the plan.
    pub plan: String,
    pub quantity: u32,
}

/// How people come to pay.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Checkout {
    /// A script that opens the gateway's window over somebody's own page.
    pub script: Option<String>,
    /// A page of the gateway that is gone to with a form, and that sends people back with one.
    pub page: String,
}

/// The gateway, if the deployment has one.
#[derive(Clone, Default)]
pub struct Payments(pub Option<Arc<dyn PaymentGateway>>);
