//! What a payment does to the order it was made for.
//! Refuses payments of another amount, and to take order, account or amount from anything but our own row.

use model::Ctx;
use model::audit::Actor;
use model::billing::{OrderPurpose, OrderStep, PaymentOrder};
use serde_json::json;
use storage::Writer;

use super::gateway::{Payment, PaymentStatus};
use super::{BillingUnavailable, GatewayError, Posted, Purpose, Received};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;

/// What a payment has done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Settled {
    /// It is in the books, now or already.
    Paid,
    /// It is not captured.
    Open,
    /// No order of ours.
    NotOurs,
    /// Not what was ordered; nothing was booked.
    Mismatch,
}

#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    #[error(transparent)]
    Unavailable(#[from] BillingUnavailable),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<GatewayError> for SettleError {
    fn from(error: GatewayError) -> Self {
        Self::Unavailable(error.into())
    }
}

impl Authority {
    /// Takes over a payment as the gateway has just told it, captures it if that is still to be done, and books it.
    ///
    /// # Errors
    /// See [`SettleError`].
    pub async fn settle(&self, ctx: &Ctx, payment: Payment) -> Result<Settled, SettleError> {
        let payment = match payment.status {
            PaymentStatus::Authorized => match self.capture(payment).await? {
                Some(captured) => captured,
                None => return Ok(Settled::NotOurs),
            },
            _ => payment,
        };
        let (authority, at) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move { authority.apply_payment(w, &at, &payment).await })
        });
        let settled = work.await?;
        self.ring();
        self.catch_up().await?;
        Ok(settled)
    }

    /// Nothing when it was made for no order of ours.
    async fn capture(&self, payment: Payment) -> Result<Option<Payment>, SettleError> {
        let gateway = self.gateway()?;
        let Some(order) = self.order_of(&payment).await? else {
            return Ok(None);
        };
        if payment.amount != order.amount {
            return Ok(Some(payment));
        }
        match gateway.capture(&payment.id, payment.amount).await {
            Ok(captured) => Ok(Some(captured)),
            // Somebody else was faster, or it is too late: the gateway knows.
            Err(GatewayError::Refused { .. }) => Ok(Some(gateway.find_payment(&payment.id).await?)),
            Err(error) => Err(error.into()),
        }
    }

    async fn order_of(&self, payment: &Payment) -> Result<Option<PaymentOrder>, Fault> {
        let Some(order) = &payment.order else {
            return Ok(None);
        };
        let mut reader = self.database.read().await?;
        Ok(storage::payment_orders::find_by_gateway_id(&mut reader, order).await?)
    }

    /// The payment as it is told, in a write: the order moves on, and a captured one is booked, once.
    pub(crate) async fn apply_payment(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        payment: &Payment,
    ) -> Result<Settled, Fault> {
        let order = match &payment.order {
            Some(id) => storage::payment_orders::hold(w, id).await?,
            None => None,
        };
        let Some(order) = order else {
            return Ok(Settled::NotOurs);
        };
        match payment.status {
            PaymentStatus::Created => Ok(Settled::Open),
            PaymentStatus::Failed => {
                let settled = self.note_try(w, &order).await?;
                self.apply_recurring_payment(w, ctx, (&order, payment)).await?;
                Ok(settled)
            }
            PaymentStatus::Authorized => {
                let job = Job::SettlePayment {
                    payment: payment.id.clone(),
                };
                if order.state.after(OrderStep::Tried).is_open() {
                    self.enqueue(w, ctx, &job).await?;
                }
                self.note_try(w, &order).await
            }
            PaymentStatus::Captured | PaymentStatus::Refunded => {
                self.book_payment(w, ctx, (&order, payment)).await
            }
        }
    }

    async fn note_try(&self, w: &mut Writer, order: &PaymentOrder) -> Result<Settled, Fault> {
        let to = order.state.after(OrderStep::Tried);
        if to != order.state {
            storage::payment_orders::move_on(w, order, to).await?;
        }
        Ok(Settled::Open)
    }

    async fn book_payment(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (order, payment): (&PaymentOrder, &Payment),
    ) -> Result<Settled, Fault> {
        if payment.amount != order.amount {
            tracing::error!(order = %order.id, payment = payment.id, paid = %payment.amount, ordered = %order.amount, "a payment is not what was ordered; it is not booked");
            return Ok(Settled::Mismatch);
        }
        let received = Received {
            account: order.account.clone(),
            payment: payment.id.clone(),
            amount: order.amount,
            purpose: match order.purpose {
                OrderPurpose::Topup => Purpose::Topup,
                OrderPurpose::Autopay | OrderPurpose::Mandate => Purpose::Autopay,
            },
        };
        let posted = self.receive(w, ctx, &received).await?;
        if order.payment.is_none() {
            storage::payment_orders::pay(w, order, &payment.id, ctx.now).await?;
        }
        if let Posted::New { after, .. } = posted {
            ctx.origin.trail.acts_in(order.account.as_str());
            record(w, ctx, booked((order, payment), after)).await?;
        }
        self.apply_recurring_payment(w, ctx, (order, payment)).await?;
        Ok(Settled::Paid)
    }
}

fn booked((order, payment): (&PaymentOrder, &Payment), balance: i64) -> Happened {
    Happened {
        actor: Actor::System,
        action: "billing.payment_received",
        target: Some(order.account.to_string()),
        detail: json!({
            "payment": payment.id,
            "order": order.gateway_id,
            "purpose": order.purpose.as_str(),
            "amount": order.amount.minor,
            "currency": order.amount.currency,
            "balance": balance,
        }),
    }
}
