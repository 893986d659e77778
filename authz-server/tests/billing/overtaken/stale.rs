//! Questions that were answered before something happened, and whose answers come after the messages about it.

use std::future::Future;

use http::Method;
use razorpay_sandbox::{Failure, Outcome, When};
use serde_json::json;

use super::scene::{pay, refund};
use crate::autopay::wish;
use crate::counter::Counter;
use crate::subscriptions;

const SUBSCRIPTION: &str = "/auth/billing/subscription";
const AUTOPAY: &str = "/auth/billing/autopay";
const DAY: u32 = 86_400;

/// The answer of the route is held while something happens and is told.
async fn overtaken(
    counter: &Counter,
    (route, asks): (&str, impl Future<Output = ()>),
    happens: impl Future<Output = ()>,
) {
    counter.bank.fail(route, Failure::Held, When::After, 1);
    let others = async {
        counter.bank.hanging().await;
        happens.await;
        counter.bank.settled().await;
        counter.bank.clear_failures();
    };
    tokio::join!(asks, others);
    counter.settle().await;
}

async fn work_off(counter: &Counter) {
    while counter.app.authority.run_due_jobs().await.unwrap() > 0 {}
}

async fn look_after(counter: &Counter) {
    let ctx = counter.app.ctx();
    let looked = Box::pin(counter.app.authority.look_after_recurring(&ctx));
    looked.await.unwrap();
}

/// Whichever of the two clocks is ahead: an answer is dated by the one, a message by the other.
#[tokio::test(flavor = "multi_thread")]
async fn an_old_state_of_a_subscription_does_not_undo_what_was_told() {
    for ahead in [0, 20] {
        let (counter, id) = subscriptions::active().await;
        counter.advance(DAY);
        counter.app.clock.advance(std::time::Duration::from_secs(ahead));
        let asks = ("GET /v1/subscriptions/:id", look_after(&counter));
        overtaken(&counter, asks, async {
            let path = format!("/v1/subscriptions/{id}/pause");
            let paused = counter.at_gateway(Method::POST, &path, Some(json!({}))).await;
            assert_eq!(paused["status"], "paused");
        })
        .await;
        let now = counter.program().await.get(SUBSCRIPTION).await;
        assert_eq!(now.text("/status"), "paused", "{ahead} seconds ahead");
        let questions = counter.bank.calls().into_iter();
        let questions = questions.filter(|call| call.method == "GET" && call.path.ends_with(&id));
        assert_eq!(questions.count(), 2, "it was asked once more");
    }
}

/// The clock here is ahead: what happens right after the answer seems to be older.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_right_after_an_answer_is_not_lost() {
    let (counter, id) = subscriptions::active().await;
    counter.advance(DAY);
    counter.app.clock.advance(std::time::Duration::from_secs(20));
    look_after(&counter).await;
    let path = format!("/v1/subscriptions/{id}/pause");
    counter.at_gateway(Method::POST, &path, Some(json!({}))).await;
    counter.settle().await;
    counter.look_after().await;
    let now = counter.program().await.get(SUBSCRIPTION).await;
    assert_eq!(now.text("/status"), "paused");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_state_of_a_mandate_does_not_undo_what_was_told() {
    let counter = Counter::open().await;
    counter.bank.behave(|behaviour| behaviour.webhooks.hold = true);
    let (_, handed) = counter.set_up_and_pay(wish()).await;
    counter.app.clock.advance(std::time::Duration::from_secs(20));
    let program = counter.program().await;
    let asks = async {
        let told = program.post("/auth/billing/autopay/activate", handed).await;
        assert_eq!(told.status, 200, "{}", told.body);
    };
    let asks = ("GET /v1/customers/:id/tokens/:id", asks);
    overtaken(&counter, asks, async {
        let token = token(&counter).await;
        counter.bank.change_token(&token, "paused").unwrap();
        counter.bank.behave(|behaviour| behaviour.webhooks.hold = false);
    })
    .await;
    let autopay = program.get(AUTOPAY).await;
    assert_eq!(
        (autopay.text("/status"), autopay.text("/paused_by")),
        ("paused", "bank")
    );
}

async fn token(counter: &Counter) -> String {
    let mut reader = counter.app.authority.database.read().await.unwrap();
    let found = storage::mandates::find_latest(&mut reader, &counter.account).await;
    found.unwrap().unwrap().token.unwrap()
}

/// The list says that the payment failed; it is captured by the time the list arrives.
#[tokio::test(flavor = "multi_thread")]
async fn an_old_list_of_payments_does_not_undo_what_was_paid() {
    let counter = Counter::open().await;
    let program = counter.program().await;
    let made = program
        .post("/auth/billing/topup", json!({"amount": 5_000}))
        .await;
    let order = made.text("/order_id");
    let failed = Outcome::Failure(razorpay_sandbox::Decline::default());
    counter.bank.pay_order(order, "card", failed).unwrap();
    counter.settle().await;
    counter.advance(6 * 60);
    let asks = ("GET /v1/orders/:id/payments", work_off(&counter));
    overtaken(&counter, asks, async {
        let paid = counter.bank.pay_order(order, "card", Outcome::Success);
        paid.unwrap();
    })
    .await;
    let authority = &counter.app.authority;
    let order = authority.find_payment_order(&counter.account, order).await;
    assert_eq!(
        (order.unwrap().unwrap().state.as_str(), counter.balance().await),
        ("paid", 5_000)
    );
}

/// The list says that the refund is pending; it is carried out by the time the list arrives.
#[tokio::test(flavor = "multi_thread")]
async fn an_old_list_of_refunds_does_not_undo_what_was_given_back() {
    let counter = Counter::open().await;
    let payment = pay(&counter).await;
    counter.bank.behave(|behaviour| behaviour.refund_delay = 600);
    refund(&counter, &payment).await;
    counter.advance(6 * 60);
    let asks = ("GET /v1/payments/:id/refunds", work_off(&counter));
    overtaken(&counter, asks, async { counter.bank.advance(600) }).await;
    let moved = counter.program().await.get("/auth/billing/transactions").await;
    let paid_out = format!("Refund of {payment} paid out");
    assert_eq!(moved.text("/0/description"), paid_out);
    assert_eq!(counter.balance().await, 3_000);
    let findings = counter.app.authority.prove_ledger(None).await.unwrap().findings;
    assert!(findings.is_empty());
}
