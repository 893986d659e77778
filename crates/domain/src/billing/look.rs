//! Looking after orders whose messages may be lost: the gateway is asked, more and more rarely, until they end.
//! Refuses to ask twice for one look, however many replicas there are, and to ask for ever.

use std::time::Duration;

use model::Ctx;
use model::billing::{OrderStep, PaymentOrder, PaymentOrderId};

use super::{BillingUnavailable, GatewayError, PaymentGateway, SettleError};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;

/// After so long a message of the gateway is late.
pub(super) const FIRST_LOOK: Duration = Duration::from_secs(5 * 60);
const LONGEST_PAUSE: Duration = Duration::from_secs(6 * 60 * 60);
/// An order nobody has paid by then expires.
const EXPIRES: Duration = Duration::from_secs(2 * 24 * 60 * 60);
/// The same while the gateway can't be asked.
const GIVEN_UP: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How long after the look before it the next one is due.
pub(super) fn pause(look: i64) -> Duration {
    let doublings = look.clamp(0, 20);
    FIRST_LOOK.saturating_mul(1 << doublings).min(LONGEST_PAUSE)
}

impl Authority {
    /// The `look`-th look at an order; asks for the next one while it is open.
    pub(crate) async fn look_at_order(
        &self,
        ctx: &Ctx,
        id: PaymentOrderId,
        look: i64,
    ) -> Result<(), SettleError> {
        let Some(order) = self.open_at(id, look).await? else {
            return Ok(());
        };
        let age = ctx.now.since(order.created_at);
        let asked = match self.gateway() {
            Ok(gateway) => self.ask_about(ctx, gateway.as_ref(), order).await,
            Err(error) => Err(error.into()),
        };
        let patience = match asked {
            Ok(()) => EXPIRES,
            Err(SettleError::Unavailable(error)) => {
                tracing::warn!(order = %id, look, %error, "the gateway could not be asked about an order");
                GIVEN_UP
            }
            Err(fault) => return Err(fault),
        };
        Ok(self.note_look(ctx, (id, look), age >= patience).await?)
    }

    async fn open_at(&self, id: PaymentOrderId, look: i64) -> Result<Option<PaymentOrder>, Fault> {
        let mut reader = self.database.read().await?;
        let found = storage::payment_orders::find(&mut reader, id).await?;
        Ok(found.filter(|order| order.state.is_open() && order.looks == look))
    }

    /// One call, or two for an order whose name there is unknown; what was paid is booked.
    async fn ask_about(
        &self,
        ctx: &Ctx,
        gateway: &dyn PaymentGateway,
        order: PaymentOrder,
    ) -> Result<(), SettleError> {
        let name = match order.gateway_id {
            Some(name) => name,
            None => {
                let made = gateway.find_order_by_receipt(&order.id.to_string()).await?;
                let Some(made) = made else { return Ok(()) };
                self.name_order(order.id, &made.id).await?;
                made.id
            }
        };
        let payments = match gateway.payments_of_order(&name).await {
            Err(GatewayError::NotFound) => Vec::new(),
            answer => answer.map_err(BillingUnavailable::from)?,
        };
        for payment in payments {
            self.settle(ctx, payment).await?;
        }
        Ok(())
    }

    /// Notes the look; the order expires, or is looked at again.
    async fn note_look(
        &self,
        ctx: &Ctx,
        (id, look): (PaymentOrderId, i64),
        expires: bool,
    ) -> Result<(), Fault> {
        let (authority, at) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move {
                let found = storage::payment_orders::find(w, id).await?;
                let Some(order) = found.filter(|order| order.state.is_open() && order.looks == look) else {
                    return Ok(());
                };
                if !storage::payment_orders::looked(w, &order).await? {
                    return Ok(());
                }
                if expires {
                    let to = order.state.after(OrderStep::TimedOut);
                    storage::payment_orders::move_on(w, &order, to).await?;
                    return Ok(());
                }
                let job = Job::LookAtOrder {
                    order: id,
                    look: look + 1,
                };
                authority
                    .enqueue_at(w, &at, &job, at.now.plus(pause(look + 1)))
                    .await
            })
        });
        work.await
    }

    /// A payment that was authorised and not captured, or whose refund came before it was known.
    pub(crate) async fn settle_by_id(&self, ctx: &Ctx, id: &str) -> Result<(), SettleError> {
        let gateway = self.gateway()?;
        let payment = match gateway.find_payment(id).await {
            Err(GatewayError::NotFound) => return Ok(()),
            answer => answer?,
        };
        let refunded = payment.refunded > 0;
        self.settle(ctx, payment.clone()).await?;
        if !refunded {
            return Ok(());
        }
        for refund in gateway.refunds_of_payment(id).await? {
            let (authority, at) = (self.clone(), ctx.clone());
            let work = self.database.write::<_, Fault, _>(move |w| {
                Box::pin(async move { authority.apply_refund(w, &at, &refund).await })
            });
            // A subscription's payment is booked by its own messages; they may come yet.
            if !work.await? && payment.invoice.is_some() {
                let early = "a refund of a payment that is not booked yet";
                return Err(GatewayError::Unavailable(early.to_owned()).into());
            }
        }
        self.ring();
        self.catch_up().await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bounded work: an order that nobody pays is asked about sixteen times in two days.
    #[test]
    fn pauses_grow_to_six_hours() {
        assert_eq!(pause(0), FIRST_LOOK);
        assert_eq!(pause(1), FIRST_LOOK * 2);
        assert_eq!(pause(i64::MAX), LONGEST_PAUSE);
        let mut looks = 0;
        let mut age = Duration::ZERO;
        while age < EXPIRES {
            age += pause(looks);
            looks += 1;
        }
        assert!(looks <= 16, "{looks}");
    }
}
