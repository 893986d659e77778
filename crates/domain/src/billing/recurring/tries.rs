//! What becomes of a collection's payments: it is paid, tried again by the schedule, or given up and its mandate paused.
//! Refuses to count one failed payment twice, and to forget money that comes late.

use model::Ctx;
use model::audit::Actor;
use model::billing::collection::next_try;
use model::billing::{
    Collection, CollectionId, CollectionState, MandateEvent, MandateStatus, OrderPurpose, PaymentOrder,
};
use storage::Writer;

use super::BillingNews;
use super::set_up::happened;
use crate::audit::record;
use crate::authority::Authority;
use crate::billing::gateway::{Payment, PaymentStatus};
use crate::fault::Fault;
use crate::jobs::Job;

/// As long as people read it.
const LONGEST_REASON: usize = 200;

impl Authority {
    /// What a payment of an order of ours means for what recurs; whoever tells of it, in the write that has booked it.
    pub(crate) async fn apply_recurring_payment(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (order, payment): (&PaymentOrder, &Payment),
    ) -> Result<(), Fault> {
        let captured = matches!(payment.status, PaymentStatus::Captured | PaymentStatus::Refunded);
        match order.purpose {
            OrderPurpose::Topup => Ok(()),
            OrderPurpose::Mandate if captured => self.apply_mandate_payment(w, ctx, (order, payment)).await,
            OrderPurpose::Mandate => Ok(()),
            OrderPurpose::Autopay if captured => self.collected(w, ctx, (order.id, payment)).await,
            OrderPurpose::Autopay if payment.status == PaymentStatus::Failed => {
                let why = payment.failure.as_deref().unwrap_or("the payment failed");
                self.failed_try(w, ctx, order.id, (&payment.id, why)).await
            }
            OrderPurpose::Autopay => Ok(()),
        }
    }

    async fn collected(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (id, payment): (CollectionId, &Payment),
    ) -> Result<(), Fault> {
        let held = storage::collections::hold(w, &id.to_string()).await?;
        let Some(mut collection) = held.filter(|held| held.state != CollectionState::Paid) else {
            return Ok(());
        };
        collection.state = CollectionState::Paid;
        collection.payment = Some(payment.id.clone());
        collection.settled_at = Some(ctx.now);
        storage::collections::update(w, &collection).await?;
        self.collect_if_low(w, ctx, &collection.account).await
    }

    /// A try of which nobody tells but ourselves.
    pub(super) async fn count_failure(
        &self,
        ctx: &Ctx,
        id: CollectionId,
        (name, why): (&str, &str),
    ) -> Result<(), Fault> {
        let (authority, at) = (self.clone(), ctx.clone());
        let (name, why) = (name.to_owned(), why.to_owned());
        let work = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move { authority.failed_try(w, &at, id, (&name, &why)).await })
        });
        work.await?;
        self.ring();
        Ok(())
    }

    async fn failed_try(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        id: CollectionId,
        (payment, why): (&str, &str),
    ) -> Result<(), Fault> {
        let key = id.to_string();
        let Some(found) = storage::collections::find(w, &key).await? else {
            return Ok(());
        };
        // Whoever needs both holds the mandate first.
        storage::mandates::hold(w, &found.mandate.to_string()).await?;
        let Some(mut collection) = storage::collections::hold(w, &key).await? else {
            return Ok(());
        };
        let why: String = why.chars().take(LONGEST_REASON).collect();
        let new = storage::collections::note_failure(w, (&key, payment), Some(&why), ctx.now).await?;
        let other = collection.payment.as_deref().is_some_and(|open| open != payment);
        if !new || other && payment != "waited-out" || collection.state != CollectionState::Open {
            return Ok(());
        }
        collection.failures += 1;
        collection.payment = None;
        let retries = &self.settings.billing.recurring.retries;
        match next_try(retries, collection.failures, ctx.now) {
            Some(at) => {
                collection.next_at = at;
                storage::collections::update(w, &collection).await?;
                self.enqueue_at(w, ctx, &Job::Collect { collection: id }, at)
                    .await?;
                let news = BillingNews::CollectionFailed {
                    amount: collection.amount,
                    reason: why,
                    next_at: at,
                };
                self.tell_readers(w, ctx, &collection.account, news).await
            }
            None => self.give_up(w, ctx, (collection, why)).await,
        }
    }

    /// Every try is used up: the mandate collects nothing more until its owner says so.
    async fn give_up(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (mut collection, why): (Collection, String),
    ) -> Result<(), Fault> {
        collection.state = CollectionState::Failed;
        collection.settled_at = Some(ctx.now);
        storage::collections::update(w, &collection).await?;
        let held = storage::mandates::hold(w, &collection.mandate.to_string()).await?;
        let Some(mut mandate) = held.filter(|held| held.status == MandateStatus::Active) else {
            return Ok(());
        };
        mandate
            .take(MandateEvent::GiveUp, ctx.now)
            .map_err(super::activate::refused)?;
        storage::mandates::update(w, &mandate).await?;
        record(
            w,
            ctx,
            happened(Actor::System, "billing.autopay_paused", &mandate),
        )
        .await?;
        let news = BillingNews::AutopayPaused {
            amount: collection.amount,
            reason: why,
        };
        self.tell_readers(w, ctx, &collection.account, news).await
    }
}
