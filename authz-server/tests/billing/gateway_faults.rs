//! A gateway that is down, slow, or does what it is asked and does not say so.

use http::Method;
use razorpay_sandbox::{Failure, When};
use serde_json::json;

use crate::world::{TOPUP, World};

#[tokio::test]
async fn a_gateway_that_is_down_is_503_and_nothing_is_half_done() {
    let world = World::new().await;
    let ada = world.owner("ada@example.org").await;
    let keyed = ada.program.with("idempotency-key", "k");
    world
        .control
        .fail("* *", Failure::Status { status: 503 }, When::Before, 9);
    let down = keyed.post(TOPUP, json!({"amount": 1000})).await;
    assert_eq!(down.refusal(), (503, "billing_unavailable"));
    assert!(!down.header("retry-after").is_empty());
    world.control.clear_failures();
    let up = keyed.post(TOPUP, json!({"amount": 1000})).await;
    assert_eq!(up.status, 201, "the key was not used up: {}", up.body);
    let orders = world.at_gateway(Method::GET, "/v1/orders", None).await;
    assert_eq!(orders["count"], 1, "{orders}");
}

#[tokio::test]
async fn an_order_whose_answer_is_lost_is_found_again_and_not_made_twice() {
    let world = World::new().await;
    let ada = world.owner("ada@example.org").await;
    for failure in [Failure::Cut, Failure::BrokenJson, Failure::Status { status: 502 }] {
        world.control.fail("POST /v1/orders", failure, When::After, 1);
        let opened = ada.top_up(1000).await;
        assert_eq!(opened.status, 201, "{failure:?}: {}", opened.body);
    }
    let orders = world.at_gateway(Method::GET, "/v1/orders", None).await;
    assert_eq!(orders["count"], 3, "{orders}");
}

#[tokio::test]
async fn an_order_that_was_not_made_is_made_by_the_second_call() {
    let world = World::new().await;
    let ada = world.owner("ada@example.org").await;
    world
        .control
        .fail("POST /v1/orders", Failure::Cut, When::Before, 1);
    assert_eq!(ada.top_up(1000).await.status, 201);
    assert_eq!(world.calls("POST", "/v1/orders"), 2);
}

/// The order was made, its answer was lost for good, and somebody has paid it: the message finds it by our own name.
#[tokio::test]
async fn a_message_before_the_answer_to_the_call_finds_its_order() {
    let world = World::new().await;
    let ada = world.owner("ada@example.org").await;
    let order = world.paid_without_a_name(&ada, 4000).await;
    let captured = world.event("payment.captured");
    world
        .control
        .fail("* *", Failure::Status { status: 500 }, When::Before, 2);
    assert_eq!(
        world.deliver(&captured).await,
        503,
        "who is to be asked does not answer"
    );
    world.control.clear_failures();
    assert_eq!(world.deliver(&captured).await, 200);
    assert_eq!(
        (world.balance(&ada).await, world.status(&ada, &order).await),
        (4000, "paid")
    );
}

#[tokio::test]
async fn a_confirmation_while_the_gateway_is_down_is_503_and_can_be_sent_again() {
    let world = World::new().await;
    let ada = world.owner("ada@example.org").await;
    let order = ada.order(1000).await;
    let vouched = world.pay(&order);
    world.control.fail("* *", Failure::RateLimit, When::Before, 2);
    assert_eq!(
        ada.confirm(&vouched).await.refusal(),
        (503, "billing_unavailable")
    );
    assert_eq!(world.balance(&ada).await, 0);
    assert_eq!(ada.confirm(&vouched).await.status, 200);
    assert_eq!(world.balance(&ada).await, 1000);
}
