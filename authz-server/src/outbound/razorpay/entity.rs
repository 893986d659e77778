//! Entities as Razorpay writes them, and what the port makes of them.
//! Refuses states it does not know where money depends on them; ignores everything else it does not know.

use domain::billing::gateway::{
    Order, OrderStatus, Payment, PaymentStatus, Refund, RefundStatus, Subscription, SubscriptionStatus,
    Token, TokenStatus,
};
use model::Timestamp;
use model::billing::{Currency, Money};
use serde::Deserialize;

use super::lenient::Whole;

const LONGEST_TEXT: usize = 200;

/// A member of an entity that can't be believed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unbelievable;

/// `{"entity": "collection", "count": …, "items": […]}`
#[derive(Deserialize)]
pub(super) struct Items<T> {
    pub items: Vec<T>,
}

#[derive(Deserialize)]
pub(super) struct Named {
    pub id: String,
}

#[derive(Deserialize)]
pub(super) struct OrderEntity {
    id: String,
    amount: Whole,
    currency: Currency,
    status: String,
    receipt: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct PaymentEntity {
    id: String,
    amount: Whole,
    currency: Currency,
    status: String,
    order_id: Option<String>,
    invoice_id: Option<String>,
    amount_refunded: Option<Whole>,
    token_id: Option<String>,
    customer_id: Option<String>,
    error_description: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct RefundEntity {
    id: String,
    payment_id: String,
    amount: Whole,
    currency: Currency,
    /// Old refunds have none.
    status: Option<String>,
    receipt: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct TokenEntity {
    id: String,
    customer_id: Option<String>,
    recurring: Option<bool>,
    recurring_details: Option<RecurringDetails>,
    max_amount: Option<Whole>,
    expired_at: Option<Whole>,
}

#[derive(Deserialize)]
struct RecurringDetails {
    status: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct SubscriptionEntity {
    id: String,
    plan_id: String,
    customer_id: Option<String>,
    status: String,
    quantity: Option<Whole>,
    current_start: Option<Whole>,
    current_end: Option<Whole>,
    charge_at: Option<Whole>,
    ended_at: Option<Whole>,
    paid_count: Option<Whole>,
    end_at: Option<Whole>,
    has_scheduled_changes: Option<bool>,
    change_scheduled_at: Option<Whole>,
    short_url: Option<String>,
}

impl TryFrom<OrderEntity> for Order {
    type Error = Unbelievable;

    fn try_from(told: OrderEntity) -> Result<Self, Unbelievable> {
        let status = match told.status.as_str() {
            "created" => OrderStatus::Created,
            "attempted" => OrderStatus::Attempted,
            "paid" => OrderStatus::Paid,
            _ => return Err(Unbelievable),
        };
        Ok(Self {
            id: id(told.id)?,
            amount: Money::new(told.amount.0, told.currency),
            status,
            receipt: told.receipt.map(|text| short(&text)),
        })
    }
}

impl TryFrom<PaymentEntity> for Payment {
    type Error = Unbelievable;

    fn try_from(told: PaymentEntity) -> Result<Self, Unbelievable> {
        let status = match told.status.as_str() {
            "created" => PaymentStatus::Created,
            "authorized" => PaymentStatus::Authorized,
            "captured" => PaymentStatus::Captured,
            "refunded" => PaymentStatus::Refunded,
            "failed" => PaymentStatus::Failed,
            _ => return Err(Unbelievable),
        };
        Ok(Self {
            id: id(told.id)?,
            order: told.order_id.map(id).transpose()?,
            invoice: told.invoice_id.map(id).transpose()?,
            amount: Money::new(told.amount.0, told.currency),
            refunded: told.amount_refunded.map_or(0, |whole| whole.0),
            status,
            token: told.token_id.map(id).transpose()?,
            customer: told.customer_id.map(id).transpose()?,
            failure: told.error_description.map(|text| short(&text)),
        })
    }
}

impl TryFrom<RefundEntity> for Refund {
    type Error = Unbelievable;

    fn try_from(told: RefundEntity) -> Result<Self, Unbelievable> {
        let status = match told.status.as_deref() {
            Some("processed") | None => RefundStatus::Processed,
            Some("pending" | "created") => RefundStatus::Pending,
            Some("failed") => RefundStatus::Failed,
            Some(_) => return Err(Unbelievable),
        };
        Ok(Self {
            id: id(told.id)?,
            payment: id(told.payment_id)?,
            amount: Money::new(told.amount.0, told.currency),
            status,
            receipt: told.receipt.map(|text| short(&text)),
        })
    }
}

impl TryFrom<TokenEntity> for Token {
    type Error = Unbelievable;

    fn try_from(told: TokenEntity) -> Result<Self, Unbelievable> {
        let details = told.recurring_details.and_then(|details| details.status);
        let status = match details.as_deref() {
            Some("confirmed") => TokenStatus::Confirmed,
            Some("rejected") => TokenStatus::Rejected,
            Some("paused") => TokenStatus::Paused,
            Some("cancelled" | "cancellation_initiated") => TokenStatus::Cancelled,
            // Cards that may be charged again carry no details.
            None if told.recurring == Some(true) => TokenStatus::Confirmed,
            // Whatever else: nothing is collected by it yet.
            _ => TokenStatus::Initiated,
        };
        Ok(Self {
            id: id(told.id)?,
            customer: told.customer_id.map(id).transpose()?,
            status,
            most: told.max_amount.map(|whole| whole.0),
            expires_at: told.expired_at.and_then(instant),
        })
    }
}

impl TryFrom<SubscriptionEntity> for Subscription {
    type Error = Unbelievable;

    fn try_from(told: SubscriptionEntity) -> Result<Self, Unbelievable> {
        let count = |whole: Option<Whole>, none: u32| match whole {
            None => Ok(none),
            Some(whole) => u32::try_from(whole.0).map_err(|_| Unbelievable),
        };
        let status = subscription_status(&told.status)?;
        let current_end = told.current_end.and_then(instant);
        let charge_at = told.charge_at.and_then(instant);
        let is_last = current_end.is_some() && told.end_at.and_then(instant) == current_end;
        let waits = told.has_scheduled_changes == Some(true);
        let change_at = told.change_scheduled_at.and_then(instant);
        Ok(Self {
            id: id(told.id)?,
            plan: id(told.plan_id)?,
            customer: told.customer_id.map(id).transpose()?,
            status,
            quantity: count(told.quantity, 1)?,
            current_start: told.current_start.and_then(instant),
            current_end,
            charge_at,
            ends: status == SubscriptionStatus::Active && is_last && charge_at.is_none(),
            change_at: change_at.or(charge_at).or(current_end).filter(|_| waits),
            ended_at: told.ended_at.and_then(instant),
            paid_count: count(told.paid_count, 0)?,
            short_url: told.short_url.filter(|url| url.len() <= 2048),
        })
    }
}

fn subscription_status(name: &str) -> Result<SubscriptionStatus, Unbelievable> {
    Ok(match name {
        "created" => SubscriptionStatus::Created,
        "authenticated" => SubscriptionStatus::Authenticated,
        "active" => SubscriptionStatus::Active,
        "pending" => SubscriptionStatus::Pending,
        "halted" => SubscriptionStatus::Halted,
        "paused" => SubscriptionStatus::Paused,
        "cancelled" => SubscriptionStatus::Cancelled,
        "completed" => SubscriptionStatus::Completed,
        "expired" => SubscriptionStatus::Expired,
        _ => return Err(Unbelievable),
    })
}

/// Seconds; Razorpay writes 0 where there is none. Nothing it names is later than the year 9999.
fn instant(whole: Whole) -> Option<Timestamp> {
    let known = (1..253_402_300_800).contains(&whole.0);
    known.then(|| Timestamp::from_seconds(whole.0))
}

fn id(text: String) -> Result<String, Unbelievable> {
    super::ask::segment(&text).map_err(|_| Unbelievable)?;
    Ok(text)
}

fn short(text: &str) -> String {
    let plain = text.chars().filter(|letter| !letter.is_control());
    plain.take(LONGEST_TEXT).collect()
}

#[cfg(test)]
mod tests;
