//! Entities in the shapes that Razorpay documents.

use domain::billing::gateway::{
    Order, OrderStatus, Payment, PaymentStatus, Refund, RefundStatus, Subscription, SubscriptionStatus,
    Token, TokenStatus,
};
use serde_json::{Value, json};

use super::{OrderEntity, PaymentEntity, RefundEntity, SubscriptionEntity, TokenEntity};

fn payment(change: impl FnOnce(&mut Value)) -> Option<Payment> {
    let mut told = json!({
        "id": "pay_29QQoUBi66xm2f", "entity": "payment", "amount": 5000, "currency": "INR", "status": "captured",
        "order_id": "order_9A33XWu170gUtm", "invoice_id": null, "international": false, "method": "card",
        "amount_refunded": 0, "refund_status": null, "captured": true, "description": null, "card_id": "card_1",
        "email": "a@example.com", "contact": "+919876543210", "notes": [], "fee": 1000, "tax": 90,
        "error_code": null, "error_description": null, "created_at": 1606985209
    });
    change(&mut told);
    serde_json::from_value::<PaymentEntity>(told)
        .ok()?
        .try_into()
        .ok()
}

#[test]
fn a_payment_is_read_whatever_its_notes_are() {
    let read = payment(|_| ()).unwrap();
    assert_eq!(
        (read.id.as_str(), read.amount.minor, read.status),
        ("pay_29QQoUBi66xm2f", 5000, PaymentStatus::Captured)
    );
    assert_eq!(read.order.as_deref(), Some("order_9A33XWu170gUtm"));
    for notes in [json!([]), json!({}), json!({"a": "b"}), Value::Null] {
        assert!(payment(|told| told["notes"] = notes).is_some());
    }
    let quoted = payment(|told| told["amount"] = json!("5000")).unwrap();
    assert_eq!(quoted.amount.minor, 5000);
}

#[test]
fn what_money_depends_on_is_not_guessed() {
    for (member, value) in [
        ("status", json!("settled")),
        ("amount", json!(-1)),
        ("amount", json!(10.5)),
        ("amount", json!(null)),
        ("currency", json!("inr")),
        ("id", json!("../payments")),
        ("order_id", json!("order_1/x")),
    ] {
        assert!(
            payment(|told| told[member] = value.clone()).is_none(),
            "{member} {value}"
        );
    }
}

#[test]
fn an_order_and_a_refund_are_read() {
    let order: OrderEntity = serde_json::from_value(json!({
        "id": "order_IluGWxBm9U8zJ8", "entity": "order", "amount": 5000, "amount_paid": 0, "amount_due": 5000,
        "currency": "INR", "receipt": "rcptid_11", "offer_id": null, "status": "created", "attempts": 0,
        "notes": [], "created_at": 1642662092
    }))
    .unwrap();
    let order = Order::try_from(order).unwrap();
    assert_eq!(
        (order.status, order.receipt.as_deref()),
        (OrderStatus::Created, Some("rcptid_11"))
    );
    let refund: RefundEntity = serde_json::from_value(json!({
        "id": "rfnd_FP8QHiV938haTz", "entity": "refund", "amount": 500100, "receipt": "Receipt No. 31",
        "currency": "INR", "payment_id": "pay_29QQoUBi66xm2f", "notes": [], "acquirer_data": {"arn": null},
        "created_at": 1597078866, "batch_id": null, "status": "processed", "speed_processed": "normal"
    }))
    .unwrap();
    let refund = Refund::try_from(refund).unwrap();
    assert_eq!(
        (refund.status, refund.amount.minor),
        (RefundStatus::Processed, 500_100)
    );
}

#[test]
fn a_subscription_has_numbers_in_quotes() {
    let told: SubscriptionEntity = serde_json::from_value(json!({
        "id": "sub_00000000000001", "entity": "subscription", "plan_id": "plan_00000000000001", "customer_id": null,
        "status": "active", "current_start": 1577355871, "current_end": 1582655400, "ended_at": null, "quantity": 1,
        "notes": [], "charge_at": 1577385991, "paid_count": 1, "remaining_count": "5", "short_url": "https://rzp.io/i/1"
    }))
    .unwrap();
    let read = Subscription::try_from(told).unwrap();
    assert_eq!(
        (read.status, read.quantity, read.paid_count),
        (SubscriptionStatus::Active, 1, 1)
    );
    assert!(read.ended_at.is_none() && read.current_end.is_some());
}

#[test]
fn a_mandate_is_what_its_details_say() {
    for (details, status) in [
        (
            json!({"status": "confirmed", "failure_reason": null}),
            TokenStatus::Confirmed,
        ),
        (
            json!({"status": "rejected", "failure_reason": "no"}),
            TokenStatus::Rejected,
        ),
        (json!({"status": "paused"}), TokenStatus::Paused),
        (json!({"status": "cancelled"}), TokenStatus::Cancelled),
        (json!({"status": "initiated"}), TokenStatus::Initiated),
        (json!({"status": "not_applicable"}), TokenStatus::Initiated),
        (Value::Null, TokenStatus::Confirmed),
    ] {
        let told: TokenEntity = serde_json::from_value(json!({
            "id": "token_HZ8qlv8WJgRlGH", "entity": "token", "method": "upi", "recurring": true,
            "recurring_details": details, "max_amount": 1000000, "expired_at": 4102444799_i64
        }))
        .unwrap();
        let read = Token::try_from(told).unwrap();
        assert_eq!((read.status, read.most), (status, Some(1_000_000)), "{details}");
    }
}
