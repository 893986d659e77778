//! Collecting by mandate, step by step; each step asks first what the one before has left behind.
//! Refuses to collect beside somebody else, without a mandate that stands, and while a payment is on its way.

use std::time::Duration;

use model::billing::{Collection, CollectionId, CollectionState, Mandate, MandateStatus, PaymentOrder};
use model::{Ctx, Timestamp};
use storage::StorageError;

use super::running_low::is_leaving;
use crate::authority::Authority;
use crate::billing::gateway::{self, NewOrder, Order, OrderStatus, Payment, PaymentStatus};
use crate::billing::{BillingUnavailable, GatewayError, PaymentGateway, SettleError};
use crate::fault::Fault;

/// Longer than all calls of one step together.
const ALONE: Duration = Duration::from_secs(120);
const FIRST_LOOK: Duration = Duration::from_secs(5 * 60);
const LONGEST_PAUSE: Duration = Duration::from_secs(6 * 60 * 60);
/// A payment that has told nothing for so long will not come.
const WAITED_OUT: Duration = Duration::from_secs(14 * 86_400);

/// All that a step needs to know.
struct Work {
    collection: Collection,
    mandate: Mandate,
    order: PaymentOrder,
}

impl Authority {
    /// Does what is due for a collection: asks for its order, collects, or asks what has become of it.
    ///
    /// # Errors
    /// Storage; a gateway that can't be reached is asked again later.
    pub(crate) async fn collect(&self, ctx: &Ctx, id: CollectionId) -> Result<(), Fault> {
        let until = ctx.now.plus(ALONE);
        if !self.claim_collection(ctx, id, until).await? {
            return Ok(());
        }
        let done = self.step(ctx, id).await;
        self.release_collection(id, until).await?;
        match done {
            Ok(()) => Ok(()),
            Err(SettleError::Unavailable(error)) => {
                tracing::warn!(collection = %id, %error, "a collection has to wait for the gateway");
                self.wait_for_gateway(ctx, id).await
            }
            Err(SettleError::Fault(fault)) => Err(fault),
        }
    }

    async fn step(&self, ctx: &Ctx, id: CollectionId) -> Result<(), SettleError> {
        let gateway = self.gateway()?;
        let Some(work) = self.open_work(id).await? else {
            return Ok(());
        };
        let Some(order) = self.order_at(gateway.as_ref(), &work).await? else {
            return Ok(self.drop_collection(ctx, id).await?);
        };
        let payments = match gateway.payments_of_order(&order).await {
            Err(GatewayError::NotFound) => Vec::new(),
            answer => answer?,
        };
        for payment in &payments {
            self.settle(ctx, payment.clone()).await?;
        }
        let Some(work) = self.open_work(id).await? else {
            return Ok(());
        };
        let on_its_way = payments.iter().any(is_on_its_way);
        if on_its_way && ctx.now.since(work.collection.created_at) < WAITED_OUT {
            return Ok(self.wait_for_gateway(ctx, id).await?);
        }
        if on_its_way {
            let lost = ("waited-out", "the payment did not arrive");
            return Ok(self.count_failure(ctx, id, lost).await?);
        }
        if work.collection.next_at > ctx.now {
            return Ok(());
        }
        self.ask_for_money(ctx, gateway.as_ref(), (work, order)).await
    }

    async fn ask_for_money(
        &self,
        ctx: &Ctx,
        gateway: &dyn PaymentGateway,
        (work, order): (Work, String),
    ) -> Result<(), SettleError> {
        let (id, Some(token)) = (work.collection.id, work.mandate.token.clone()) else {
            return Ok(());
        };
        if !self.may_collect(&work).await? {
            return Ok(self.drop_collection(ctx, id).await?);
        }
        let Ok(payer) = self.payer(ctx, &work.mandate.account).await? else {
            return Ok(self.drop_collection(ctx, id).await?);
        };
        let wish = gateway::Collection {
            order: Order {
                id: order,
                amount: work.collection.amount,
                status: OrderStatus::Created,
                receipt: Some(id.to_string()),
            },
            customer: work.mandate.customer,
            token,
            email: payer.email,
            description: "Automatic top-up".to_owned(),
        };
        match gateway.collect(&wish).await {
            Ok(payment) => Ok(self.note_payment(ctx, &work.collection, payment).await?),
            Err(GatewayError::Refused { code, reason }) => {
                tracing::info!(collection = %id, code, reason, "the gateway does not collect");
                let tried = (&work.collection, wish.order.id.as_str());
                self.count_refusal(ctx, gateway, (tried, &reason)).await
            }
            Err(GatewayError::NotFound) => {
                let why = "the mandate is not known at the bank any more";
                let tried = (&work.collection, wish.order.id.as_str());
                self.count_refusal(ctx, gateway, (tried, why)).await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// A refusal may have made a payment that failed, of which a message tells as well: then that is what counts, once.
    async fn count_refusal(
        &self,
        ctx: &Ctx,
        gateway: &dyn PaymentGateway,
        ((asked, order), why): ((&Collection, &str), &str),
    ) -> Result<(), SettleError> {
        for payment in gateway.payments_of_order(order).await? {
            self.settle(ctx, payment).await?;
        }
        let counted = self.open_work(asked.id).await?;
        if counted.is_none_or(|work| work.collection.failures > asked.failures) {
            return Ok(());
        }
        let name = format!("refused-{}", asked.failures + 1);
        Ok(self.count_failure(ctx, asked.id, (&name, why)).await?)
    }

    /// The gateway's id of the order: as it is known, as an earlier call has left it, or made now. Nothing when it may not be
    /// made any more.
    async fn order_at(
        &self,
        gateway: &dyn PaymentGateway,
        work: &Work,
    ) -> Result<Option<String>, SettleError> {
        if let Some(known) = &work.order.gateway_id {
            return Ok(Some(known.clone()));
        }
        let receipt = work.collection.id.to_string();
        let made = match gateway.find_order_by_receipt(&receipt).await? {
            Some(made) => made,
            None if !self.may_collect(work).await? => return Ok(None),
            None => {
                let wish = NewOrder {
                    amount: work.collection.amount,
                    receipt,
                    account: work.collection.account.to_string(),
                    mandate: None,
                };
                gateway.create_order(&wish).await?
            }
        };
        if made.amount != work.collection.amount {
            let error = GatewayError::Unavailable("an order of another amount".to_owned());
            return Err(BillingUnavailable::from(error).into());
        }
        self.name_order(work.order.id, &made.id).await?;
        Ok(Some(made.id))
    }

    /// Whether it is still wanted: its payer may have topped up by hand since it was begun, or is leaving.
    async fn may_collect(&self, work: &Work) -> Result<bool, Fault> {
        let account = work.mandate.account.clone();
        let mut reader = self.database.read().await?;
        let wallet = storage::ledger::find_wallet(&mut reader, &account).await?;
        drop(reader);
        if wallet.map_or(0, |wallet| wallet.balance) >= work.mandate.terms.threshold {
            return Ok(false);
        }
        let leaving = self
            .database
            .write::<_, StorageError, _>(move |w| Box::pin(async move { is_leaving(w, &account).await }));
        Ok(work.mandate.status == MandateStatus::Active && !leaving.await?)
    }

    async fn open_work(&self, id: CollectionId) -> Result<Option<Work>, Fault> {
        let mut reader = self.database.read().await?;
        let found = storage::collections::find(&mut reader, &id.to_string()).await?;
        let Some(collection) = found.filter(|one| one.state == CollectionState::Open) else {
            return Ok(None);
        };
        let mandate = storage::mandates::find(&mut reader, &collection.mandate.to_string()).await?;
        let order = storage::payment_orders::find(&mut reader, id).await?;
        Ok(mandate.zip(order).map(|(mandate, order)| Work {
            collection,
            mandate,
            order,
        }))
    }

    async fn claim_collection(&self, ctx: &Ctx, id: CollectionId, until: Timestamp) -> Result<bool, Fault> {
        let now = ctx.now;
        let work = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move { storage::collections::claim(w, &id.to_string(), (now, until)).await })
        });
        Ok(work.await?)
    }

    async fn release_collection(&self, id: CollectionId, until: Timestamp) -> Result<(), Fault> {
        let work = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move { storage::collections::release(w, &id.to_string(), until).await })
        });
        Ok(work.await?)
    }

    /// It is looked at again later, the more rarely the older it is; a try that was set for later meanwhile stays there.
    async fn wait_for_gateway(&self, ctx: &Ctx, id: CollectionId) -> Result<(), Fault> {
        let now = ctx.now;
        self.edit_collection(ctx, id, move |collection| {
            let age = now.since(collection.created_at);
            let pause = (age / 2).clamp(FIRST_LOOK, LONGEST_PAUSE);
            collection.next_at = collection.next_at.max(now.plus(pause));
        })
        .await
    }

    /// The payment is on its way, unless it was told to have failed before the call that asked for it was answered.
    async fn note_payment(&self, ctx: &Ctx, asked: &Collection, payment: String) -> Result<(), Fault> {
        let (later, failures) = (ctx.now.plus(FIRST_LOOK), asked.failures);
        self.edit_collection(ctx, asked.id, move |collection| {
            if collection.failures == failures {
                collection.payment = Some(payment);
                collection.next_at = later;
            }
        })
        .await
    }

    async fn drop_collection(&self, ctx: &Ctx, id: CollectionId) -> Result<(), Fault> {
        let now = ctx.now;
        self.edit_collection(ctx, id, move |collection| {
            collection.state = CollectionState::Cancelled;
            collection.settled_at = Some(now);
        })
        .await
    }

    /// Changes one that is still open.
    async fn edit_collection(
        &self,
        _: &Ctx,
        id: CollectionId,
        edit: impl FnOnce(&mut Collection) + Send + 'static,
    ) -> Result<(), Fault> {
        let work = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move {
                let held = storage::collections::hold(w, &id.to_string()).await?;
                if let Some(mut open) = held.filter(|held| held.state == CollectionState::Open) {
                    edit(&mut open);
                    storage::collections::update(w, &open).await?;
                }
                Ok(())
            })
        });
        Ok(work.await?)
    }
}

const fn is_on_its_way(payment: &Payment) -> bool {
    matches!(payment.status, PaymentStatus::Created | PaymentStatus::Authorized)
}
