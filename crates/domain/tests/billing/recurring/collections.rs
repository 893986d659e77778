//! Collecting by mandate: once, whoever does it and whatever breaks.

use std::time::Duration;

use domain::billing::gateway::PaymentStatus;
use domain::billing::{AutopayChange, BillingNews, Wanted};
use testkit::database::for_each_database;

use super::till::{TERMS, Till};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// An active mandate, and a wallet above its threshold.
async fn filled(till: &Till) {
    till.add(20_000).await;
    till.active().await;
    assert_eq!(till.gateway.count("collect"), 0);
}

/// Spends below the threshold.
async fn drain(till: &Till) {
    let above = till.balance().await - 900;
    till.add(-above.max(1)).await;
}

#[tokio::test]
async fn a_wallet_that_falls_below_its_threshold_is_filled_up_once() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        filled(&till).await;
        drain(&till).await;
        till.add(-10).await;
        till.work_off().await;
        assert_eq!((till.gateway.count("collect"), till.balance().await), (1, 890));

        // Told twice, and asked for as well.
        let payment = till.gateway.settle_last(PaymentStatus::Captured);
        till.tell_payment(payment.clone()).await;
        till.tell_payment(payment).await;
        till.world.advance(HOUR);
        till.look_after().await;
        till.work_off().await;
        assert_eq!(till.balance().await, 890 + TERMS.amount);
        assert_eq!(till.gateway.count("collect"), 1);
    })
    .await;
}

#[tokio::test]
async fn a_lost_event_is_asked_for() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        filled(&till).await;
        drain(&till).await;
        till.work_off().await;
        till.gateway.settle_last(PaymentStatus::Authorized);
        till.world.advance(HOUR);
        assert!(till.look_after().await > 0);
        assert_eq!(till.balance().await, 900 + TERMS.amount);
        assert_eq!(till.gateway.count("capture"), 1);
    })
    .await;
}

#[tokio::test]
async fn replicas_that_race_make_one_order_and_collect_once() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        filled(&till).await;
        drain(&till).await;
        let replicas: Vec<_> = (0..6).map(|_| till.replica()).collect();
        let ctx = till.world.ctx();
        let races = replicas.iter().map(async |replica| {
            replica.look_after_recurring(&ctx).await.unwrap();
            replica.run_due_jobs().await.unwrap();
        });
        futures::future::join_all(races).await;
        till.work_off().await;
        let orders = till.gateway.books().orders.len();
        // The mandate's and this one's.
        assert_eq!((orders, till.gateway.count("collect")), (2, 1));
    })
    .await;
}

#[tokio::test]
async fn answers_that_are_lost_are_found_and_nothing_is_done_twice() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        filled(&till).await;
        drain(&till).await;
        for lost in ["create_order", "collect"] {
            till.gateway.books().loses = Some(lost);
            till.work_off().await;
            till.look_after().await;
            till.world.advance(HOUR);
        }
        till.gateway.books().loses = None;
        till.look_after().await;
        assert_eq!(till.gateway.books().orders.len(), 2);
        assert_eq!(till.gateway.count("collect"), 1);
        till.gateway.settle_last(PaymentStatus::Captured);
        till.world.advance(6 * HOUR);
        till.look_after().await;
        assert_eq!(till.balance().await, 900 + TERMS.amount);
    })
    .await;
}

/// The order exists and nobody here knows it yet.
#[tokio::test]
async fn an_event_before_the_answer_counts_once() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        filled(&till).await;
        drain(&till).await;
        till.gateway.books().loses = Some("create_order");
        till.work_off().await;
        till.gateway.books().loses = None;
        let order = till.gateway.books().orders.last().unwrap().id.clone();
        let payment = till.gateway.pay(&order, PaymentStatus::Captured, Some("token_1"));
        till.tell_payment(payment).await;
        assert_eq!(till.balance().await, 900 + TERMS.amount);
        till.world.advance(HOUR);
        till.look_after().await;
        assert_eq!(till.gateway.count("collect"), 0);
        assert_eq!(till.balance().await, 900 + TERMS.amount);
    })
    .await;
}

#[tokio::test]
async fn failures_are_tried_again_by_the_schedule_and_then_the_mandate_pauses() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        filled(&till).await;
        drain(&till).await;
        let mut told = Vec::new();
        for pause in [0, HOUR, DAY, 3 * DAY] {
            till.world.clock.advance(Duration::from_secs(pause));
            till.work_off().await;
            let payment = till.gateway.settle_last(PaymentStatus::Failed);
            till.tell_payment(payment.clone()).await;
            till.tell_payment(payment).await;
            told.extend(till.work_off().await);
        }
        let failed = |news: &BillingNews| matches!(news, BillingNews::CollectionFailed { .. });
        assert_eq!(told.iter().filter(|news| failed(news)).count(), 3);
        assert!(matches!(told.last(), Some(BillingNews::AutopayPaused { .. })));
        assert_eq!(
            (till.status().await, till.gateway.count("collect")),
            ("paused", 4)
        );
        // All for one order.
        assert_eq!(till.gateway.books().orders.len(), 2);

        let resume = AutopayChange {
            wanted: Some(Wanted::Active),
            ..AutopayChange::default()
        };
        till.change(resume).await.unwrap();
        till.work_off().await;
        assert_eq!(till.gateway.count("collect"), 5);
    })
    .await;
}

#[tokio::test]
async fn a_refusal_counts_as_a_failed_try() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        filled(&till).await;
        till.gateway.books().refuses = true;
        drain(&till).await;
        let news = till.work_off().await;
        assert!(news.iter().any(|news| matches!(
            news,
            BillingNews::CollectionFailed { reason, .. } if reason == "the card has expired"
        )));
        assert_eq!(till.gateway.count("collect"), 1);
    })
    .await;
}

/// The refusal has made a payment that failed, of which a message tells too.
#[tokio::test]
async fn a_refusal_that_is_told_as_a_failed_payment_counts_once() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        filled(&till).await;
        {
            let mut books = till.gateway.books();
            (books.refuses, books.declines) = (true, true);
        }
        drain(&till).await;
        till.work_off().await;
        let failed = till.gateway.settle_last(PaymentStatus::Failed);
        till.tell_payment(failed).await;
        till.work_off().await;
        till.gateway.books().refuses = false;
        till.world.advance(HOUR);
        till.look_after().await;
        assert_eq!(till.gateway.count("collect"), 2, "the first pause is an hour");
    })
    .await;
}

#[tokio::test]
async fn whoever_tops_up_by_hand_between_two_tries_is_not_charged() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        filled(&till).await;
        drain(&till).await;
        till.work_off().await;
        let payment = till.gateway.settle_last(PaymentStatus::Failed);
        till.tell_payment(payment).await;
        till.add(5_000).await;
        till.world.advance(HOUR);
        till.work_off().await;
        till.look_after().await;
        assert_eq!(
            (till.gateway.count("collect"), till.status().await),
            (1, "active")
        );
        drain(&till).await;
        till.work_off().await;
        assert_eq!(till.gateway.count("collect"), 2);
    })
    .await;
}

#[tokio::test]
async fn money_that_comes_after_everything_was_given_up_is_credited() {
    for_each_database(async |database| {
        let till = Till::with(database, |settings| settings.billing.recurring.retries.clear()).await;
        filled(&till).await;
        drain(&till).await;
        till.work_off().await;
        let payment = till.gateway.settle_last(PaymentStatus::Failed);
        till.tell_payment(payment).await;
        assert_eq!(till.status().await, "paused");
        let late = till.gateway.settle_last(PaymentStatus::Captured);
        till.tell_payment(late).await;
        assert_eq!(till.balance().await, 900 + TERMS.amount);
    })
    .await;
}

#[tokio::test]
async fn a_day_has_so_many_collections_and_no_more() {
    for_each_database(async |database| {
        let till = Till::with(database, |settings| {
            settings.billing.recurring.collections_per_day = 2;
        })
        .await;
        filled(&till).await;
        for _ in 0..4 {
            drain(&till).await;
            till.work_off().await;
            if till.gateway.count("collect") > 0 {
                let payment = till.gateway.settle_last(PaymentStatus::Captured);
                till.tell_payment(payment).await;
            }
        }
        assert_eq!(till.gateway.count("collect"), 2);
        till.world.advance(DAY + 1);
        drain(&till).await;
        till.work_off().await;
        assert_eq!(till.gateway.count("collect"), 3);
    })
    .await;
}

#[tokio::test]
async fn a_payer_is_told_before_where_the_deployment_says_so() {
    for_each_database(async |database| {
        let notice = Duration::from_secs(DAY);
        let till = Till::with(database, |settings| settings.billing.recurring.notice = notice).await;
        filled(&till).await;
        drain(&till).await;
        let news = till.work_off().await;
        let ahead = |news: &BillingNews| matches!(news, BillingNews::CollectionAhead { .. });
        assert_eq!(news.iter().filter(|news| ahead(news)).count(), 1);
        till.look_after().await;
        assert_eq!(till.gateway.count("collect"), 0);
        till.world.advance(DAY);
        till.work_off().await;
        assert_eq!(till.gateway.count("collect"), 1);
    })
    .await;
}

#[tokio::test]
async fn a_paused_mandate_and_an_account_that_leaves_collect_nothing() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        filled(&till).await;
        till.gateway.books().is_down = true;
        drain(&till).await;
        till.work_off().await;
        let paused = AutopayChange {
            wanted: Some(Wanted::Paused),
            ..AutopayChange::default()
        };
        till.change(paused).await.unwrap();
        till.gateway.books().is_down = false;
        till.world.advance(HOUR);
        till.look_after().await;
        till.work_off().await;
        assert_eq!(till.gateway.count("collect"), 0);
    })
    .await;
}
