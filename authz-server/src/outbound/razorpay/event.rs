//! A message, once its signature is known to be right.
//! Refuses entities that can't be believed; keeps nothing of what it does not know.

use domain::billing::gateway::{Event, EventError};
use model::Timestamp;
use serde::Deserialize;

use super::entity::{
    OrderEntity, PaymentEntity, RefundEntity, SubscriptionEntity, TokenEntity, Unbelievable,
};
use super::lenient::Whole;

const LONGEST_NAME: usize = 100;
const LATEST: i64 = 253_402_300_800;

#[derive(Deserialize)]
struct Message {
    event: String,
    created_at: Whole,
    payload: Payload,
}

#[derive(Deserialize)]
struct Payload {
    payment: Option<Wrapped<PaymentEntity>>,
    order: Option<Wrapped<OrderEntity>>,
    refund: Option<Wrapped<RefundEntity>>,
    token: Option<Wrapped<TokenEntity>>,
    subscription: Option<Wrapped<SubscriptionEntity>>,
}

#[derive(Deserialize)]
struct Wrapped<T> {
    entity: T,
}

pub(super) fn read(body: &[u8], event_id: &str) -> Result<Event, EventError> {
    let message: Message = serde_json::from_slice(body).map_err(|_| EventError::Malformed)?;
    let named = (1..=LONGEST_NAME).contains(&message.event.len());
    let plain = message.event.bytes().all(|byte| byte.is_ascii_graphic());
    if !named || !plain || message.created_at.0 >= LATEST {
        return Err(EventError::Malformed);
    }
    let payload = message.payload;
    Ok(Event {
        id: event_id.to_owned(),
        name: message.event,
        at: Timestamp::from_seconds(message.created_at.0),
        payment: believed(payload.payment)?,
        order: believed(payload.order)?,
        refund: believed(payload.refund)?,
        token: believed(payload.token)?,
        subscription: believed(payload.subscription)?,
    })
}

fn believed<T, E>(told: Option<Wrapped<T>>) -> Result<Option<E>, EventError>
where
    E: TryFrom<T, Error = Unbelievable>,
{
    let read = told.map(|told| E::try_from(told.entity)).transpose();
    read.map_err(|Unbelievable| EventError::Malformed)
}

#[cfg(test)]
mod tests {
    use domain::billing::gateway::PaymentStatus;
    use serde_json::{Value, json};

    use super::*;

    fn captured() -> Value {
        json!({
            "entity": "event", "account_id": "acc_BFQ7uQEaa7j2z7", "event": "payment.captured", "contains": ["payment"],
            "payload": {"payment": {"entity": {
                "id": "pay_DESlfW9H8K9uqM", "entity": "payment", "amount": 100, "currency": "INR", "status": "captured",
                "order_id": "order_DESlLckIVRkHWj", "invoice_id": null, "amount_refunded": 0, "notes": [],
                "created_at": 1567674599
            }}},
            "created_at": 1567674606
        })
    }

    #[test]
    fn a_captured_payment_is_read() {
        let read = read(captured().to_string().as_bytes(), "evt_1").unwrap();
        assert_eq!(
            (read.name.as_str(), read.id.as_str()),
            ("payment.captured", "evt_1")
        );
        assert_eq!(read.at, Timestamp::from_seconds(1_567_674_606));
        let payment = read.payment.unwrap();
        assert_eq!(payment.status, PaymentStatus::Captured);
        assert!(read.order.is_none() && read.refund.is_none());
    }

    /// What it does not know is no error: there will be more events.
    #[test]
    fn an_unknown_event_is_an_event() {
        let told = json!({
            "entity": "event", "event": "settlement.processed", "contains": ["settlement"],
            "payload": {"settlement": {"entity": {"id": "setl_1", "amount": 9973635}}}, "created_at": 1567674606
        });
        let read = read(told.to_string().as_bytes(), "evt_2").unwrap();
        assert_eq!(read.name, "settlement.processed");
    }

    #[test]
    fn what_is_no_event_is_malformed() {
        for (pointer, value) in [
            ("/event", json!(7)),
            ("/event", json!("")),
            ("/payload", json!([])),
            ("/created_at", json!(-1)),
            ("/created_at", json!(9_999_999_999_999_i64)),
            ("/payload/payment/entity/amount", json!(1.5)),
            ("/payload/payment/entity/status", json!("gone")),
        ] {
            let mut told = captured();
            *told.pointer_mut(pointer).unwrap() = value;
            let read = read(told.to_string().as_bytes(), "evt_3");
            assert_eq!(read.unwrap_err(), EventError::Malformed, "{pointer}");
        }
        assert_eq!(read(b"{", "evt_4").unwrap_err(), EventError::Malformed);
    }
}
