//! Orders.
//! Refuses to make a second one before asking whether the first is there.

use domain::billing::GatewayError;
use domain::billing::gateway::{NewOrder, Order, Payment};
use serde_json::{Value, json};

use super::Razorpay;
use super::ask::{Change, segment};
use super::entity::{Items, OrderEntity, PaymentEntity, Unbelievable};

impl From<Unbelievable> for GatewayError {
    fn from(_: Unbelievable) -> Self {
        Self::Unavailable("an answer that can't be believed".to_owned())
    }
}

impl Razorpay {
    pub(super) async fn make_order(&self, order: &NewOrder) -> Result<Order, GatewayError> {
        let made = self.post_order(order).await;
        let Err(GatewayError::Unavailable(why)) = made else {
            return made;
        };
        // It may have been made: our own name tells.
        match self.order_of_receipt(&order.receipt).await {
            Ok(Some(found)) => Ok(found),
            Ok(None) => self.post_order(order).await,
            Err(_) => Err(GatewayError::Unavailable(why)),
        }
    }

    async fn post_order(&self, order: &NewOrder) -> Result<Order, GatewayError> {
        let change = Change::post("/orders".to_owned(), body(order));
        let made: OrderEntity = self.change(change).await?;
        Ok(made.try_into()?)
    }

    pub(super) async fn read_order(&self, id: &str) -> Result<Order, GatewayError> {
        let found: OrderEntity = self.get(&format!("/orders/{}", segment(id)?)).await?;
        Ok(found.try_into()?)
    }

    pub(super) async fn order_of_receipt(&self, receipt: &str) -> Result<Option<Order>, GatewayError> {
        let path = format!("/orders?receipt={}&count=2", segment(receipt)?);
        let found: Items<OrderEntity> = self.get(&path).await?;
        for entity in found.items {
            let order = Order::try_from(entity)?;
            if order.receipt.as_deref() == Some(receipt) {
                return Ok(Some(order));
            }
        }
        Ok(None)
    }

    pub(super) async fn list_payments(&self, order: &str) -> Result<Vec<Payment>, GatewayError> {
        let path = format!("/orders/{}/payments", segment(order)?);
        let found: Items<PaymentEntity> = self.get(&path).await?;
        let payments = found.items.into_iter().map(Payment::try_from);
        Ok(payments.collect::<Result<_, _>>()?)
    }
}

fn body(order: &NewOrder) -> Value {
    let mut body = json!({
        "amount": order.amount.minor,
        "currency": order.amount.currency,
        "receipt": order.receipt,
        "payment_capture": true,
        "notes": {"account": order.account},
    });
    if let Some(mandate) = &order.mandate {
        let mut token = json!({"max_amount": mandate.most, "frequency": "as_presented"});
        if let Some(expires_at) = mandate.expires_at {
            token["expire_at"] = json!(expires_at.as_seconds());
        }
        body["customer_id"] = json!(mandate.customer);
        body["token"] = token;
    }
    body
}
