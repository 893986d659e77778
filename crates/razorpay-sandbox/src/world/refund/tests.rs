use super::*;
use crate::outcome::Outcome;
use crate::world::ground::{fields, world};
use crate::world::{Attempt, Method};

impl World {
    pub(crate) fn refund_for_test(&mut self, payment: &str, fields: &Fields) -> Result<Value, Problem> {
        self.refund(payment, fields, None)
    }

    /// What was given back of a payment, or is about to be.
    pub(crate) fn standing_refunds(&self, payment: &str) -> i64 {
        let refunds = self.books.refunds.iter();
        let standing =
            refunds.filter(|refund| refund.payment_id == payment && refund.status != RefundStatus::Failed);
        standing.map(|refund| refund.amount).sum()
    }
}

fn paid(world: &mut World) -> String {
    let order = json!({"amount": 50_000, "currency": "INR"});
    let order = world.create_order(&fields(order)).unwrap();
    let attempt = Attempt::new(Method::Upi, Outcome::Success);
    world.attempt(order["id"].as_str().unwrap(), attempt).unwrap()
}

#[test]
fn refunds_are_pending_then_processed_and_never_above_the_payment() {
    let mut world = world();
    let payment = paid(&mut world);
    let take = |amount: i64| fields(json!({"amount": amount}));
    let refund = world.refund(&payment, &take(20_000), None).unwrap();
    assert_eq!(refund["status"], "pending");
    assert!(world.refund(&payment, &take(30_001), None).is_err());
    world.after(2);
    let id = refund["id"].as_str().unwrap();
    assert_eq!(world.find_refund(None, id).unwrap()["status"], "processed");
    assert_eq!(
        world.payment(&payment).unwrap().show()["refund_status"],
        "partial"
    );
    world.refund(&payment, &fields(json!({})), None).unwrap();
    let shown = world.payment(&payment).unwrap().show();
    assert_eq!(
        (&shown["status"], &shown["refund_status"]),
        (&json!("refunded"), &json!("full"))
    );
    assert!(world.refund(&payment, &take(100), None).is_err());
    assert_eq!(
        world.told()[3..],
        ["refund.created", "refund.processed", "refund.created"]
    );
}

#[test]
fn a_failed_refund_leaves_the_money_with_the_merchant() {
    let mut world = world();
    let payment = paid(&mut world);
    world.verdicts.fail_refunds(1);
    world.refund(&payment, &fields(json!({})), None).unwrap();
    world.after(2);
    let shown = world.payment(&payment).unwrap().show();
    assert_eq!(
        (&shown["status"], &shown["amount_refunded"]),
        (&json!("captured"), &json!(0))
    );
    assert_eq!(world.told().last().unwrap(), "refund.failed");
}

#[test]
fn a_repeated_request_with_its_key_gives_the_first_refund() {
    let mut world = world();
    let payment = paid(&mut world);
    let key = || Some("a-key-of-ten".to_owned());
    let take = |amount: i64| fields(json!({"amount": amount}));
    let first = world.refund(&payment, &take(20_000), key()).unwrap();
    let second = world.refund(&payment, &take(20_000), key()).unwrap();
    assert_eq!(first["id"], second["id"]);
    assert!(world.refund(&payment, &take(100), key()).is_err());
    assert_eq!(world.standing_refunds(&payment), 20_000);
}

#[test]
fn what_was_not_captured_is_not_refunded() {
    let mut world = world();
    let order = json!({"amount": 50_000, "currency": "INR", "payment_capture": 0});
    let order = world.create_order(&fields(order)).unwrap();
    let attempt = Attempt::new(Method::Upi, Outcome::Success);
    let payment = world.attempt(order["id"].as_str().unwrap(), attempt).unwrap();
    assert!(world.refund(&payment, &fields(json!({})), None).is_err());
}
