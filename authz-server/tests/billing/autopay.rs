//! `/auth/billing/autopay`, with a gateway behind it.

use domain::billing::{Draft, Posted};
use model::billing::{LedgerAccount, MovementKind, Transfer};
use model::team::TeamRole;
use razorpay_sandbox::{Decline, Failure, Outcome, When};
use serde_json::{Value, json};
use storage::StorageError;

use crate::app::App;
use crate::app::letter::letters;
use crate::counter::Counter;
use crate::world::Owner;

const AUTOPAY: &str = "/auth/billing/autopay";
const COLLECT: &str = "POST /v1/payments/create/recurring";
const HOUR: u32 = 3_600;
const DAY: u32 = 24 * HOUR;

pub fn wish() -> Value {
    json!({"threshold": 10_000, "amount": 50_000, "max_amount": 100_000})
}

/// Moves the balance by so much.
pub async fn add(counter: &Counter, minor: i64) {
    let wallet = LedgerAccount::Wallet(counter.account.clone());
    let (debit, credit) = match minor > 0 {
        true => (LedgerAccount::Adjustments, wallet),
        false => (wallet, LedgerAccount::UsageRevenue),
    };
    let ctx = counter.app.ctx();
    let draft = Draft {
        account: counter.account.clone(),
        kind: MovementKind::Adjustment,
        reference: format!("test:{}", model::JobId::random(ctx.random.as_ref())),
        transfers: vec![Transfer {
            debit,
            credit,
            minor: minor.abs(),
        }],
        description: "Test".to_owned(),
        floor: None,
    };
    let authority = counter.app.authority.clone();
    let work = counter
        .app
        .authority
        .database
        .write::<_, StorageError, _>(move |w| Box::pin(async move { authority.post(w, &ctx, draft).await }));
    assert!(matches!(work.await.unwrap(), Posted::New { .. }));
}

/// An active mandate and a wallet above its threshold.
pub async fn active() -> Counter {
    let counter = Counter::open().await;
    add(&counter, 30_000).await;
    counter.set_up_and_pay(wish()).await;
    counter.settle().await;
    let autopay = counter.program().await.get(AUTOPAY).await;
    assert_eq!(autopay.body["status"], "active", "{}", autopay.body);
    counter
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mandate_is_set_up_paid_activated_changed_and_ended() {
    let counter = Counter::open().await;
    let program = &counter.program().await;
    let none = program.get(AUTOPAY).await;
    assert_eq!(none.body, json!({"status": "none", "low_balance": 10_000}));
    counter.bank.behave(|behaviour| behaviour.webhooks.hold = true);
    let (made, handed) = counter.set_up_and_pay(wish()).await;
    assert_eq!(
        (&made["status"], &made["order_amount"]),
        (&json!("created"), &json!(100))
    );

    let forged = json!({"payment_id": handed["razorpay_payment_id"], "signature": "00".repeat(32)});
    let refused = program.post("/auth/billing/autopay/activate", forged).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    let active = program.post("/auth/billing/autopay/activate", handed).await;
    assert_eq!(
        (active.status.as_u16(), &active.body["status"]),
        (200, &json!("active"))
    );
    assert!(counter.balance().await >= 100);

    let second = program.post(AUTOPAY, wish()).await;
    assert_eq!(second.refusal(), (409, "autopay_exists"));
    let changed = program
        .patch(AUTOPAY, json!({"threshold": 20_000, "status": "paused"}))
        .await;
    assert_eq!(
        (&changed.body["threshold"], &changed.body["paused_by"]),
        (&json!(20_000), &json!("owner"))
    );
    let ended = program.delete(AUTOPAY).await;
    assert_eq!(
        (ended.status.as_u16(), &ended.body["status"]),
        (200, &json!("cancelled"))
    );
    let resumed = program.patch(AUTOPAY, json!({"status": "active"})).await;
    assert_eq!(resumed.status, 404);
}

/// B02, for mandates: late, twice and out of order.
#[tokio::test(flavor = "multi_thread")]
async fn messages_that_repeat_and_change_places_credit_one_collection_once() {
    let counter = active().await;
    counter.bank.behave(|behaviour| {
        behaviour.webhooks.duplicates = 3;
        behaviour.webhooks.shuffle = 4;
    });
    let before = counter.balance().await;
    add(&counter, 9_000 - before).await;
    counter.settle().await;
    counter.look_after().await;
    assert_eq!(counter.balance().await, 59_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collection_whose_messages_are_lost_is_credited_all_the_same() {
    let counter = active().await;
    counter.bank.set_webhook(None, "nobody-listens-to-this-one");
    let before = counter.balance().await;
    add(&counter, 9_000 - before).await;
    counter.settle().await;
    assert_eq!(counter.balance().await, 9_000);
    counter.advance(HOUR);
    counter.look_after().await;
    assert_eq!(counter.balance().await, 59_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn declined_collections_are_retried_then_the_mandate_is_paused_and_told_of() {
    decline_until_paused(active().await).await;
}

/// The message that a payment failed overtakes the answer to the call that asked for the payment.
#[tokio::test(flavor = "multi_thread")]
async fn a_decline_that_is_told_before_it_is_answered_counts_as_any_other() {
    let counter = active().await;
    let late = Failure::Slow { millis: 300 };
    counter.bank.fail(COLLECT, late, When::After, 4);
    decline_until_paused(counter).await;
}

/// The answer never comes; the message does, and the schedule of tries is kept to.
#[tokio::test(flavor = "multi_thread")]
async fn a_decline_whose_answer_is_lost_is_not_tried_again_early() {
    let counter = active().await;
    let lost = Failure::Timeout { millis: 300 };
    counter.bank.fail(COLLECT, lost, When::After, 1);
    counter
        .bank
        .next_charges(None, Outcome::Failure(Decline::default()), 1);
    let before = counter.balance().await;
    add(&counter, 9_000 - before).await;
    counter.settle().await;
    let asked = || {
        let calls = counter.bank.calls();
        let collects = calls.iter().filter(|call| COLLECT.ends_with(&call.path));
        collects.count()
    };
    counter.advance(HOUR - 60);
    counter.look_after().await;
    assert_eq!(asked(), 1);
    counter.advance(120);
    counter.look_after().await;
    assert_eq!((asked(), counter.balance().await), (2, 59_000));
}

async fn decline_until_paused(counter: Counter) {
    letters(&counter.app).await;
    counter
        .bank
        .next_charges(None, Outcome::Failure(Decline::default()), 4);
    let before = counter.balance().await;
    add(&counter, 9_000 - before).await;
    for pause in [0, HOUR + 60, DAY + 60, 3 * DAY + 60] {
        counter.advance(pause);
        counter.look_after().await;
    }
    let autopay = counter.program().await.get(AUTOPAY).await;
    assert_eq!(autopay.body["paused_by"], "failures", "{}", autopay.body);
    assert_eq!(counter.balance().await, 9_000);
    let told = all_letters(&counter.app);
    assert_eq!(
        told.iter()
            .filter(|text| text.contains("payment to Lighthouse failed"))
            .count(),
        3
    );
    assert_eq!(told.iter().filter(|text| text.contains("are paused")).count(), 1);

    let resumed = counter
        .program()
        .await
        .patch(AUTOPAY, json!({"status": "active"}))
        .await;
    assert_eq!(resumed.status, 200, "{}", resumed.body);
    counter.settle().await;
    assert_eq!(counter.balance().await, 59_000);
}

fn all_letters(app: &App) -> Vec<String> {
    let kept = app.outbox.list().unwrap();
    kept.iter()
        .map(|letter| testkit::letter::plain(&app.outbox.read(&letter.name).unwrap()))
        .collect()
}

/// B03: each is 400 and names its member.
#[tokio::test(flavor = "multi_thread")]
async fn amounts_that_are_none_are_refused_by_name() {
    let counter = Counter::open().await;
    for member in ["threshold", "amount", "max_amount"] {
        for wrong in [
            json!(-1),
            json!(10.5),
            json!("100"),
            json!(1e18),
            json!(9_223_372_036_854_775_808_u64),
        ] {
            let mut wish = wish();
            wish[member] = wrong;
            let reply = counter.program().await.post(AUTOPAY, wish.clone()).await;
            assert_eq!(reply.status, 400, "{wish}: {}", reply.body);
            let named = reply.body.pointer("/error/details/fields").unwrap();
            assert!(named.get(member).is_some(), "{wish}: {named}");
        }
    }
    let mut above = wish();
    above["amount"] = json!(100_001);
    assert_eq!(counter.program().await.post(AUTOPAY, above).await.status, 400);
    let mut dollars = wish();
    dollars["currency"] = json!("USD");
    assert_eq!(counter.program().await.post(AUTOPAY, dollars).await.status, 400);
    assert_eq!(counter.program().await.get(AUTOPAY).await.body["status"], "none");
}

/// B05: the same request again is the same mandate.
#[tokio::test(flavor = "multi_thread")]
async fn a_set_up_that_is_sent_again_makes_one_order() {
    let counter = Counter::open().await;
    let keyed = counter.program().await.with("idempotency-key", "once");
    let first = keyed.post(AUTOPAY, wish()).await;
    let again = keyed.post(AUTOPAY, wish()).await;
    assert_eq!(first.text("/order_id"), again.text("/order_id"));
    let orders = counter.bank.calls().into_iter();
    assert_eq!(
        orders
            .filter(|call| call.path == "/v1/orders" && call.method == "POST")
            .count(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_looks_after_the_bills_may_and_other_members_may_not() {
    let counter = Counter::open().await;
    for (name, role, status) in [
        ("max", TeamRole::Member, 403),
        ("vera", TeamRole::Viewer, 403),
        ("grace", TeamRole::Billing, 201),
    ] {
        let member = counter.member(name, role).await;
        let reply = member.post(AUTOPAY, wish()).await;
        assert_eq!(reply.status, status, "{name}: {}", reply.body);
        let wish = json!({"plan_id": "pro"});
        let reply = member.post("/auth/billing/subscription", wish).await;
        assert_eq!(reply.status, status, "{name}: {}", reply.body);
    }
    let own = counter.program().await.get(AUTOPAY).await;
    assert_eq!(own.body["status"], "created");
}

#[tokio::test]
async fn without_a_gateway_nothing_is_set_up_and_everything_can_be_read() {
    let app = App::new().await;
    let program = Owner::registered(&app, "ada@example.org").await.program;
    assert_eq!(
        program.post(AUTOPAY, wish()).await.refusal(),
        (503, "billing_unavailable")
    );
    assert_eq!(program.get(AUTOPAY).await.body["status"], "none");
    let limit = program.patch(AUTOPAY, json!({"low_balance": 77})).await;
    assert_eq!(
        (limit.status.as_u16(), &limit.body["low_balance"]),
        (200, &json!(77))
    );
}
