//! What the gateway tells of a mandate's token, in any order.

use domain::billing::BillingNews;
use domain::billing::gateway::{Event, PaymentStatus, Token, TokenStatus};
use testkit::database::for_each_database;

use super::double::event;
use super::till::{TERMS, Till, seconds};

const NOW: i64 = 1_767_225_600;

fn told(till: &Till, status: TokenStatus, second: i64) -> Event {
    let customer = Some(format!("cust_{}", till.ada.email));
    Event {
        token: Some(Token {
            id: "token_1".to_owned(),
            customer,
            status,
            most: None,
            expires_at: None,
        }),
        ..event("token", seconds(NOW + second))
    }
}

#[tokio::test]
async fn news_of_a_token_end_alike_in_any_order() {
    use TokenStatus as S;
    for_each_database(async |database| {
        let till = Till::open(database).await;
        till.active().await;
        let story = [
            (S::Confirmed, 1),
            (S::Paused, 2),
            (S::Confirmed, 3),
            (S::Paused, 4),
        ];
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]] {
            for place in order {
                let (status, second) = story[place];
                till.tell(told(&till, status, second)).await;
            }
            assert_eq!(till.status().await, "paused", "{order:?}");
        }
        till.tell(told(&till, S::Cancelled, 5)).await;
        till.tell(told(&till, S::Confirmed, 6)).await;
        assert_eq!(till.status().await, "cancelled");
    })
    .await;
}

#[tokio::test]
async fn a_token_that_the_bank_ends_is_told_of() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        till.active().await;
        till.tell(told(&till, TokenStatus::Cancelled, 5)).await;
        let news = till.work_off().await;
        assert!(matches!(news.as_slice(), [BillingNews::AutopayStopped { .. }]));
    })
    .await;
}

#[tokio::test]
async fn a_token_that_is_told_of_before_its_payment_belongs_to_the_mandate_that_waits() {
    for_each_database(async |database| {
        let till = Till::open(database).await;
        let mandate = till.set_up(TERMS).await.unwrap();
        till.tell(told(&till, TokenStatus::Confirmed, 1)).await;
        assert_eq!(till.status().await, "active");
        let order = &mandate.gateway_order;
        let payment = till.gateway.pay(order, PaymentStatus::Captured, Some("token_1"));
        till.tell_payment(payment).await;
        assert_eq!((till.status().await, till.balance().await), ("active", 100));
    })
    .await;
}
