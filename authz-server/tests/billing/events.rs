//! What the gateway tells: what is believed, and what becomes of it in any order.

use razorpay_sandbox::Event;
use serde_json::{Value, json};
use testkit::database::TestDatabase;

use crate::world::{KEY_SECRET, OLD_SECRET, WEBHOOK_SECRET, World, deliver, signed};

/// B01: the signature is missing, wrong, made with the checkout's secret, over re-serialised JSON, or in another case.
#[tokio::test]
async fn only_the_mac_of_the_raw_bytes_passes() {
    let world = World::new().await;
    let ada = world.owner("ada@example.org").await;
    let order = ada.order(1000).await;
    world.pay(&order);
    let Event {
        id, body, signature, ..
    } = world.event("payment.captured");
    let again: Value = serde_json::from_str(&body).unwrap();
    let pretty = serde_json::to_string_pretty(&again).unwrap();
    let upper = signature.to_uppercase();
    let checkout = signed(KEY_SECRET, &body);
    let wrong = signed("anotherSecretOfTwentyFour", &body);
    let program = world.app.program();
    for (signature, body) in [
        (None, &body),
        (Some(""), &body),
        (Some(wrong.as_str()), &body),
        (Some(checkout.as_str()), &body),
        (Some(signature.as_str()), &pretty),
        (Some(upper.as_str()), &body),
        (Some(&signature[..62]), &body),
    ] {
        let reply = deliver(&program, (&id, signature), body).await;
        assert_eq!(reply.status, 400, "{signature:?}");
    }
    let twice = program.with("x-razorpay-signature", &signature);
    assert_eq!(deliver(&twice, (&id, Some(&signature)), &body).await.status, 400);
    assert_eq!(world.balance(&ada).await, 0);
    assert_eq!(
        deliver(&program, (&id, Some(&signature)), &body).await.status,
        200
    );
    assert_eq!(world.balance(&ada).await, 1000);
}

/// Messages that are sent again after the secret was replaced keep the old signature.
#[tokio::test]
async fn messages_signed_with_the_secret_before_are_believed() {
    let world = World::new().await;
    let ada = world.owner("ada@example.org").await;
    for (amount, secret) in [(1000, OLD_SECRET), (2000, WEBHOOK_SECRET)] {
        let order = ada.order(amount).await;
        world.pay(&order);
        let Event { id, body, .. } = world.event("payment.captured");
        let signature = signed(secret, &body);
        let reply = deliver(&world.app.program(), (&id, Some(&signature)), &body).await;
        assert_eq!(reply.status, 200);
    }
    assert_eq!(world.balance(&ada).await, 3000);
}

/// The id is not signed: a copy under another id is a copy, and another message under a used id is not lost.
#[tokio::test]
async fn the_body_decides_what_is_the_same_message() {
    let world = World::new().await;
    let ada = world.owner("ada@example.org").await;
    let first = ada.order(1000).await;
    world.pay(&first);
    let one = world.event("payment.captured");
    let second = ada.order(2000).await;
    world.pay(&second);
    let two = world.event("payment.captured");
    let program = world.app.program();
    for (id, event) in [(&one.id, &one), (&two.id, &one), (&one.id, &two)] {
        let reply = deliver(&program, (id, Some(&event.signature)), &event.body).await;
        assert_eq!(reply.status, 200);
    }
    assert_eq!(world.balance(&ada).await, 3000);
}

#[tokio::test]
async fn strange_messages_are_taken_and_broken_ones_refused() {
    let world = World::new().await;
    let program = world.app.program();
    let foreign = json!({"id": "pay_1", "amount": 5, "currency": "INR", "status": "captured", "order_id": "order_of_others"});
    for (body, status) in [
        (
            json!({"event": "settlement.processed", "payload": {}, "created_at": 1}),
            200,
        ),
        (
            json!({"event": "payment.captured", "payload": {"payment": {"entity": foreign}}, "created_at": 1}),
            200,
        ),
        (
            json!({"event": "payment.captured", "payload": {"payment": {"entity": {}}}, "created_at": 1}),
            400,
        ),
        (json!({"payload": {}}), 400),
        (json!([]), 400),
    ] {
        let text = body.to_string();
        let signature = signed(WEBHOOK_SECRET, &text);
        let reply = deliver(&program, ("", Some(&signature)), &text).await;
        assert_eq!(reply.status, status, "{text}");
    }
}

/// What an event says of the amount is compared with our own row.
#[tokio::test]
async fn a_payment_of_another_amount_or_currency_is_not_booked() {
    let world = World::new().await;
    let ada = world.owner("ada@example.org").await;
    let order = ada.order(1000).await;
    for (amount, currency) in [(999, "INR"), (1001, "INR"), (1000, "USD")] {
        let entity = json!({"id": "pay_9", "amount": amount, "currency": currency, "status": "captured", "order_id": order});
        let body =
            json!({"event": "payment.captured", "payload": {"payment": {"entity": entity}}, "created_at": 1});
        let text = body.to_string();
        let signature = signed(WEBHOOK_SECRET, &text);
        let reply = deliver(&world.app.program(), ("", Some(&signature)), &text).await;
        assert_eq!(reply.status, 200);
    }
    assert_eq!(
        (world.balance(&ada).await, world.status(&ada, &order).await),
        (0, "created")
    );
}

/// Every message of many payments at once, each twice, in another order than things happened.
async fn many_messages_give_the_exact_balance(database: TestDatabase) {
    let world = std::sync::Arc::new(World::on(database).await);
    let owners = [
        world.owner("ada@example.org").await,
        world.owner("eve@example.org").await,
    ];
    let mut paid = [0, 0];
    for number in 0..34_i64 {
        let (who, amount) = (usize::from(number % 3 == 0), 1000 + number * 37);
        let order = owners[who].order(amount).await;
        world.pay(&order);
        paid[who] += amount;
    }
    let mut events = world.control.events();
    let copies = events.clone();
    events.extend(copies);
    assert!(events.len() >= 200, "{}", events.len());
    // Neighbours are torn apart: a step that has no divisor in common with their number.
    let count = events.len();
    let step = (count / 2..).find(|step| gcd(*step, count) == 1).unwrap();
    let tellers = (0..count).map(|place| {
        let (world, event) = (world.clone(), events[place * step % count].clone());
        tokio::spawn(async move { world.deliver(&event).await })
    });
    for teller in tellers.collect::<Vec<_>>() {
        assert_eq!(teller.await.unwrap(), 200);
    }
    for (owner, paid) in owners.iter().zip(paid) {
        assert_eq!(world.balance(owner).await, paid);
    }
}

fn gcd(one: usize, other: usize) -> usize {
    if other == 0 { one } else { gcd(other, one % other) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_shuffled_messages_give_the_exact_balance_on_sqlite() {
    many_messages_give_the_exact_balance(TestDatabase::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_shuffled_messages_give_the_exact_balance_on_postgresql() {
    many_messages_give_the_exact_balance(TestDatabase::postgres().await).await;
}
