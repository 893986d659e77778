//! Payments that are given back, by us or in the gateway's own pages.

use std::time::Duration;

use domain::billing::{Draft, RefundError, RefundWish};
use http::Method;
use model::audit::Actor;
use model::billing::{LedgerAccount, MovementKind, PaymentRefund, RefundState, Transfer};
use razorpay_sandbox::{Failure, When};
use serde_json::json;
use storage::StorageError;

use crate::world::{Owner, World};

/// Somebody who has paid so much; the payment's id.
async fn paid(world: &World, email: &str, amount: i64) -> (Owner, String) {
    let owner = world.owner(email).await;
    let order = owner.order(amount).await;
    let vouched = world.pay(&order);
    assert_eq!(owner.confirm(&vouched).await.status, 200);
    let payment = vouched["razorpay_payment_id"].as_str().unwrap();
    (owner, payment.to_owned())
}

async fn refund(world: &World, payment: &str, amount: Option<i64>) -> Result<PaymentRefund, RefundError> {
    let wish = RefundWish {
        payment: payment.to_owned(),
        amount,
        reason: "asked for it".to_owned(),
        actor: Actor::Operator,
    };
    world.app.authority.refund_payment(&world.app.ctx(), wish).await
}

async fn spend(world: &World, owner: &Owner, minor: i64) {
    let draft = Draft {
        account: owner.account.clone(),
        kind: MovementKind::Usage,
        reference: format!("usage:{minor}"),
        transfers: vec![Transfer {
            debit: LedgerAccount::Wallet(owner.account.clone()),
            credit: LedgerAccount::UsageRevenue,
            minor,
        }],
        description: "Use".to_owned(),
        floor: None,
    };
    let (authority, ctx) = (world.app.authority.clone(), world.app.ctx());
    let work = world
        .app
        .authority
        .database
        .write::<_, StorageError, _>(move |w| Box::pin(async move { authority.post(w, &ctx, draft).await }));
    work.await.unwrap();
}

async fn state(world: &World, refund: &PaymentRefund) -> RefundState {
    let mut reader = world.app.authority.database.read().await.unwrap();
    let found = storage::refunds::find(&mut reader, refund.id).await.unwrap();
    found.unwrap().state
}

#[tokio::test]
async fn a_refund_is_set_aside_first_and_booked_when_it_is_processed() {
    let world = World::new().await;
    let (ada, payment) = paid(&world, "ada@example.org", 10_000).await;
    let asked = refund(&world, &payment, Some(4000)).await.unwrap();
    assert_eq!(
        (asked.state, world.balance(&ada).await),
        (RefundState::Held, 6000)
    );
    world.control.advance(3);
    for _ in 0..2 {
        world.deliver_all().await;
        assert_eq!(state(&world, &asked).await, RefundState::Processed);
        assert_eq!(world.balance(&ada).await, 6000);
    }
    let more = refund(&world, &payment, Some(6001)).await;
    assert!(
        matches!(more, Err(RefundError::TooMuch { left: 6000 })),
        "{more:?}"
    );
    assert!(refund(&world, &payment, None).await.is_ok());
    assert_eq!(world.balance(&ada).await, 0);
}

#[tokio::test]
async fn what_was_spent_is_not_given_back() {
    let world = World::new().await;
    let (ada, payment) = paid(&world, "ada@example.org", 10_000).await;
    spend(&world, &ada, 7000).await;
    let all = refund(&world, &payment, None).await;
    assert!(
        matches!(all, Err(RefundError::Spent { balance: 3000 })),
        "{all:?}"
    );
    assert!(refund(&world, &payment, Some(3000)).await.is_ok());
    let unknown = refund(&world, "pay_of_nobody", None).await;
    assert!(matches!(unknown, Err(RefundError::NotFound)), "{unknown:?}");
    assert_eq!(world.balance(&ada).await, 0);
}

/// Money can't be given back twice, however many ask at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ten_refunds_at_once_give_back_what_was_paid() {
    let world = std::sync::Arc::new(World::new().await);
    let (ada, payment) = paid(&world, "ada@example.org", 10_000).await;
    let racers = (0..10).map(|_| {
        let (world, payment) = (world.clone(), payment.clone());
        tokio::spawn(async move { refund(&world, &payment, Some(4000)).await.is_ok() })
    });
    let mut given = 0;
    for racer in racers.collect::<Vec<_>>() {
        given += i64::from(racer.await.unwrap());
    }
    assert_eq!((given, world.balance(&ada).await), (2, 2000));
}

#[tokio::test]
async fn a_refund_that_fails_comes_back_to_the_wallet() {
    let world = World::new().await;
    let (ada, payment) = paid(&world, "ada@example.org", 10_000).await;
    world.control.fail_refunds(1);
    let asked = refund(&world, &payment, None).await.unwrap();
    assert_eq!(world.balance(&ada).await, 0);
    world.control.advance(3);
    world.deliver_all().await;
    assert_eq!(
        (state(&world, &asked).await, world.balance(&ada).await),
        (RefundState::Failed, 10_000)
    );
    world.deliver_all().await;
    assert_eq!(world.balance(&ada).await, 10_000);
}

/// The gateway has done it, its answer is lost: the job finds it by our own name and asks for no second one.
#[tokio::test]
async fn a_refund_whose_answer_is_lost_is_found_again() {
    let world = World::new().await;
    let (ada, payment) = paid(&world, "ada@example.org", 10_000).await;
    let path = format!("/v1/payments/{payment}/refund");
    world
        .control
        .fail("POST /v1/payments/:id/refund", Failure::Cut, When::After, 1);
    world
        .control
        .fail("GET /v1/payments/:id/refunds", Failure::Cut, When::Before, 4);
    let asked = refund(&world, &payment, Some(2500)).await.unwrap();
    assert_eq!(
        (asked.state, world.balance(&ada).await),
        (RefundState::Held, 7500)
    );
    world.control.clear_failures();
    world.control.advance(3);
    world.app.clock.advance(Duration::from_secs(6 * 60));
    world.work_off().await;
    assert_eq!(
        (state(&world, &asked).await, world.balance(&ada).await),
        (RefundState::Processed, 7500)
    );
    assert_eq!(world.calls("POST", &path), 1);
    let refunds = world
        .at_gateway(Method::GET, &format!("/v1/payments/{payment}/refunds"), None)
        .await;
    assert_eq!(refunds["count"], 1, "{refunds}");
}

/// A refusal may mean that it has been made: while the gateway can't be asked about that, the money stays set aside.
#[tokio::test]
async fn a_refusal_that_proves_nothing_returns_nothing_to_the_wallet() {
    let world = World::new().await;
    let (ada, payment) = paid(&world, "ada@example.org", 10_000).await;
    let path = format!("/v1/payments/{payment}/refund");
    world
        .at_gateway(Method::POST, &path, Some(json!({"amount": 10_000})))
        .await;
    world
        .control
        .fail("GET /v1/payments/:id/refunds", Failure::Cut, When::Before, 2);
    let asked = refund(&world, &payment, Some(4000)).await.unwrap();
    assert_eq!(
        (asked.state, world.balance(&ada).await),
        (RefundState::Held, 6000)
    );
    world.app.clock.advance(Duration::from_secs(6 * 60));
    world.work_off().await;
    assert_eq!(
        (state(&world, &asked).await, world.balance(&ada).await),
        (RefundState::Failed, 10_000)
    );
}

#[tokio::test]
async fn a_refund_made_in_the_gateways_pages_is_booked_once() {
    let world = World::new().await;
    let (ada, payment) = paid(&world, "ada@example.org", 10_000).await;
    spend(&world, &ada, 9000).await;
    let path = format!("/v1/payments/{payment}/refund");
    world
        .at_gateway(Method::POST, &path, Some(json!({"amount": 4000})))
        .await;
    world.control.advance(3);
    let mut events = world.control.events();
    events.reverse();
    for event in events.iter().chain(&events) {
        assert_eq!(world.deliver(event).await, 200, "{}", event.name);
    }
    assert_eq!(
        world.balance(&ada).await,
        -3000,
        "it is gone, whatever the wallet has"
    );
}
