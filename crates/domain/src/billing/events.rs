//! What the gateway tells, as signed messages: each is taken once and applied in the write that notes it.
//! Refuses what is not signed over its very bytes, and to believe any number that our own rows should know.

use std::time::Duration;

use model::Ctx;
use model::billing::PaymentOrderId;
use sha2::{Digest as _, Sha256};
use storage::Writer;

use super::gateway::{Event, EventError};
use super::{BillingUnavailable, GatewayError, PaymentGateway, Settled};
use crate::authority::Authority;
use crate::fault::Fault;

const LONGEST_ID: usize = 100;
/// An order whose name at the gateway is unknown for so long was never paid.
const UNNAMED: Duration = Duration::from_secs(8 * 24 * 60 * 60);

/// What became of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EventTaken {
    /// Noted and applied, which may have changed nothing.
    Now,
    /// It was taken before.
    Again,
}

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
pub enum TakeEventError {
    #[error("the message is not the gateway's")]
    Forged,
    #[error("the message is malformed")]
    Malformed,
    #[error(transparent)]
    Unavailable(#[from] BillingUnavailable),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<EventError> for TakeEventError {
    fn from(error: EventError) -> Self {
        match error {
            EventError::Forged => Self::Forged,
            EventError::Malformed => Self::Malformed,
        }
    }
}

impl Authority {
    /// Applies a message of the gateway, once. `event_id` is the delivery's header; empty when there was none.
    ///
    /// # Errors
    /// See [`TakeEventError`]; nothing has changed then, and the same message may come again.
    pub async fn take_event(
        &self,
        ctx: &Ctx,
        raw: &[u8],
        signature: &str,
        event_id: &str,
    ) -> Result<EventTaken, TakeEventError> {
        let gateway = self.gateway()?;
        // The id is not signed, the body is: a copy under another id is a copy.
        let digest: [u8; 32] = Sha256::digest(raw).into();
        let event = gateway.read_event(raw, signature, &usable_id(event_id, &digest))?;
        self.adopt_order(ctx, gateway.as_ref(), &event).await?;
        let (authority, at) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move {
                let named = (event.id.as_str(), event.name.as_str());
                if !storage::gateway_events::take(w, &digest, named, at.now).await? {
                    return Ok(EventTaken::Again);
                }
                authority.apply_event(w, &at, &event).await?;
                Ok(EventTaken::Now)
            })
        });
        let taken = work.await?;
        if taken == EventTaken::Now {
            self.ring();
            self.catch_up().await?;
        }
        Ok(taken)
    }

    /// Payments of our orders, then refunds, then what recurs. Any order of events and any repetition ends the same.
    async fn apply_event(&self, w: &mut Writer, ctx: &Ctx, event: &Event) -> Result<(), Fault> {
        if let Some(payment) = &event.payment {
            let settled = self.apply_payment(w, ctx, payment).await?;
            if settled == Settled::NotOurs && payment.order.is_some() && payment.invoice.is_none() {
                tracing::info!(
                    event = event.name,
                    payment = payment.id,
                    order = payment.order,
                    "a payment for an order that is not ours"
                );
            }
        }
        if let Some(refund) = &event.refund {
            self.apply_refund(w, ctx, refund).await?;
        }
        self.apply_recurring_event(w, ctx, event).await
    }

    /// A message may be faster than the answer to the call that made its order: then the order is known by our own name.
    async fn adopt_order(
        &self,
        ctx: &Ctx,
        gateway: &dyn PaymentGateway,
        event: &Event,
    ) -> Result<(), TakeEventError> {
        let Some(id) = event
            .payment
            .as_ref()
            .and_then(|payment| payment.order.as_deref())
        else {
            return Ok(());
        };
        if !self.may_be_unnamed(ctx, id).await? {
            return Ok(());
        }
        let told = event.order.as_ref().filter(|order| order.id == id);
        let receipt = match told.and_then(|order| order.receipt.clone()) {
            Some(receipt) => Some(receipt),
            None => match gateway.find_order(id).await {
                Ok(order) => order.receipt,
                Err(GatewayError::NotFound) => None,
                Err(error) => return Err(BillingUnavailable::from(error).into()),
            },
        };
        if let Some(ours) = receipt.and_then(|receipt| receipt.parse::<PaymentOrderId>().ok()) {
            self.name_order(ours, id).await?;
        }
        Ok(())
    }

    /// Whether nobody here knows the order, and there is one whose name at the gateway is not known.
    async fn may_be_unnamed(&self, ctx: &Ctx, gateway_id: &str) -> Result<bool, Fault> {
        let mut reader = self.database.read().await?;
        let known = storage::payment_orders::find_by_gateway_id(&mut reader, gateway_id).await?;
        let since = ctx.now.minus(UNNAMED);
        Ok(known.is_none() && storage::payment_orders::any_unnamed(&mut reader, since).await?)
    }
}

/// The delivery's id, or one made of what was delivered.
fn usable_id(id: &str, digest: &[u8]) -> String {
    let usable = (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
    if usable {
        return id.to_owned();
    }
    let hex = digest.iter().take(16).map(|byte| format!("{byte:02x}"));
    format!("sha256:{}", hex.collect::<String>())
}
