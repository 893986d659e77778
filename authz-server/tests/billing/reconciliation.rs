//! Messages that never come: orders are looked after until they end.

use std::time::Duration;

use http::Method;
use model::billing::{Currency, Money, OrderPurpose, OrderState, PaymentOrder, PaymentOrderId};
use model::iam::AccountId;
use razorpay_sandbox::{Failure, When};
use serde_json::{Value, json};
use storage::StorageError;

use crate::app::App;
use crate::world::World;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

#[tokio::test]
async fn a_payment_whose_message_is_lost_is_found_by_asking() {
    let world = World::new().await;
    let ada = world.owner("ada@example.org").await;
    let order = ada.order(8000).await;
    world.pay(&order);
    world.app.clock.advance(4 * MINUTE);
    world.work_off().await;
    assert_eq!(world.balance(&ada).await, 0, "messages may be late");
    world.app.clock.advance(2 * MINUTE);
    world.work_off().await;
    assert_eq!(
        (world.balance(&ada).await, world.status(&ada, &order).await),
        (8000, "paid")
    );
    world.deliver_all().await;
    assert_eq!(
        world.balance(&ada).await,
        8000,
        "the late message changes nothing"
    );
}

/// Bounded: a paid order is not asked about, an unpaid one ever more rarely, and never after two days.
#[tokio::test]
async fn an_order_that_nobody_pays_expires_after_two_days_of_ever_rarer_questions() {
    let world = World::new().await;
    let ada = world.owner("ada@example.org").await;
    let order = ada.order(8000).await;
    let asked = format!("/v1/orders/{order}/payments");
    for _ in 0..60 {
        world.app.clock.advance(HOUR);
        world.work_off().await;
    }
    assert_eq!(world.status(&ada, &order).await, "expired");
    let calls = world.calls("GET", &asked);
    assert!((5..=16).contains(&calls), "{calls}");
    world.pay(&order);
    world.deliver_all().await;
    let end = (world.balance(&ada).await, world.status(&ada, &order).await);
    assert_eq!(end, (8000, "paid"), "money that comes late counts");
}

/// Several replicas do what is due: each look is one call.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replicas_share_the_looking() {
    let world = World::new().await;
    let ada = world.owner("ada@example.org").await;
    let order = ada.order(8000).await;
    world.app.clock.advance(6 * MINUTE);
    let replicas = (0..8).map(|_| {
        let authority = world.app.authority.clone();
        tokio::spawn(async move { authority.run_due_jobs().await.unwrap() })
    });
    for replica in replicas.collect::<Vec<_>>() {
        replica.await.unwrap();
    }
    assert_eq!(world.calls("GET", &format!("/v1/orders/{order}/payments")), 1);
}

#[tokio::test]
async fn a_gateway_that_is_down_is_asked_again_later() {
    let world = World::new().await;
    let ada = world.owner("ada@example.org").await;
    let order = ada.order(8000).await;
    world.pay(&order);
    world.control.fail("* *", Failure::Cut, When::Before, 2);
    world.app.clock.advance(6 * MINUTE);
    world.work_off().await;
    assert_eq!(world.balance(&ada).await, 0);
    world.control.clear_failures();
    world.app.clock.advance(11 * MINUTE);
    world.work_off().await;
    assert_eq!(world.balance(&ada).await, 8000);
}

/// An order whose answer was lost, that nobody knows of and nobody pays, ends too.
#[tokio::test]
async fn an_order_without_a_name_is_found_by_our_own() {
    let world = World::new().await;
    let ada = world.owner("ada@example.org").await;
    world.paid_without_a_name(&ada, 4000).await;
    world.app.clock.advance(6 * MINUTE);
    world.work_off().await;
    assert_eq!(world.balance(&ada).await, 4000);
}

/// An order at the gateway whose payments are not captured by themselves.
pub fn by_hand() -> Value {
    json!({"amount": 3000, "currency": "INR", "receipt": "by-hand"})
}

/// The same as one of ours.
pub async fn remember_by_hand(app: &App, (account, name): (&AccountId, &str)) {
    let order = PaymentOrder {
        id: PaymentOrderId::random(app.ctx().random.as_ref()),
        gateway_id: Some(name.to_owned()),
        account: account.clone(),
        purpose: OrderPurpose::Topup,
        amount: Money::new(3000, Currency::INR),
        state: OrderState::Created,
        created_at: app.ctx().now,
        paid_at: None,
        payment: None,
        looks: 0,
    };
    let database = &app.authority.database;
    let work = database.write::<_, StorageError, _>(move |w| {
        Box::pin(async move { storage::payment_orders::insert(w, &order).await })
    });
    work.await.unwrap();
}

/// Where payments are not captured by themselves, we capture those of our orders.
#[tokio::test]
async fn an_authorized_payment_is_captured_by_us() {
    let world = World::new().await;
    let ada = world.owner("ada@example.org").await;
    world.control.behave(|behaviour| behaviour.auto_capture = false);
    let made = world
        .at_gateway(Method::POST, "/v1/orders", Some(by_hand()))
        .await;
    let name = made["id"].as_str().unwrap().to_owned();
    remember_by_hand(&world.app, (&ada.account, &name)).await;
    world.pay(&name);
    world.deliver_all().await;
    assert_eq!(
        (world.balance(&ada).await, world.status(&ada, &name).await),
        (0, "attempted")
    );
    world.work_off().await;
    assert_eq!(
        (world.balance(&ada).await, world.status(&ada, &name).await),
        (3000, "paid")
    );
}
