use super::*;
use crate::outcome::{Decline, Outcome};
use crate::world::Attempt;
use crate::world::ground::{NOW, fields, world};

const DAY: i64 = 86_400;

fn plan(world: &mut World, amount: i64) -> String {
    let item = json!({"name": "Pro", "amount": amount, "currency": "INR"});
    let shown = world.create_plan(&fields(json!({"period": "monthly", "interval": 1, "item": item})));
    shown.unwrap()["id"].as_str().unwrap().to_owned()
}

fn subscribed(world: &mut World, more: &Value) -> String {
    let plan = plan(world, 49_900);
    let mut members = json!({"plan_id": plan, "total_count": 3, "quantity": 2});
    for (name, value) in more.as_object().unwrap() {
        members[name] = value.clone();
    }
    let shown = world.create_subscription(&fields(members)).unwrap();
    assert_eq!(shown["status"], "created");
    shown["id"].as_str().unwrap().to_owned()
}

fn by(method: Method, outcome: Outcome) -> Attempt {
    Attempt {
        email: Some("ada@example.org".to_owned()),
        ..Attempt::new(method, outcome)
    }
}

fn active(world: &mut World) -> String {
    let id = subscribed(world, &json!({}));
    let attempt = by(Method::Card, Outcome::Success);
    world.authenticate_subscription(&id, attempt).unwrap();
    id
}

fn fails(world: &mut World, id: &str, times: u32) {
    let failure = Outcome::Failure(Decline::insufficient_funds());
    world.verdicts.next(Some(id.to_owned()), failure, times);
}

fn at(world: &World, id: &str) -> Value {
    world.show_subscription(id).unwrap()
}

/// The events of subscriptions since so many events.
fn told(world: &World, since: usize) -> Vec<String> {
    let told = world.told().into_iter().skip(since);
    let own = told.filter_map(|name| Some(name.strip_prefix("subscription.")?.to_owned()));
    own.collect()
}

#[test]
fn the_first_payment_authenticates_activates_and_charges() {
    let mut world = world();
    let id = active(&mut world);
    let shown = at(&world, &id);
    assert_eq!(
        (&shown["status"], &shown["paid_count"]),
        (&json!("active"), &json!(1))
    );
    assert_eq!(shown["current_start"], NOW);
    assert_eq!(shown["charge_at"], shown["current_end"]);
    assert_eq!(shown["remaining_count"], "2");
    assert!(shown["customer_id"].is_string());
    assert_eq!(told(&world, 0), ["authenticated", "activated", "charged"]);
    let invoices = world
        .list_invoices(&fields(json!({"subscription_id": id})))
        .unwrap();
    let invoice = &invoices["items"][0];
    assert_eq!(
        (&invoice["status"], &invoice["amount"]),
        (&json!("paid"), &json!(99_800))
    );
}

#[test]
fn periods_are_charged_until_all_are_paid() {
    let mut world = world();
    let id = active(&mut world);
    let before = world.told().len();
    world.after(70 * DAY);
    let shown = at(&world, &id);
    assert_eq!(
        (&shown["status"], &shown["paid_count"]),
        (&json!("completed"), &json!(3))
    );
    assert_eq!(told(&world, before), ["charged", "charged", "completed"]);
    world.after(400 * DAY);
    assert_eq!(at(&world, &id)["paid_count"], 3);
}

#[test]
fn a_failed_charge_is_tried_again_and_a_good_try_mends_it() {
    let mut world = world();
    let id = active(&mut world);
    let before = world.told().len();
    fails(&mut world, &id, 2);
    world.after(31 * DAY);
    assert_eq!(at(&world, &id)["status"], "pending");
    world.after(2 * DAY);
    let shown = at(&world, &id);
    assert_eq!(
        (&shown["status"], &shown["paid_count"]),
        (&json!("active"), &json!(2))
    );
    assert_eq!(told(&world, before), ["pending", "activated", "charged"]);
    assert_eq!(
        world
            .told()
            .iter()
            .filter(|name| *name == "payment.failed")
            .count(),
        2
    );
}

#[test]
fn a_subscription_is_halted_when_all_tries_fail_and_mended_by_paying() {
    let mut world = world();
    let id = active(&mut world);
    let before = world.told().len();
    fails(&mut world, &id, 100);
    world.after(34 * DAY);
    assert_eq!(at(&world, &id)["status"], "halted");
    assert_eq!(told(&world, before), ["pending", "halted"]);
    world
        .pay_subscription(&id, by(Method::Card, Outcome::Success))
        .unwrap();
    let shown = at(&world, &id);
    assert_eq!(
        (&shown["status"], &shown["paid_count"]),
        (&json!("active"), &json!(2))
    );
    assert_eq!(told(&world, before)[2..], ["activated", "charged"]);
}

#[test]
fn what_begins_later_is_authenticated_first_and_charged_then() {
    let mut world = world();
    let id = subscribed(&mut world, &json!({"start_at": NOW + 10 * DAY}));
    let attempt = by(Method::Card, Outcome::Success);
    let payment = world.authenticate_subscription(&id, attempt).unwrap();
    assert_eq!(at(&world, &id)["status"], "authenticated");
    let shown = page::Entity::show(world.payment(&payment).unwrap());
    assert_eq!(
        (&shown["amount"], &shown["refund_status"]),
        (&json!(500), &json!("full"))
    );
    assert_eq!(told(&world, 0), ["authenticated"]);
    world.after(10 * DAY);
    assert_eq!(at(&world, &id)["current_start"], NOW + 10 * DAY);
    assert_eq!(told(&world, 0), ["authenticated", "activated", "charged"]);
}

#[test]
fn what_nobody_authenticates_expires() {
    let mut world = world();
    let id = subscribed(&mut world, &json!({"expire_by": NOW + DAY}));
    let failing = by(Method::Upi, Outcome::Failure(Decline::default()));
    world.authenticate_subscription(&id, failing).unwrap();
    assert_eq!(at(&world, &id)["status"], "created");
    world.after(2 * DAY);
    assert_eq!(at(&world, &id)["status"], "expired");
    let attempt = by(Method::Upi, Outcome::Success);
    assert!(world.authenticate_subscription(&id, attempt).is_err());
}

#[test]
fn cancelling_is_at_once_or_with_the_period() {
    let mut world = world();
    let (now, later) = (active(&mut world), active(&mut world));
    let cancel = |flag: i64| fields(json!({"cancel_at_cycle_end": flag}));
    assert_eq!(
        world.cancel_subscription(&now, &cancel(0)).unwrap()["status"],
        "cancelled"
    );
    assert!(world.cancel_subscription(&now, &cancel(0)).is_err());
    assert_eq!(
        world.cancel_subscription(&later, &cancel(1)).unwrap()["status"],
        "active"
    );
    world.after(31 * DAY);
    let shown = at(&world, &later);
    assert_eq!(
        (&shown["status"], &shown["paid_count"]),
        (&json!("cancelled"), &json!(1))
    );
    let created = subscribed(&mut world, &json!({}));
    assert!(world.cancel_subscription(&created, &cancel(1)).is_err());
}

#[test]
fn a_paused_subscription_is_not_charged() {
    let mut world = world();
    let id = active(&mut world);
    let before = world.told().len();
    world
        .pause_subscription(&id, &fields(json!({"pause_at": "now"})))
        .unwrap();
    world.after(40 * DAY);
    assert_eq!(at(&world, &id)["paid_count"], 1);
    let shown = world
        .resume_subscription(&id, &fields(json!({"resume_at": "now"})))
        .unwrap();
    assert_eq!(shown["status"], "active");
    world.after(30 * DAY);
    assert_eq!(at(&world, &id)["paid_count"], 2);
    assert_eq!(
        told(&world, before),
        ["paused", "resumed", "charged", "completed"]
    );
}

#[test]
fn changes_wait_for_the_period_or_are_made_at_once() {
    let mut world = world();
    let id = active(&mut world);
    let dear = plan(&mut world, 99_900);
    let change = json!({"plan_id": dear, "schedule_change_at": "cycle_end"});
    let shown = world.edit_subscription(&id, &fields(change.clone())).unwrap();
    assert_eq!(shown["has_scheduled_changes"], true);
    assert_eq!(world.scheduled_changes(&id).unwrap()["plan_id"], dear);
    world.cancel_scheduled_changes(&id).unwrap();
    assert!(world.scheduled_changes(&id).is_err());
    world.edit_subscription(&id, &fields(change)).unwrap();
    world
        .edit_subscription(&id, &fields(json!({"quantity": 5})))
        .unwrap();
    assert_eq!(at(&world, &id)["quantity"], 5);
    assert_eq!(told(&world, 0).last().unwrap(), "updated");
}

#[test]
fn a_change_at_the_period_is_what_the_next_period_costs() {
    let mut world = world();
    let id = active(&mut world);
    let change = json!({"quantity": 7, "schedule_change_at": "cycle_end"});
    world.edit_subscription(&id, &fields(change)).unwrap();
    assert_eq!(at(&world, &id)["quantity"], 2);
    world.after(31 * DAY);
    assert_eq!(at(&world, &id)["quantity"], 7);
    let invoices = world
        .list_invoices(&fields(json!({"subscription_id": id})))
        .unwrap();
    assert_eq!(invoices["items"][0]["amount"], 7 * 49_900);
}

#[test]
fn a_charge_that_hangs_is_decided_by_hand() {
    let mut world = world();
    let id = active(&mut world);
    world.verdicts.next(Some(id.clone()), Outcome::Pending, 1);
    world.after(31 * DAY);
    assert_eq!(at(&world, &id)["paid_count"], 1);
    let payments = world.list_payments(&fields(json!({}))).unwrap();
    let payment = payments["items"][0]["id"].as_str().unwrap();
    world.settle_by_hand(payment, Outcome::Success).unwrap();
    assert_eq!(at(&world, &id)["paid_count"], 2);
}

#[test]
fn a_subscription_whose_plan_was_forgotten_is_left_alone() {
    let mut world = world();
    let id = active(&mut world);
    let plan = world.subscription(&id).unwrap().plan_id.clone();
    world.books.plans.remove(&plan);
    world.after(70 * DAY);
    assert_eq!(at(&world, &id)["charge_at"], Value::Null);
}
