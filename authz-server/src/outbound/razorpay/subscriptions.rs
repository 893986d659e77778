//! Plans and subscriptions.
//! Refuses to repeat what has no name of ours: whoever asks keeps what was answered.

use domain::billing::GatewayError;
use domain::billing::gateway::{NewPlan, NewSubscription, PlanPeriod, Subscription, SubscriptionChange};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Razorpay;
use super::ask::{Change, segment};
use super::entity::{Items, Named, SubscriptionEntity};

/// What is read of an invoice of the gateway's own.
#[derive(Deserialize)]
struct InvoiceEntity {
    payment_id: Option<String>,
}

impl Razorpay {
    pub(super) async fn make_plan(&self, plan: &NewPlan) -> Result<String, GatewayError> {
        let period = match plan.period {
            PlanPeriod::Monthly => "monthly",
            PlanPeriod::Yearly => "yearly",
        };
        let item = json!({
            "name": plan.name,
            "amount": plan.amount.minor,
            "currency": plan.amount.currency,
        });
        let body = json!({"period": period, "interval": 1, "item": item});
        let made: Named = self.change(Change::post("/plans".to_owned(), body)).await?;
        Ok(segment(&made.id)?.to_owned())
    }

    pub(super) async fn make_subscription(
        &self,
        wish: &NewSubscription,
    ) -> Result<Subscription, GatewayError> {
        let body = json!({
            "plan_id": wish.plan,
            "quantity": wish.quantity,
            "total_count": wish.total_count,
            "customer_notify": true,
            "notes": {"account": wish.account},
        });
        let made: SubscriptionEntity = self
            .change(Change::post("/subscriptions".to_owned(), body))
            .await?;
        Ok(made.try_into()?)
    }

    pub(super) async fn read_subscription(&self, id: &str) -> Result<Subscription, GatewayError> {
        let path = format!("/subscriptions/{}", segment(id)?);
        let found: SubscriptionEntity = self.get(&path).await?;
        Ok(found.try_into()?)
    }

    /// Each period has an invoice there, and the invoice its payment.
    pub(super) async fn list_period_payments(&self, id: &str) -> Result<Vec<String>, GatewayError> {
        let path = format!(
            "/invoices?type=invoice&subscription_id={}&count=100",
            segment(id)?
        );
        let found: Items<InvoiceEntity> = self.get(&path).await?;
        let paid = found.items.into_iter().filter_map(|invoice| invoice.payment_id);
        Ok(paid.collect())
    }

    pub(super) async fn edit_subscription(
        &self,
        id: &str,
        wish: &SubscriptionChange,
    ) -> Result<Subscription, GatewayError> {
        let when = if wish.at_period_end { "cycle_end" } else { "now" };
        let mut body = json!({"schedule_change_at": when});
        if let Some(plan) = &wish.plan {
            body["plan_id"] = json!(plan);
        }
        if let Some(quantity) = wish.quantity {
            body["quantity"] = json!(quantity);
        }
        let path = format!("/subscriptions/{}", segment(id)?);
        let change = Change {
            method: Method::PATCH,
            ..Change::post(path, body)
        };
        let changed: SubscriptionEntity = self.change(change).await?;
        Ok(changed.try_into()?)
    }

    pub(super) async fn end_subscription(
        &self,
        id: &str,
        at_period_end: bool,
    ) -> Result<Subscription, GatewayError> {
        let body = json!({"cancel_at_cycle_end": i32::from(at_period_end)});
        self.steer(id, ("cancel", body)).await
    }

    pub(super) async fn rest_subscription(&self, id: &str) -> Result<Subscription, GatewayError> {
        self.steer(id, ("pause", json!({"pause_at": "now"}))).await
    }

    pub(super) async fn wake_subscription(&self, id: &str) -> Result<Subscription, GatewayError> {
        self.steer(id, ("resume", json!({"resume_at": "now"}))).await
    }

    async fn steer(&self, id: &str, (verb, body): (&str, Value)) -> Result<Subscription, GatewayError> {
        let path = format!("/subscriptions/{}/{verb}", segment(id)?);
        let now: SubscriptionEntity = self.change(Change::post(path, body)).await?;
        Ok(now.try_into()?)
    }
}
