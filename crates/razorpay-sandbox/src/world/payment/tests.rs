use proptest::prelude::*;

use super::*;
use crate::world::ground::{fields, world};

fn order(world: &mut World, more: &Value) -> String {
    let mut members = json!({"amount": 50_000, "currency": "INR", "receipt": "r1"});
    for (name, value) in more.as_object().unwrap() {
        members[name] = value.clone();
    }
    let shown = world.create_order(&fields(members)).unwrap();
    shown["id"].as_str().unwrap().to_owned()
}

fn pay(world: &mut World, order: &str, outcome: Outcome) -> Result<String, Problem> {
    world.attempt(order, Attempt::new(Method::Card, outcome))
}

#[test]
fn a_paid_order_is_paid_once() {
    let mut world = world();
    let order = order(&mut world, &json!({}));
    let payment = pay(&mut world, &order, Outcome::Success).unwrap();
    let shown = world.payment(&payment).unwrap().show();
    assert_eq!(
        (&shown["status"], &shown["captured"]),
        (&json!("captured"), &json!(true))
    );
    assert_eq!((&shown["fee"], &shown["tax"]), (&json!(1_180), &json!(180)));
    let problem = pay(&mut world, &order, Outcome::Success).unwrap_err();
    assert_eq!(problem.body()["error"]["reason"], "order_already_paid");
    let shown = world.order(&order).unwrap().show();
    assert_eq!(
        (&shown["status"], &shown["amount_due"]),
        (&json!("paid"), &json!(0))
    );
    assert_eq!(
        world.told(),
        ["payment.authorized", "payment.captured", "order.paid"]
    );
}

#[test]
fn a_failed_payment_says_why_and_the_order_can_be_tried_again() {
    let mut world = world();
    let order = order(&mut world, &json!({}));
    let failed = pay(
        &mut world,
        &order,
        Outcome::Failure(Decline::insufficient_funds()),
    )
    .unwrap();
    let shown = world.payment(&failed).unwrap().show();
    assert_eq!(shown["error_reason"], "insufficient_funds");
    assert_eq!(world.order(&order).unwrap().show()["status"], "attempted");
    pay(&mut world, &order, Outcome::Success).unwrap();
    assert_eq!(world.order(&order).unwrap().show()["attempts"], 2);
}

#[test]
fn an_order_may_leave_capturing_to_the_merchant() {
    let mut world = world();
    let order = order(&mut world, &json!({"payment": {"capture": "manual"}}));
    let payment = pay(&mut world, &order, Outcome::Success).unwrap();
    let take = |amount: i64| fields(json!({"amount": amount, "currency": "INR"}));
    assert!(world.capture_by_merchant(&payment, &take(1)).is_err());
    let shown = world.capture_by_merchant(&payment, &take(50_000)).unwrap();
    assert_eq!(shown["status"], "captured");
    let problem = world.capture_by_merchant(&payment, &take(50_000)).unwrap_err();
    assert_eq!(problem.body()["error"]["reason"], "payment_already_captured");
}

#[test]
fn two_authorized_payments_of_one_order_are_not_both_captured() {
    let mut world = world();
    let order = order(&mut world, &json!({"payment_capture": 0}));
    let first = pay(&mut world, &order, Outcome::Success).unwrap();
    let second = pay(&mut world, &order, Outcome::Success).unwrap();
    let take = fields(json!({"amount": 50_000}));
    world.capture_by_merchant(&second, &take).unwrap();
    assert!(world.capture_by_merchant(&first, &take).is_err());
}

#[test]
fn a_bank_may_answer_after_everybody_has_given_up() {
    let mut world = world();
    let order = order(&mut world, &json!({}));
    let failure = Outcome::Failure(Decline::default());
    let late = pay(&mut world, &order, failure.clone()).unwrap();
    let shown = world.settle_by_hand(&late, Outcome::Success).unwrap();
    assert_eq!(
        (&shown["status"], &shown["error_code"]),
        (&json!("captured"), &Value::Null)
    );
    let told = world.told();
    assert_eq!(told[..2], ["payment.failed", "payment.authorized"]);
    assert!(world.settle_by_hand(&late, failure).is_err());
}

#[test]
fn what_is_authorized_for_a_paid_order_is_not_captured() {
    let mut world = world();
    let order = order(&mut world, &json!({}));
    let late = pay(&mut world, &order, Outcome::Failure(Decline::default())).unwrap();
    pay(&mut world, &order, Outcome::Success).unwrap();
    let shown = world.settle_by_hand(&late, Outcome::Success).unwrap();
    assert_eq!(
        (&shown["status"], &shown["captured"]),
        (&json!("authorized"), &json!(false))
    );
}

#[test]
fn an_event_shows_the_payment_as_it_was() {
    let mut world = world();
    let order = order(&mut world, &json!({}));
    pay(&mut world, &order, Outcome::Success).unwrap();
    let bodies: Vec<Value> = world
        .post
        .events()
        .map(|event| serde_json::from_str(&event.body).unwrap())
        .collect();
    assert_eq!(bodies[0]["payload"]["payment"]["entity"]["status"], "authorized");
    assert_eq!(bodies[1]["payload"]["payment"]["entity"]["status"], "captured");
    assert_eq!(bodies[2]["contains"], json!(["payment", "order"]));
}

#[derive(Clone, Debug)]
enum Step {
    Pay(bool),
    Hang,
    Settle(usize, bool),
    Capture(usize),
    Refund(usize, i64),
    FailRefunds,
    Wait,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        any::<bool>().prop_map(Step::Pay),
        Just(Step::Hang),
        (0..6_usize, any::<bool>()).prop_map(|(payment, good)| Step::Settle(payment, good)),
        (0..6_usize).prop_map(Step::Capture),
        (0..6_usize, 100..60_000_i64).prop_map(|(payment, amount)| Step::Refund(payment, amount)),
        Just(Step::FailRefunds),
        Just(Step::Wait),
    ]
}

fn walk(world: &mut World, order: &str, step: &Step) {
    let payments: Vec<String> = world
        .books
        .payments
        .iter()
        .map(|found| found.id.clone())
        .collect();
    let nth = |index: usize| payments.get(index).cloned().unwrap_or_default();
    let outcome = |good: bool| match good {
        true => Outcome::Success,
        false => Outcome::Failure(Decline::default()),
    };
    // Refusals are what is tried here.
    let _ = match *step {
        Step::Pay(good) => pay(world, order, outcome(good)).map(|_| ()),
        Step::Hang => pay(world, order, Outcome::Pending).map(|_| ()),
        Step::Settle(payment, good) => world.settle_by_hand(&nth(payment), outcome(good)).map(|_| ()),
        Step::Capture(payment) => {
            let take = fields(json!({"amount": 50_000}));
            world.capture_by_merchant(&nth(payment), &take).map(|_| ())
        }
        Step::Refund(payment, amount) => {
            let take = fields(json!({"amount": amount}));
            world.refund_for_test(&nth(payment), &take).map(|_| ())
        }
        Step::FailRefunds => {
            world.verdicts.fail_refunds(1);
            Ok(())
        }
        Step::Wait => {
            world.after(5);
            Ok(())
        }
    };
}

proptest! {
    #[test]
    fn whatever_the_order_of_calls_one_capture_and_no_more_refunds_than_paid(
        automatic in any::<bool>(), steps in prop::collection::vec(step(), 0..40)
    ) {
        let mut world = world();
        let order = order(&mut world, &json!({"payment_capture": automatic}));
        for step in steps {
            walk(&mut world, &order, &step);
            let captured = world.books.payments.iter().filter(|payment| payment.captured).count();
            prop_assert!(captured <= 1);
            for payment in world.books.payments.iter() {
                prop_assert!((0..=payment.amount).contains(&payment.amount_refunded));
                let given = world.standing_refunds(&payment.id);
                prop_assert_eq!(given, payment.amount_refunded);
                prop_assert!(payment.captured || given == 0);
            }
        }
        let told = world.told();
        prop_assert!(told.iter().filter(|name| *name == "payment.captured").count() <= 1);
        prop_assert!(told.iter().filter(|name| *name == "order.paid").count() <= 1);
    }
}
