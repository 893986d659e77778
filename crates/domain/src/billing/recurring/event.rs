//! What an event of the gateway means for mandates and subscriptions.
//! Refuses what is about nothing of ours, and money in another currency.

use model::audit::Actor;
use model::billing::{Mandate, MandateEvent, MandateStatus, Subscription};
use model::{Ctx, Timestamp};
use serde_json::json;
use storage::Writer;

use super::BillingNews;
use super::hear::News;
use super::set_up::happened;
use super::subscriptions::is_paid;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::billing::gateway::{Event, Payment, Token, TokenStatus};
use crate::billing::{Posted, Purpose, Received};
use crate::fault::Fault;

impl Authority {
    /// In the write that notes the event. Payments of our own orders are applied elsewhere, with their orders.
    pub(crate) async fn apply_recurring_event(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        event: &Event,
    ) -> Result<(), Fault> {
        if let Some(told) = &event.subscription {
            let ours = storage::subscriptions::find(w, &told.id).await?;
            // Money first: whoever moves it holds the wallet, and only then what hangs on it.
            if let (Some(ours), Some(payment)) = (ours, event.payment.as_ref().filter(|one| is_paid(one))) {
                let plan = storage::gateway_names::find_plan_name(w, &told.plan).await?;
                // What was paid for is as the message says: news of a change may come after it.
                let paid = Subscription {
                    plan: plan.unwrap_or_else(|| ours.plan.clone()),
                    quantity: told.quantity,
                    ..ours
                };
                self.receive_for_subscription(w, ctx, (&paid, payment)).await?;
            }
            let news = News {
                told: told.clone(),
                at: event.at,
                before: None,
                coming: None,
                ends: None,
            };
            self.hear_of_subscription(w, ctx, news).await?;
        }
        if let Some(token) = &event.token {
            self.hear_of_token(w, ctx, (token, event.at)).await?;
        }
        Ok(())
    }

    /// A period's payment is booked once, whoever tells of it.
    pub(super) async fn receive_for_subscription(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (subscription, payment): (&Subscription, &Payment),
    ) -> Result<(), Fault> {
        if payment.amount.currency != self.settings.billing.currency {
            tracing::error!(subscription = subscription.id, payment = payment.id, paid = %payment.amount, "a payment in another currency; it is not booked");
            return Ok(());
        }
        let seats = match subscription.quantity {
            1 => "1 seat".to_owned(),
            many => format!("{many} seats"),
        };
        let received = Received {
            account: subscription.account.clone(),
            payment: payment.id.clone(),
            amount: payment.amount,
            purpose: Purpose::Subscription {
                plan: format!("{}, {seats}", self.plan_title(&subscription.plan)),
            },
        };
        if let Posted::New { .. } = self.receive(w, ctx, &received).await? {
            let happened = Happened {
                actor: Actor::System,
                action: "billing.subscription_paid",
                target: Some(subscription.id.clone()),
                detail: json!({
                    "account": subscription.account,
                    "payment": payment.id,
                    "amount": payment.amount.minor,
                    "currency": payment.amount.currency,
                }),
            };
            record(w, ctx, happened).await?;
            storage::subscriptions::booked(w, &subscription.id).await?;
        }
        Ok(())
    }

    pub(super) async fn hear_of_token(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (token, at): (&Token, Timestamp),
    ) -> Result<(), Fault> {
        let Some(found) = mandate_of(w, token).await? else {
            return Ok(());
        };
        let held = storage::mandates::hold(w, &found.id.to_string()).await?;
        let Some(mut mandate) = held else { return Ok(()) };
        let was = mandate.clone();
        mandate.token.get_or_insert_with(|| token.id.clone());
        if let Some(told) = told_by(token.status) {
            mandate.hear(told, at);
        }
        if mandate == was {
            return Ok(());
        }
        storage::mandates::update(w, &mandate).await?;
        if mandate.status == was.status {
            return Ok(());
        }
        let action = match was.status {
            MandateStatus::Created if !mandate.status.is_final() => "billing.autopay_activated",
            _ => "billing.autopay_changed",
        };
        record(w, ctx, happened(Actor::System, action, &mandate)).await?;
        if mandate.status == MandateStatus::Active {
            return self.collect_if_low(w, ctx, &mandate.account).await;
        }
        storage::collections::cancel_unbegun(w, &mandate.id.to_string(), ctx.now).await?;
        let news = BillingNews::AutopayStopped {
            status: mandate.status.as_str().to_owned(),
        };
        self.tell_readers(w, ctx, &mandate.account, news).await
    }
}

/// By its token; the first news of a token may come before the payment that made it.
async fn mandate_of(w: &mut Writer, token: &Token) -> Result<Option<Mandate>, Fault> {
    let known = storage::mandates::find_by_token(w, &token.id).await?;
    let Some(customer) = token.customer.as_deref().filter(|_| known.is_none()) else {
        return Ok(known);
    };
    Ok(storage::mandates::find_waiting_of_customer(w, customer).await?)
}

const fn told_by(status: TokenStatus) -> Option<MandateEvent> {
    match status {
        TokenStatus::Initiated => None,
        TokenStatus::Confirmed => Some(MandateEvent::Confirmed),
        TokenStatus::Rejected => Some(MandateEvent::Rejected),
        TokenStatus::Paused => Some(MandateEvent::PausedAtGateway),
        TokenStatus::Cancelled => Some(MandateEvent::Cancelled),
    }
}
