//! Paying ahead: the order, the payment, and the one credit that comes of it.

use http::Method;
use razorpay_sandbox::Outcome;
use serde_json::json;

use crate::app::App;
use crate::world::{KEY_ID, Owner, TOPUP, World};

#[tokio::test]
async fn a_top_up_is_credited_when_the_gateway_says_it_was_paid() {
    let world = World::new().await;
    let ada = world.owner("ada@example.org").await;
    let opened = ada.top_up(50_000).await;
    assert_eq!(opened.status, 201, "{}", opened.body);
    let (amount, currency) = (&opened.body["amount"], opened.text("/currency"));
    assert_eq!(
        (amount, currency, opened.text("/key_id")),
        (&json!(50_000), "INR", KEY_ID)
    );
    let order = opened.text("/order_id").to_owned();
    let seen = ada.program.get(&format!("{TOPUP}/{order}")).await;
    assert_eq!(
        (seen.text("/status"), &seen.body["payment_id"]),
        ("created", &json!(null))
    );

    world.pay(&order);
    assert_eq!(world.balance(&ada).await, 0, "nothing is credited on hearsay");
    world.deliver_all().await;
    assert_eq!(world.balance(&ada).await, 50_000);
    assert_eq!(world.status(&ada, &order).await, "paid");
    world.deliver_all().await;
    assert_eq!(world.balance(&ada).await, 50_000, "told twice, credited once");
}

/// The payer's own answer of the checkout, before any message has come; the message after it changes nothing.
#[tokio::test]
async fn the_checkouts_answer_credits_at_once_and_once() {
    let world = World::new().await;
    let ada = world.owner("ada@example.org").await;
    let order = ada.order(12_345).await;
    let vouched = world.pay(&order);
    for _ in 0..2 {
        let confirmed = ada.confirm(&vouched).await;
        assert_eq!(confirmed.status, 200, "{}", confirmed.body);
        assert_eq!(confirmed.text("/status"), "paid");
    }
    world.deliver_all().await;
    assert_eq!(world.balance(&ada).await, 12_345);
}

/// B02: one event a hundred times at once, and the payer's confirmation among them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_payment_told_a_hundred_times_is_one_credit() {
    let world = std::sync::Arc::new(World::new().await);
    let ada = std::sync::Arc::new(world.owner("ada@example.org").await);
    let order = ada.order(70_000).await;
    let vouched = world.pay(&order);
    let event = world.event("payment.captured");
    let tellers = (0..100).map(|_| {
        let (world, event) = (world.clone(), event.clone());
        tokio::spawn(async move { world.deliver(&event).await })
    });
    let tellers: Vec<_> = tellers.collect();
    let payers = (0..5).map(|_| {
        let (ada, vouched) = (ada.clone(), vouched.clone());
        tokio::spawn(async move { ada.confirm(&vouched).await.status.as_u16() })
    });
    let payers: Vec<_> = payers.collect();
    for told in tellers.into_iter().chain(payers) {
        assert_eq!(told.await.unwrap(), 200);
    }
    assert_eq!(world.balance(&ada).await, 70_000);
}

/// B03
#[tokio::test]
async fn amounts_that_are_no_whole_number_within_the_bounds_are_refused() {
    let world = World::new().await;
    let ada = world.owner("ada@example.org").await;
    for amount in [
        "-1",
        "0",
        "99",
        "0.1",
        "10.5",
        "100.0",
        "\"100\"",
        "1e18",
        "9223372036854775808",
        "50000001",
        "null",
        "[]",
        "true",
    ] {
        let body = Some(format!("{{\"amount\": {amount}}}"));
        let reply = ada.program.send(Method::POST, TOPUP, body).await;
        assert_eq!(
            reply.refusal(),
            (400, "invalid_request"),
            "{amount}: {}",
            reply.body
        );
        assert!(
            reply.body.pointer("/error/details/fields/amount").is_some(),
            "{}",
            reply.body
        );
    }
    let missing = ada.program.post(TOPUP, json!({})).await;
    assert!(
        missing.body.pointer("/error/details/fields/amount").is_some(),
        "{}",
        missing.body
    );
    let dollars = json!({"amount": 1000, "currency": "USD"});
    let dollars = ada.program.post(TOPUP, dollars).await;
    assert!(
        dollars.body.pointer("/error/details/fields/currency").is_some(),
        "{}",
        dollars.body
    );
    assert_eq!(
        world.calls("POST", "/v1/orders"),
        0,
        "the gateway was asked for nothing"
    );
}

/// B05
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_top_ups_with_one_key_are_one_order() {
    let world = World::new().await;
    let ada = world.owner("ada@example.org").await;
    let keyed = ada.program.with("idempotency-key", "one-and-the-same");
    let racers = (0..50).map(|_| {
        let program = keyed.clone();
        tokio::spawn(async move { program.post(TOPUP, json!({"amount": 5000})).await })
    });
    let mut orders = std::collections::BTreeSet::new();
    for racer in racers.collect::<Vec<_>>() {
        let reply = racer.await.unwrap();
        assert_eq!(reply.status, 201, "{}", reply.body);
        orders.insert(reply.text("/order_id").to_owned());
    }
    assert_eq!((orders.len(), world.calls("POST", "/v1/orders")), (1, 1));
    let other = keyed.post(TOPUP, json!({"amount": 5001})).await;
    assert_eq!(other.refusal(), (409, "idempotency_conflict"));
}

#[tokio::test]
async fn an_answer_of_the_checkout_that_the_gateway_did_not_give_is_refused() {
    let world = World::new().await;
    let (ada, eve) = (
        world.owner("ada@example.org").await,
        world.owner("eve@example.org").await,
    );
    let (order, other) = (ada.order(1000).await, ada.order(900_000).await);
    let vouched = world.pay(&order);
    let mut forged = vouched.clone();
    forged["razorpay_signature"] = json!("0".repeat(64));
    assert_eq!(ada.confirm(&forged).await.refusal(), (400, "invalid_request"));
    let mut dearer = vouched.clone();
    dearer["razorpay_order_id"] = json!(other);
    assert_eq!(ada.confirm(&dearer).await.refusal(), (400, "invalid_request"));
    assert_eq!(eve.confirm(&vouched).await.refusal(), (404, "not_found"));
    let seen = eve.program.get(&format!("{TOPUP}/{order}")).await;
    assert_eq!(seen.refusal(), (404, "not_found"));
    assert_eq!((world.balance(&ada).await, world.balance(&eve).await), (0, 0));
}

#[tokio::test]
async fn a_declined_payment_credits_nothing_and_another_one_may_follow() {
    let world = World::new().await;
    let ada = world.owner("ada@example.org").await;
    let order = ada.order(1000).await;
    let declined = Outcome::Failure(razorpay_sandbox::Decline::insufficient_funds());
    let vouched = world.control.pay_order(&order, "card", declined).unwrap();
    let told = ada.confirm(&vouched).await;
    assert_eq!(told.refusal(), (409, "payment_not_captured"));
    world.deliver_all().await;
    assert_eq!(
        (world.status(&ada, &order).await, world.balance(&ada).await),
        ("attempted", 0)
    );
    world.pay(&order);
    world.deliver_all().await;
    assert_eq!(
        (world.status(&ada, &order).await, world.balance(&ada).await),
        ("paid", 1000)
    );
}

/// What was credited is in the account's history and its audit log, by nobody's hand but the gateway's.
#[tokio::test]
async fn a_credit_leaves_its_trace() {
    let world = World::new().await;
    let ada = world.owner("ada@example.org").await;
    let order = ada.order(1000).await;
    world.pay(&order);
    world.deliver_all().await;
    let entries = ada.program.get("/auth/audit-logs?service=billing").await;
    let paths: Vec<&str> = entries
        .body
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|entry| entry["path"].as_str())
        .collect();
    let told = paths
        .iter()
        .filter(|path| path.ends_with("/webhooks/razorpay"))
        .count();
    assert_eq!(told, 1, "one message changed something: {paths:?}");
    let verified = world.app.authority.verify_audit_log(None).await.unwrap();
    assert!(verified.findings.is_empty());
}

#[tokio::test]
async fn without_a_gateway_nothing_is_paid_and_everything_else_works() {
    let app = App::new().await;
    let ada = Owner::registered(&app, "ada@example.org").await.program;
    let refused = ada.post(TOPUP, json!({"amount": 1000})).await;
    assert_eq!(refused.refusal(), (503, "billing_unavailable"));
    assert_eq!(ada.get("/auth/billing").await.status, 200);
    let told = app.program().post(crate::world::WEBHOOK, json!({})).await;
    assert_eq!(told.status, 404);
}
