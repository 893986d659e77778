use super::*;
use crate::outcome::Decline;
use crate::page::Entity as _;
use crate::world::ground::{NOW, fields, world};

const MOST: i64 = 100_000;

/// A confirmed mandate: the customer and the token.
fn mandate(world: &mut World) -> (Value, Value) {
    let ada = json!({"name": "Ada Lovelace", "email": "ada@example.org"});
    let customer = world.create_customer(&fields(ada)).unwrap()["id"].clone();
    let token = json!({"max_amount": MOST, "expire_at": NOW + 1_000, "frequency": "as_presented"});
    let order = json!({"amount": 100, "currency": "INR", "customer_id": customer, "token": token});
    let order = world.create_order(&fields(order)).unwrap();
    let attempt = Attempt::new(Method::Upi, Outcome::Success);
    let payment = world.attempt(order["id"].as_str().unwrap(), attempt).unwrap();
    let token = json!(world.payment(&payment).unwrap().token_id);
    assert!(token.is_string());
    (customer, token)
}

fn request(world: &mut World, mandate: &(Value, Value), amount: i64) -> Value {
    let order = world.create_order(&fields(json!({"amount": amount, "currency": "INR"})));
    json!({
        "order_id": order.unwrap()["id"], "amount": amount, "currency": "INR", "recurring": "1",
        "customer_id": mandate.0, "token": mandate.1, "email": "ada@example.org",
    })
}

fn status(world: &World, answer: &Value) -> Value {
    let payment = answer["razorpay_payment_id"].as_str().unwrap();
    world.payment(payment).unwrap().show()["status"].clone()
}

#[test]
fn the_payment_of_a_mandates_order_makes_a_token() {
    let mut world = world();
    let (customer, token) = mandate(&mut world);
    let shown = world.list_tokens(customer.as_str().unwrap()).unwrap();
    let shown = &shown["items"][0];
    assert_eq!(shown["id"], token);
    assert_eq!(shown["recurring_details"]["status"], "confirmed");
    assert_eq!(
        (&shown["max_amount"], &shown["method"]),
        (&json!(MOST), &json!("upi"))
    );
    let told = world.told();
    assert_eq!(told.last().unwrap(), "token.confirmed");
    assert_eq!(told.iter().filter(|name| *name == "token.confirmed").count(), 1);
}

#[test]
fn what_the_mandate_allows_is_collected() {
    let mut world = world();
    let mandate = mandate(&mut world);
    let request = request(&mut world, &mandate, MOST);
    let answer = world.collect(&fields(request)).unwrap();
    assert_eq!(status(&world, &answer), "captured");
    assert_eq!(
        world
            .told()
            .iter()
            .filter(|name| *name == "token.confirmed")
            .count(),
        1
    );
}

#[test]
fn what_it_does_not_allow_is_refused() {
    let mut world = world();
    let mandate = mandate(&mut world);
    let dear = request(&mut world, &mandate, MOST + 1);
    assert!(world.collect(&fields(dear)).is_err());
    let good = request(&mut world, &mandate, MOST);
    let with = |name: &str, value: Value| {
        let mut changed = good.clone();
        changed[name] = value;
        fields(changed)
    };
    assert!(world.collect(&with("amount", json!(MOST - 1))).is_err());
    assert!(world.collect(&with("customer_id", json!("cust_other"))).is_err());
    assert!(world.collect(&with("token", json!("token_other"))).is_err());
    assert!(world.collect(&with("recurring", json!("0"))).is_err());
    assert!(world.collect(&with("email", json!("nobody"))).is_err());
    world.after(1_000);
    assert!(world.collect(&fields(good)).is_err());
}

#[test]
fn a_paused_mandate_collects_again_when_it_is_confirmed_and_a_cancelled_one_never() {
    let mut world = world();
    let mandate = mandate(&mut world);
    let token = mandate.1.as_str().unwrap();
    let request = request(&mut world, &mandate, 5_000);
    world.change_token(token, TokenStatus::Paused).unwrap();
    assert!(world.collect(&fields(request.clone())).is_err());
    world.change_token(token, TokenStatus::Confirmed).unwrap();
    world.collect(&fields(request)).unwrap();
    world.change_token(token, TokenStatus::Cancelled).unwrap();
    assert!(world.change_token(token, TokenStatus::Confirmed).is_err());
}

#[test]
fn a_collection_is_decided_later_and_may_fail() {
    let mut world = world();
    let mandate = mandate(&mut world);
    world.behaviour.collection_delay = 60;
    let failure = Outcome::Failure(Decline::insufficient_funds());
    world.verdicts.next(None, failure, 1);
    let request = request(&mut world, &mandate, 5_000);
    let answer = world.collect(&fields(request.clone())).unwrap();
    assert_eq!(status(&world, &answer), "created");
    assert!(world.collect(&fields(request.clone())).is_err());
    world.after(60);
    assert_eq!(status(&world, &answer), "failed");
    assert_eq!(world.told().last().unwrap(), "payment.failed");
    let answer = world.collect(&fields(request)).unwrap();
    world.after(60);
    assert_eq!(status(&world, &answer), "captured");
}
