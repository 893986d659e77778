//! Random lives of a subscription, and what holds in all of them.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::outcome::{Decline, Outcome};
use crate::world::ground::{fields, world};
use crate::world::{Attempt, Method, World};

const DAY: i64 = 86_400;

#[derive(Clone, Debug)]
enum Step {
    Authenticate(bool),
    Days(i64),
    Fail(u32),
    Hang,
    Settle(bool),
    Pay(bool),
    Pause,
    Resume,
    Cancel(bool),
    Quantity(i64, bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => any::<bool>().prop_map(Step::Authenticate),
        6 => (1..40_i64).prop_map(Step::Days),
        2 => (1..6_u32).prop_map(Step::Fail),
        1 => Just(Step::Hang),
        1 => any::<bool>().prop_map(Step::Settle),
        1 => any::<bool>().prop_map(Step::Pay),
        1 => Just(Step::Pause),
        1 => Just(Step::Resume),
        1 => any::<bool>().prop_map(Step::Cancel),
        1 => (1..9_i64, any::<bool>()).prop_map(|(quantity, later)| Step::Quantity(quantity, later)),
    ]
}

fn by(good: bool) -> Attempt {
    let failure = || Outcome::Failure(Decline::default());
    let outcome = if good { Outcome::Success } else { failure() };
    Attempt::new(Method::Card, outcome)
}

/// The last payment that nobody has decided yet.
fn hanging(world: &World) -> String {
    let payments = world.list_payments(&fields(json!({"count": 100}))).unwrap();
    let found = payments["items"].as_array().unwrap().iter();
    let mut open = found.filter(|payment| payment["status"] == "created");
    open.next()
        .map_or_else(String::new, |payment| payment["id"].as_str().unwrap().to_owned())
}

fn walk(world: &mut World, id: &str, step: &Step) {
    // Refusals are what is tried here.
    let _ = match *step {
        Step::Authenticate(good) => world.authenticate_subscription(id, by(good)).map(|_| ()),
        Step::Days(days) => {
            world.after(days * DAY);
            Ok(())
        }
        Step::Fail(times) => {
            world.verdicts.next(None, by(false).outcome, times);
            Ok(())
        }
        Step::Hang => {
            world.verdicts.next(None, Outcome::Pending, 1);
            Ok(())
        }
        Step::Settle(good) => {
            let payment = hanging(world);
            world.settle_by_hand(&payment, by(good).outcome).map(|_| ())
        }
        Step::Pay(good) => world.pay_subscription(id, by(good)).map(|_| ()),
        Step::Pause => world.pause_subscription(id, &fields(json!({}))).map(|_| ()),
        Step::Resume => world.resume_subscription(id, &fields(json!({}))).map(|_| ()),
        Step::Cancel(at_end) => {
            let wish = fields(json!({"cancel_at_cycle_end": at_end}));
            world.cancel_subscription(id, &wish).map(|_| ())
        }
        Step::Quantity(quantity, later) => {
            let when = if later { "cycle_end" } else { "now" };
            let wish = fields(json!({"quantity": quantity, "schedule_change_at": when}));
            world.edit_subscription(id, &wish).map(|_| ())
        }
    };
}

fn subscribed(world: &mut World) -> String {
    let item = json!({"name": "Pro", "amount": 49_900, "currency": "INR"});
    let plan = json!({"period": "monthly", "interval": 1, "item": item});
    let plan = world.create_plan(&fields(plan)).unwrap()["id"].clone();
    let wish = fields(json!({"plan_id": plan, "total_count": 6}));
    let made = world.create_subscription(&wish).unwrap();
    made["id"].as_str().unwrap().to_owned()
}

/// The paid invoices of all time.
fn paid(world: &World) -> Vec<Value> {
    let invoices = world.list_invoices(&fields(json!({"count": 100}))).unwrap();
    let all = invoices["items"].as_array().unwrap().clone();
    all.into_iter()
        .filter(|invoice| invoice["status"] == "paid")
        .collect()
}

proptest! {
    #[test]
    fn no_life_charges_a_period_twice_or_goes_on_after_its_end(
        steps in prop::collection::vec(step(), 0..40)
    ) {
        let mut world = world();
        let id = subscribed(&mut world);
        let mut ended: Option<Value> = None;
        for step in steps {
            walk(&mut world, &id, &step);
            let shown = world.show_subscription(&id).unwrap();
            if let Some(ended) = &ended {
                prop_assert_eq!(ended, &shown["status"]);
            }
            if world.subscription(&id).unwrap().status.is_final() {
                ended = Some(shown["status"].clone());
            }
            let count = shown["paid_count"].as_i64().unwrap();
            prop_assert!((0..=6).contains(&count));
            let mut starts: Vec<i64> =
                paid(&world).iter().map(|invoice| invoice["billing_start"].as_i64().unwrap()).collect();
            prop_assert!(i64::try_from(starts.len()).unwrap() >= count);
            starts.sort_unstable();
            let before = starts.len();
            starts.dedup();
            prop_assert_eq!(before, starts.len(), "a period was charged twice");
        }
    }
}
