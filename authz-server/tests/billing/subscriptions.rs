//! `/auth/billing/subscription`, with a gateway behind it.

use razorpay_sandbox::{Decline, Outcome};
use serde_json::{Value, json};

use crate::counter::{Counter, WEBHOOK_SECRET};
use crate::world::deliver;

const SUBSCRIPTION: &str = "/auth/billing/subscription";
const DAY: u32 = 86_400;

async fn subscribe(counter: &Counter) -> String {
    let wish = json!({"plan_id": "pro", "quantity": 2});
    let made = counter.program().await.post(SUBSCRIPTION, wish).await;
    assert_eq!(made.status, 201, "{}", made.body);
    assert_eq!(
        (made.text("/status"), &made.body["quantity"]),
        ("created", &json!(2))
    );
    made.text("/id").to_owned()
}

pub async fn active() -> (Counter, String) {
    let counter = Counter::open().await;
    let id = subscribe(&counter).await;
    let handed = counter
        .bank
        .authenticate_subscription(&id, "card", Outcome::Success);
    handed.unwrap();
    counter.settle().await;
    let now = current(&counter).await;
    assert_eq!(
        (&now["id"], &now["status"]),
        (&json!(id), &json!("active")),
        "{now}"
    );
    (counter, id)
}

async fn current(counter: &Counter) -> Value {
    let reply = counter.program().await.get(SUBSCRIPTION).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.body
}

async fn paid(counter: &Counter) -> usize {
    let reply = counter
        .program()
        .await
        .get("/auth/billing/transactions?type=subscription")
        .await;
    reply.body.as_array().map_or(0, Vec::len)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_subscribed_to_confirmed_and_listed() {
    let counter = Counter::open().await;
    assert_eq!(current(&counter).await, json!({"status": "none"}));
    let plans = counter.program().await.get("/auth/billing/plans").await;
    assert_eq!(plans.text("/1/id"), "pro");
    counter.bank.behave(|behaviour| behaviour.webhooks.hold = true);
    let id = subscribe(&counter).await;
    let second = counter
        .program()
        .await
        .post(SUBSCRIPTION, json!({"plan_id": "team"}))
        .await;
    assert_eq!(second.refusal(), (409, "subscription_exists"));
    assert_eq!(second.text("/error/details/subscription_id"), id);

    let handed = counter
        .bank
        .authenticate_subscription(&id, "card", Outcome::Success);
    let path = format!("{SUBSCRIPTION}/{id}/confirm");
    let forged = json!({"payment_id": "pay_00000000000000", "signature": "00".repeat(32)});
    assert_eq!(counter.program().await.post(&path, forged).await.status, 400);
    let confirmed = counter.program().await.post(&path, handed.unwrap()).await;
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    assert_eq!(confirmed.text("/status"), "active");
    assert_eq!((paid(&counter).await, counter.balance().await), (1, 0));
    let list = counter.program().await.get("/auth/billing/subscriptions").await;
    assert_eq!(
        (list.text("/0/id"), list.header("x-total-count")),
        (id.as_str(), "1")
    );
}

/// B02, for subscriptions.
#[tokio::test(flavor = "multi_thread")]
async fn messages_in_any_order_and_number_book_each_period_once() {
    let (counter, _) = active().await;
    counter.bank.behave(|behaviour| {
        behaviour.webhooks.duplicates = 2;
        behaviour.webhooks.shuffle = 5;
    });
    for _ in 0..2 {
        counter.advance(32 * DAY);
        counter.settle().await;
    }
    assert_eq!(paid(&counter).await, 3);
    assert_eq!(current(&counter).await["status"], "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_that_is_declined_is_pending_then_halted_and_can_be_made_good() {
    let (counter, id) = active().await;
    counter
        .bank
        .next_charges(Some(&id), Outcome::Failure(Decline::default()), 20);
    counter.advance(32 * DAY);
    counter.settle().await;
    assert_eq!(current(&counter).await["status"], "pending");
    for _ in 0..4 {
        counter.advance(DAY);
        counter.settle().await;
    }
    assert_eq!(current(&counter).await["status"], "halted");
    let paid_again = counter.bank.pay_subscription(&id, "card", Outcome::Success);
    paid_again.unwrap();
    counter.settle().await;
    counter.look_after().await;
    assert_eq!(current(&counter).await["status"], "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn its_owner_changes_pauses_resumes_and_cancels_it() {
    let (counter, id) = active().await;
    let path = |verb: &str| format!("{SUBSCRIPTION}/{id}{verb}");
    let program = &counter.program().await;
    let changed = program.post(&path(""), json!({"quantity": 5})).await;
    assert_eq!(
        (changed.status.as_u16(), &changed.body["quantity"]),
        (200, &json!(5))
    );
    assert_eq!(program.post(&path(""), json!({})).await.status, 400);
    let resumed = program.post(&path("/resume"), json!({})).await;
    assert_eq!(resumed.refusal(), (409, "subscription_state"));
    for (verb, status) in [("/pause", "paused"), ("/resume", "active")] {
        let after = program.post(&path(verb), json!({})).await;
        assert_eq!((after.status.as_u16(), after.text("/status")), (200, status));
        counter.advance(60);
        counter.settle().await;
        assert_eq!(current(&counter).await["status"], status);
    }
    let ending = program.post(&path("/cancel"), json!({})).await;
    assert_eq!(
        (ending.text("/status"), &ending.body["cancel_at_period_end"]),
        ("active", &json!(true))
    );
    counter.advance(32 * DAY);
    counter.settle().await;
    counter.look_after().await;
    assert_eq!(current(&counter).await["status"], "cancelled");
    assert!(!subscribe(&counter).await.is_empty());
}

/// Nobody's message arrives; the gateway is asked.
#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_whose_messages_are_lost_is_asked_about() {
    let counter = Counter::open().await;
    counter.bank.set_webhook(None, "nobody-listens-to-this-one");
    let id = subscribe(&counter).await;
    let handed = counter
        .bank
        .authenticate_subscription(&id, "card", Outcome::Success);
    handed.unwrap();
    counter.advance(11 * 60);
    counter.look_after().await;
    assert_eq!(current(&counter).await["status"], "active");
    assert_eq!(paid(&counter).await, 1);
}

/// The message about the payment comes before the one about the change that it was made for.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_for_is_as_the_message_of_the_payment_says() {
    let (counter, id) = active().await;
    let wish = json!({"plan_id": "team", "quantity": 5, "at_period_end": true});
    let path = format!("{SUBSCRIPTION}/{id}");
    let changed = counter.program().await.post(&path, wish).await;
    assert_eq!((changed.status.as_u16(), changed.text("/plan_id")), (200, "pro"));
    let known = counter.bank.events().len();
    counter.bank.set_webhook(None, WEBHOOK_SECRET);
    counter.advance(32 * DAY);
    let mut told = counter.bank.events().split_off(known);
    told.reverse();
    for event in told {
        let signed = (event.id.as_str(), Some(event.signature.as_str()));
        let reply = deliver(&counter.app.program(), signed, &event.body).await;
        assert_eq!(reply.status, 200, "{}", event.name);
    }
    let moved = counter.program().await.get("/auth/billing/transactions").await;
    assert_eq!(moved.text("/0/description"), "TEAM, 5 seats");
    let now = current(&counter).await;
    assert_eq!((&now["plan_id"], &now["quantity"]), (&json!("team"), &json!(5)));
}
