//! The doors below `/sandbox/`, which do over HTTP what the handle does.

use serde_json::json;

use crate::stand::{NOW, Stand, problem, text};

const MONTH: i64 = 31 * 86_400;

#[tokio::test]
async fn an_order_is_paid_without_a_page() {
    let stand = Stand::new();
    let order = stand.order().await;
    let pay = format!("/sandbox/orders/{order}/pay");
    let failed = json!({"method": "upi", "outcome": "failure", "reason": "insufficient_funds"});
    let answer = stand.post(&pay, failed).await;
    assert_eq!(answer["payment"]["error_reason"], "insufficient_funds");
    let answer = stand
        .post(&pay, json!({"method": "upi", "outcome": "success"}))
        .await;
    assert_eq!(answer["razorpay_order_id"], order);
    assert_eq!(answer["payment"]["status"], "captured");
    problem(stand.try_post(&pay, json!({})).await, 400).await;
    let payments = stand.get(&format!("/v1/orders/{order}/payments")).await;
    assert_eq!(payments["count"], 2);
}

#[tokio::test]
async fn time_is_advanced_and_periods_roll() {
    let stand = Stand::new();
    let id = stand.subscription().await;
    let authenticate = format!("/sandbox/subscriptions/{id}/authenticate");
    let answer = stand
        .post(
            &authenticate,
            json!({"method": "card", "email": "ada@example.org"}),
        )
        .await;
    assert_eq!(answer["subscription"]["status"], "active");
    let failing = json!({"subject": id, "outcome": "failure", "times": 4});
    stand.post("/sandbox/charges", failing).await;
    let now = stand
        .post("/sandbox/advance", json!({"seconds": MONTH + 4 * 86_400}))
        .await;
    assert_eq!(now["now"], NOW + MONTH + 4 * 86_400);
    let path = format!("/v1/subscriptions/{id}");
    assert_eq!(stand.get(&path).await["status"], "halted");
    stand
        .post(&format!("/sandbox/subscriptions/{id}/pay"), json!({}))
        .await;
    assert_eq!(stand.get(&path).await["status"], "active");
    let invoices = stand.get(&format!("/v1/invoices?subscription_id={id}")).await;
    assert_eq!(invoices["count"], 2);
}

#[tokio::test]
async fn behaviour_is_changed_member_by_member() {
    let stand = Stand::new();
    let change = json!({"auto_capture": false, "webhooks": {"duplicates": 3}});
    let after = stand.post("/sandbox/behaviour", change).await;
    assert_eq!(
        (&after["auto_capture"], &after["webhooks"]["retries"]),
        (&json!(false), &json!(8))
    );
    assert_eq!(stand.get("/sandbox/behaviour").await, after);
    let answer = stand
        .try_post("/sandbox/behaviour", json!({"colour": "red"}))
        .await;
    problem(answer, 400).await;
}

#[tokio::test]
async fn failures_are_armed_and_calls_are_noted() {
    let stand = Stand::new();
    let failure = json!({"route": "GET /v1/orders/:id", "kind": "status", "status": 503});
    stand.post("/sandbox/failures", failure).await;
    let order = stand.order().await;
    let path = format!("/v1/orders/{order}");
    let answer = stand.request(reqwest::Method::GET, &path).send().await.unwrap();
    assert_eq!(problem(answer, 503).await["code"], "GATEWAY_ERROR");
    stand.get(&path).await;
    let calls = stand.get("/sandbox/calls").await;
    let seen: Vec<_> = calls["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| &call["status"])
        .collect();
    assert_eq!(seen, [200, 503, 200]);
}

#[tokio::test]
async fn events_can_be_looked_at() {
    let stand = Stand::new();
    let order = stand.order().await;
    stand
        .post(&format!("/sandbox/orders/{order}/pay"), json!({}))
        .await;
    let events = stand.get("/sandbox/events").await;
    assert_eq!(events["items"][2]["event"], "order.paid");
    let id = text(&events["items"][2]["id"]);
    stand
        .post(&format!("/sandbox/events/{id}/deliver"), json!({}))
        .await;
    let answer = stand.try_post("/sandbox/events/none/deliver", json!({})).await;
    problem(answer, 400).await;
}
