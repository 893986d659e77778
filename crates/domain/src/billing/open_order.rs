//! Asking the gateway for an order, with a row of ours that was there before it.
//! Refuses to lose an order: what the gateway has made and not answered is found again by our own name for it.

use model::Ctx;
use model::billing::{Money, OrderPurpose, OrderState, OrderStep, PaymentOrder, PaymentOrderId};
use model::iam::AccountId;

use super::gateway::{NewMandate, NewOrder, Order};
use super::look::FIRST_LOOK;
use super::{BillingUnavailable, GatewayError, PaymentGateway};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;

/// An order that is to be.
#[derive(Clone, Debug)]
pub struct NewPaymentOrder {
    pub account: AccountId,
    pub purpose: OrderPurpose,
    pub amount: Money,
    /// For a mandate.
    pub mandate: Option<NewMandate>,
}

#[derive(Debug, thiserror::Error)]
pub enum OpenOrderError {
    #[error(transparent)]
    Unavailable(#[from] BillingUnavailable),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Authority {
    /// Makes an order at the gateway and remembers it; payments for it are credited to the account, whoever tells of them.
    ///
    /// # Errors
    /// See [`OpenOrderError`]. After a gateway that can't be reached nothing is owed; if it has made an order all the same,
    /// nobody knows of it, and it expires.
    pub async fn open_order(&self, ctx: &Ctx, wish: NewPaymentOrder) -> Result<PaymentOrder, OpenOrderError> {
        let gateway = self.gateway()?;
        let order = PaymentOrder {
            id: PaymentOrderId::random(ctx.random.as_ref()),
            gateway_id: None,
            account: wish.account,
            purpose: wish.purpose,
            amount: wish.amount,
            state: OrderState::Opening,
            created_at: ctx.now,
            paid_at: None,
            payment: None,
            looks: 0,
        };
        self.note_order(ctx, &order).await?;
        let made = make(gateway.as_ref(), &order, wish.mandate).await;
        match made {
            Ok(made) => {
                self.name_order(order.id, &made.id).await?;
                Ok(PaymentOrder {
                    gateway_id: Some(made.id),
                    state: order.state.after(OrderStep::Opened),
                    ..order
                })
            }
            Err(error) => {
                if let GatewayError::Refused { .. } | GatewayError::NotFound = error {
                    self.give_order_up(&order).await?;
                }
                Err(BillingUnavailable::from(error).into())
            }
        }
    }

    /// The order, and the first look at what becomes of it.
    async fn note_order(&self, ctx: &Ctx, order: &PaymentOrder) -> Result<(), Fault> {
        let (authority, at, order) = (self.clone(), ctx.clone(), order.clone());
        let work = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move {
                storage::payment_orders::insert(w, &order).await?;
                let job = Job::LookAtOrder {
                    order: order.id,
                    look: 0,
                };
                let due = at.now.plus(FIRST_LOOK);
                authority.enqueue_at(w, &at, &job, due).await
            })
        });
        work.await
    }

    /// What the gateway calls it.
    pub(super) async fn name_order(&self, id: PaymentOrderId, gateway_id: &str) -> Result<(), Fault> {
        let gateway_id = gateway_id.to_owned();
        let work = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move { Ok(storage::payment_orders::name(w, id, &gateway_id).await?) })
        });
        work.await.map(drop)
    }

    pub(super) async fn give_order_up(&self, order: &PaymentOrder) -> Result<(), Fault> {
        let order = order.clone();
        let work = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move {
                let to = order.state.after(OrderStep::TimedOut);
                Ok(storage::payment_orders::move_on(w, &order, to).await?)
            })
        });
        work.await.map(drop)
    }
}

/// An order of another amount than was asked for is none.
async fn make(
    gateway: &dyn PaymentGateway,
    order: &PaymentOrder,
    mandate: Option<NewMandate>,
) -> Result<Order, GatewayError> {
    let wish = NewOrder {
        amount: order.amount,
        receipt: order.id.to_string(),
        account: order.account.to_string(),
        mandate,
    };
    let made = gateway.create_order(&wish).await?;
    if made.amount != order.amount {
        return Err(GatewayError::Unavailable("an order of another amount".to_owned()));
    }
    Ok(made)
}
