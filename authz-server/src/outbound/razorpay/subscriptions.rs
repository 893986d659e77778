//! Plans and subscriptions.
//! Refuses to make a subscription twice: one whose answer was lost is found again by our own name.

use domain::billing::GatewayError;
use domain::billing::gateway::{
    NewPlan, NewSubscription, PlanPeriod, PlannedChange, Subscription, SubscriptionChange,
};
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

/// A subscription, and the notes that it was made with.
#[derive(Deserialize)]
struct Noted {
    #[serde(default)]
    notes: Value,
    #[serde(flatten)]
    subscription: SubscriptionEntity,
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
            "notes": {"account": wish.account, "receipt": wish.receipt},
        });
        let change = Change::post("/subscriptions".to_owned(), body);
        let broken = match self.change::<SubscriptionEntity>(change).await {
            Err(error @ GatewayError::Unavailable(_)) => error,
            answer => return Ok(answer?.try_into()?),
        };
        // It may have been made: our own name tells.
        let found = self.subscription_of_receipt(wish).await;
        found.ok().flatten().ok_or(broken)
    }

    /// Among the latest of the plan: it was made just now, if it was.
    async fn subscription_of_receipt(
        &self,
        wish: &NewSubscription,
    ) -> Result<Option<Subscription>, GatewayError> {
        let path = format!("/subscriptions?plan_id={}&count=100", segment(&wish.plan)?);
        let found: Items<Noted> = self.get(&path).await?;
        let mut all = found.items.into_iter();
        let ours = all.find(|one| one.notes["receipt"] == json!(wish.receipt));
        Ok(ours.map(|one| one.subscription.try_into()).transpose()?)
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

    /// The subscription as it will be.
    pub(super) async fn read_planned_change(&self, id: &str) -> Result<Option<PlannedChange>, GatewayError> {
        let path = format!("/subscriptions/{}/retrieve_scheduled_changes", segment(id)?);
        let coming: SubscriptionEntity = match self.get(&path).await {
            Err(GatewayError::Refused { .. } | GatewayError::NotFound) => return Ok(None),
            answer => answer?,
        };
        let coming = Subscription::try_from(coming)?;
        Ok(Some(PlannedChange {
            plan: coming.plan,
            quantity: coming.quantity,
        }))
    }

    pub(super) async fn keep_subscription(&self, id: &str) -> Result<Subscription, GatewayError> {
        self.steer(id, ("cancel_scheduled_changes", json!({}))).await
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
