//! Setting up, activating, changing and ending a mandate.

use domain::billing::gateway::{PaymentStatus, TokenStatus};
use domain::billing::{AutopayChange, AutopayError, Wanted};
use model::billing::MandateTerms;
use testkit::database::for_each_database;

use super::till::{TERMS, Till};

#[tokio::test]
async fn a_paid_mandate_is_active_and_its_payment_is_credited_once() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        assert_eq!(till.status().await, "none");
        let mandate = till.set_up(TERMS).await.unwrap();
        assert_eq!((till.status().await, till.balance().await), ("created", 0));

        let order = &mandate.gateway_order;
        let payment = till.gateway.pay(order, PaymentStatus::Captured, Some("token_1"));
        let ctx = till.world.ctx();
        let activate = async |signature: &str| {
            let told = (payment.id.as_str(), signature);
            till.authority().activate_autopay(&ctx, &till.account, told).await
        };
        let forged = activate("nonsense").await;
        assert!(matches!(forged, Err(AutopayError::Forged)));
        assert_eq!((till.status().await, till.balance().await), ("created", 0));

        let signature = format!("{order}|{}", payment.id);
        let active = activate(&signature).await.unwrap();
        assert_eq!(active.token.as_deref(), Some("token_1"));
        till.tell_payment(payment.clone()).await;
        activate(&signature).await.unwrap();
        assert_eq!((till.status().await, till.balance().await), ("active", 100));
        assert_eq!(till.world.count_audit("billing.autopay_activated").await, 1);
    })
    .await;
}

/// The browser closes before it says so; the event comes all the same.
#[tokio::test]
async fn the_event_alone_activates_a_mandate() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        let mandate = till.set_up(TERMS).await.unwrap();
        let payment = till
            .gateway
            .pay(&mandate.gateway_order, PaymentStatus::Captured, Some("token_1"));
        till.tell_payment(payment.clone()).await;
        till.tell_payment(payment).await;
        assert_eq!((till.status().await, till.balance().await), ("created", 100));
        till.work_off().await;
        assert_eq!((till.status().await, till.balance().await), ("active", 100));
    })
    .await;
}

/// Some banks take their time.
#[tokio::test]
async fn a_mandate_waits_until_its_bank_has_decided() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        let mandate = till.set_up(TERMS).await.unwrap();
        let order = &mandate.gateway_order;
        let payment = till.gateway.pay(order, PaymentStatus::Captured, Some("token_1"));
        let decide = |status| {
            let mut books = till.gateway.books();
            books.tokens.get_mut("token_1").unwrap().status = status;
        };
        decide(TokenStatus::Initiated);
        till.tell_payment(payment).await;
        till.work_off().await;
        assert_eq!(till.status().await, "created");
        decide(TokenStatus::Confirmed);
        till.world.advance(5 * 86_400);
        till.look_after().await;
        till.work_off().await;
        assert_eq!(till.status().await, "active");
    })
    .await;
}

/// B03: amounts that no top-up could have.
#[tokio::test]
async fn terms_outside_the_bounds_are_refused_before_anything_is_asked_for() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        for terms in [
            MandateTerms {
                threshold: -1,
                ..TERMS
            },
            MandateTerms { amount: 0, ..TERMS },
            MandateTerms {
                amount: i64::MAX,
                ..TERMS
            },
            MandateTerms {
                most: TERMS.amount - 1,
                ..TERMS
            },
        ] {
            let refused = till.set_up(terms).await;
            assert!(matches!(refused, Err(AutopayError::Terms(_))), "{terms:?}");
        }
        assert_eq!(till.gateway.books().calls.len(), 0);
    })
    .await;
}

#[tokio::test]
async fn an_attempt_is_replaced_and_a_mandate_that_stands_is_not() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        let first = till.set_up(TERMS).await.unwrap();
        let payment = till
            .gateway
            .pay(&first.gateway_order, PaymentStatus::Captured, Some("token_0"));
        till.active().await;
        let again = till.set_up(TERMS).await;
        assert!(matches!(again, Err(AutopayError::Exists)));

        // The abandoned one is paid after all: the money counts, its token goes back.
        till.tell_payment(payment).await;
        till.work_off().await;
        assert_eq!((till.balance().await, till.status().await), (200, "active"));
        assert_eq!(till.gateway.count("delete_token"), 1);
    })
    .await;
}

#[tokio::test]
async fn terms_and_pause_are_changed_within_what_was_allowed() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        let none = AutopayChange {
            threshold: Some(5),
            ..AutopayChange::default()
        };
        assert!(matches!(till.change(none).await, Err(AutopayError::NotFound)));
        till.active().await;
        let amount = |amount| AutopayChange {
            amount: Some(amount),
            ..AutopayChange::default()
        };
        assert!(till.change(amount(TERMS.most)).await.is_ok());
        let above = till.change(amount(TERMS.most + 1)).await;
        assert!(matches!(above, Err(AutopayError::Terms(_))));
        for (wanted, status) in [(Wanted::Paused, "paused"), (Wanted::Active, "active")] {
            let change = AutopayChange {
                wanted: Some(wanted),
                ..AutopayChange::default()
            };
            till.change(change).await.unwrap();
            assert_eq!(till.status().await, status);
        }
    })
    .await;
}

#[tokio::test]
async fn a_cancelled_mandate_ends_at_the_gateway_and_stays_so() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        till.add(5_000).await;
        till.active().await;
        let ctx = till.world.ctx();
        till.authority().cancel_autopay(&ctx, till.by()).await.unwrap();
        till.work_off().await;
        assert_eq!(
            (till.status().await, till.gateway.count("delete_token")),
            ("cancelled", 1)
        );
        let again = till.authority().cancel_autopay(&ctx, till.by()).await;
        assert!(matches!(again, Err(AutopayError::NotFound)));
        till.add(-5_000).await;
        till.work_off().await;
        assert_eq!(till.gateway.count("collect"), 0);
    })
    .await;
}

#[tokio::test]
async fn a_mandate_nobody_pays_expires() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        till.set_up(TERMS).await.unwrap();
        till.world.advance(4 * 86_400);
        till.look_after().await;
        assert_eq!(till.status().await, "expired");
    })
    .await;
}
