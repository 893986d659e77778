//! Events on their way: signed, late, twice, out of order, lost, tried again.

use std::collections::BTreeSet;

use aws_lc_rs::hmac;
use razorpay_sandbox::{Outcome, Webhooks};

use crate::receiver::{Got, Receiver};
use crate::stand::{Stand, WEBHOOK_SECRET};

const PAID: [&str; 3] = ["payment.authorized", "payment.captured", "order.paid"];

async fn told(change: impl FnOnce(&mut Webhooks)) -> (Stand, Receiver) {
    let receiver = Receiver::new().await;
    let stand = Stand::with(|settings| {
        settings.webhook_url = Some(receiver.url.clone());
        change(&mut settings.behaviour.webhooks);
    });
    (stand, receiver)
}

async fn pay(stand: &Stand) {
    let order = stand.order().await;
    stand.control.pay_order(&order, "card", Outcome::Success).unwrap();
    stand.control.settled().await;
}

fn is_signed(got: &Got, secret: &str) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    hex::encode(hmac::sign(&key, &got.body)) == got.signature
}

#[tokio::test]
async fn events_are_signed_over_their_raw_bytes() {
    let (stand, receiver) = told(|_| ()).await;
    pay(&stand).await;
    assert_eq!(receiver.events(), PAID);
    assert!(receiver.got().iter().all(|got| is_signed(got, WEBHOOK_SECRET)));
    let ids: BTreeSet<String> = receiver.got().into_iter().map(|got| got.id).collect();
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn each_event_comes_as_often_as_it_is_told() {
    let (stand, receiver) = told(|rules| rules.duplicates = 2).await;
    pay(&stand).await;
    let got = receiver.got();
    let ids: BTreeSet<&String> = got.iter().map(|got| &got.id).collect();
    assert_eq!((got.len(), ids.len()), (9, 3));
}

#[tokio::test]
async fn late_events_come_when_their_time_has_come() {
    let (stand, receiver) = told(|rules| {
        rules.delay_min = 1_000;
        rules.delay_max = 9_000;
    })
    .await;
    pay(&stand).await;
    assert!(receiver.got().is_empty());
    stand.control.advance(9);
    stand.control.settled().await;
    assert_eq!(receiver.got().len(), 3);
}

#[tokio::test]
async fn a_delivery_that_is_not_taken_is_tried_again_with_the_same_bytes() {
    let (stand, receiver) = told(|_| ()).await;
    receiver.refuse(1);
    pay(&stand).await;
    assert_eq!(receiver.got().len(), 3);
    stand.control.advance(1);
    stand.control.settled().await;
    let got = receiver.got();
    assert_eq!((&got[0].id, &got[0].body), (&got[3].id, &got[3].body));
    assert_eq!(stand.control.events()[0].answers, [Some(500), Some(200)]);
}

#[tokio::test]
async fn events_of_before_keep_the_old_secret_after_a_rotation() {
    let (stand, receiver) = told(|rules| rules.hold = true).await;
    pay(&stand).await;
    stand
        .control
        .set_webhook(Some(receiver.url.clone()), "new-secret");
    stand.control.behave(|behaviour| behaviour.webhooks.hold = false);
    pay(&stand).await;
    let got = receiver.got();
    assert_eq!(got.len(), 6);
    assert!(got[..3].iter().all(|got| is_signed(got, WEBHOOK_SECRET)));
    assert!(got[3..].iter().all(|got| is_signed(got, "new-secret")));
}

#[tokio::test]
async fn lost_events_are_known_to_the_sandbox_alone() {
    let (stand, receiver) = told(|rules| rules.lost_percent = 100).await;
    pay(&stand).await;
    assert!(receiver.got().is_empty());
    let events = stand.control.events();
    assert_eq!(events.len(), 3);
    assert!(stand.control.deliver_again(&events[1].id));
    stand.control.settled().await;
    assert_eq!(receiver.events(), ["payment.captured"]);
}

#[tokio::test]
async fn a_shuffle_brings_every_event_in_another_order() {
    let (stand, receiver) = told(|rules| {
        rules.hold = true;
        rules.shuffle = 5;
    })
    .await;
    for _ in 0..3 {
        pay(&stand).await;
    }
    let told: Vec<String> = stand.control.events().into_iter().map(|event| event.id).collect();
    stand.control.behave(|behaviour| behaviour.webhooks.hold = false);
    stand.control.settled().await;
    let mut got: Vec<String> = receiver.got().into_iter().map(|got| got.id).collect();
    assert_ne!(got, told);
    got.sort();
    let mut told = told;
    told.sort();
    assert_eq!(got, told);
}
