//! Each failure, before and after the work, and that it ends.

use std::time::{Duration, Instant};

use razorpay_sandbox::{Failure, When};
use serde_json::{Value, json};

use crate::stand::{Stand, problem};

const CREATE: &str = "POST /v1/orders";

fn order() -> Value {
    json!({"amount": 50_000, "currency": "INR", "receipt": "once"})
}

async fn orders(stand: &Stand) -> Value {
    stand.get("/v1/orders?receipt=once").await["count"].clone()
}

#[tokio::test]
async fn an_error_before_the_work_leaves_nothing_and_one_after_it_leaves_the_order() {
    let stand = Stand::new();
    let failure = Failure::Status { status: 500 };
    for (when, left) in [(When::Before, 0), (When::After, 1)] {
        stand.control.fail(CREATE, failure, when, 1);
        let answer = stand.try_post("/v1/orders", order()).await;
        assert_eq!(problem(answer, 500).await["code"], "SERVER_ERROR");
        assert_eq!(orders(&stand).await, left);
    }
    stand.post("/v1/orders", order()).await;
    assert_eq!(orders(&stand).await, 2);
}

#[tokio::test]
async fn a_cut_connection_gives_no_answer() {
    let stand = Stand::new();
    stand.control.fail(CREATE, Failure::Cut, When::After, 1);
    let url = format!("{}/v1/orders", stand.sandbox.url());
    let request = stand
        .http
        .post(url)
        .basic_auth(crate::stand::KEY, Some(crate::stand::SECRET));
    assert!(request.json(&order()).send().await.is_err());
    assert_eq!(orders(&stand).await, 1);
    let calls = stand.control.calls();
    assert_eq!(calls[0].status, None);
    assert_eq!(calls[1].status, Some(200));
}

#[tokio::test]
async fn too_many_requests_and_broken_json() {
    let stand = Stand::new();
    stand.control.fail("* *", Failure::RateLimit, When::Before, 1);
    let answer = stand.try_post("/v1/orders", order()).await;
    problem(answer, 429).await;
    stand.control.fail(CREATE, Failure::BrokenJson, When::After, 1);
    let answer = stand.try_post("/v1/orders", order()).await;
    assert_eq!(answer.status(), 200);
    assert!(answer.json::<Value>().await.is_err());
    assert_eq!(orders(&stand).await, 1);
}

#[tokio::test]
async fn slow_is_late_and_a_timeout_never_answers() {
    let stand = Stand::new();
    let before = Instant::now();
    stand
        .control
        .fail(CREATE, Failure::Slow { millis: 50 }, When::Before, 1);
    stand.post("/v1/orders", order()).await;
    assert!(before.elapsed() >= Duration::from_millis(50));
    stand
        .control
        .fail(CREATE, Failure::Timeout { millis: 1 }, When::Before, 1);
    let url = format!("{}/v1/orders", stand.sandbox.url());
    let request = stand
        .http
        .post(url)
        .basic_auth(crate::stand::KEY, Some(crate::stand::SECRET));
    assert!(request.json(&order()).send().await.is_err());
    stand.control.fail(CREATE, Failure::Cut, When::Before, 1);
    stand.control.clear_failures();
    stand.post("/v1/orders", order()).await;
}

/// What was asked for is done, and can be told and seen, before it is answered.
#[tokio::test]
async fn a_held_answer_comes_when_the_failures_are_forgotten() {
    let stand = Stand::new();
    stand.control.fail(CREATE, Failure::Held, When::After, 1);
    let others = async {
        stand.control.hanging().await;
        assert_eq!(orders(&stand).await, 1);
        stand.control.clear_failures();
    };
    let (made, ()) = tokio::join!(stand.post("/v1/orders", order()), others);
    assert_eq!(made["receipt"], "once");
}
