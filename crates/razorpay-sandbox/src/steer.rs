//! The sandbox's own doors, which Razorpay does not have: what [`crate::Control`] can do, over HTTP.
//! Answers nobody without the merchant's key; its calls are not noted.

use http::Method as Verb;
use serde_json::{Value, json};

use crate::api::authenticate;
use crate::call::Call;
use crate::fault::{Failure, When};
use crate::fields::{Fields, required};
use crate::outcome::{self, Outcome};
use crate::page::Entity as _;
use crate::problem::Problem;
use crate::settings::Behaviour;
use crate::shared::Shared;
use crate::world::{Attempt, Method, World, read_token_status};

type Answer = Result<Value, Problem>;

const MOST_TIMES: i64 = 10_000;
/// Ten years.
const MOST_SECONDS: i64 = 10 * 366 * 86_400;

pub(crate) fn answer(shared: &Shared, world: &mut World, call: &Call) -> Answer {
    authenticate(world, call)?;
    let segments = call.segments();
    match (&call.method, &segments[1..]) {
        (&Verb::GET, ["events"]) => Ok(events(world)),
        (&Verb::GET, ["calls"]) => Ok(calls(shared)),
        (&Verb::GET, ["behaviour"]) => Ok(json!(world.behaviour)),
        (&Verb::DELETE, ["failures"]) => {
            world.faults.clear();
            shared.release.notify_waiters();
            Ok(json!({}))
        }
        (&Verb::POST, path) => post(shared, world, path, call),
        _ => Err(Problem::no_such_url()),
    }
}

fn post(shared: &Shared, world: &mut World, path: &[&str], call: &Call) -> Answer {
    let fields = call.fields()?;
    match path {
        ["advance"] => advance(shared, world, &fields),
        ["behaviour"] => behave(world, call),
        ["webhook"] => webhook(world, &fields),
        ["failures"] => fail(world, &fields),
        ["charges"] => charges(world, &fields),
        ["refunds"] => {
            world.verdicts.fail_refunds(times(&fields)?);
            Ok(json!({}))
        }
        ["orders", id, "pay"] => pay(world, id, &fields),
        ["subscriptions", id, "authenticate"] => {
            let payment = world.authenticate_subscription(id, attempt(&fields)?)?;
            subscription_paid(world, id, &payment)
        }
        ["subscriptions", id, "pay"] => {
            let payment = world.pay_subscription(id, attempt(&fields)?)?;
            subscription_paid(world, id, &payment)
        }
        ["payments", id, "settle"] => {
            fields.only(&outcome::MEMBERS)?;
            world.settle_by_hand(id, Outcome::read(&fields)?)
        }
        ["tokens", "next"] => {
            world.verdicts.next_token = Some(read_token_status(&fields)?);
            Ok(json!({}))
        }
        ["tokens", id] => world.change_token(id, read_token_status(&fields)?),
        ["events", id, "deliver"] => again(world, id),
        _ => Err(Problem::no_such_url()),
    }
}

fn advance(shared: &Shared, world: &mut World, fields: &Fields) -> Answer {
    fields.only(&["seconds"])?;
    let seconds = fields.number_within("seconds", 0, MOST_SECONDS)?;
    let seconds = seconds.ok_or_else(|| required("seconds"))?;
    shared.clock.advance(u32::try_from(seconds).unwrap_or(0));
    world.turn(shared.clock.now_ms());
    Ok(json!({"now": world.now}))
}

/// The members that are named change; the others stay.
fn behave(world: &mut World, call: &Call) -> Answer {
    let mut wanted = json!(world.behaviour);
    let said: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    merge(&mut wanted, said);
    let behaviour: Behaviour =
        serde_json::from_value(wanted).map_err(|error| Problem::state(error.to_string()))?;
    world.behaviour = behaviour;
    Ok(json!(world.behaviour))
}

/// RFC 7396 §2, without removal.
fn merge(into: &mut Value, said: Value) {
    match (into, said) {
        (Value::Object(known), Value::Object(said)) => {
            for (name, value) in said {
                merge(known.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, said) => *into = said,
    }
}

fn webhook(world: &mut World, fields: &Fields) -> Answer {
    fields.only(&["url", "secret"])?;
    if let Some(url) = fields.text("url", 2_048)? {
        let url = url
            .parse()
            .map_err(|_| Problem::input("url", "The url format is invalid."))?;
        world.webhook_url = Some(url);
    }
    if let Some(secret) = fields.text("secret", 255)? {
        world.keys.webhook = secret;
    }
    Ok(json!({"url": world.webhook_url}))
}

fn fail(world: &mut World, fields: &Fields) -> Answer {
    fields.only(&["route", "kind", "status", "millis", "when", "times"])?;
    let route = fields.required_text("route", 255)?;
    let kinds = [
        "status",
        "rate_limit",
        "broken_json",
        "cut",
        "timeout",
        "slow",
        "held",
    ];
    let kind = fields.word("kind", &kinds)?.ok_or_else(|| required("kind"))?;
    let millis = fields.number_within("millis", 0, 120_000)?.unwrap_or(1_000);
    let millis = u64::try_from(millis).unwrap_or(0);
    let failure = match kind.as_str() {
        "rate_limit" => Failure::RateLimit,
        "broken_json" => Failure::BrokenJson,
        "cut" => Failure::Cut,
        "timeout" => Failure::Timeout { millis },
        "slow" => Failure::Slow { millis },
        "held" => Failure::Held,
        _ => {
            let status = fields.number_within("status", 400, 599)?.unwrap_or(500);
            let status = u16::try_from(status).unwrap_or(500);
            Failure::Status { status }
        }
    };
    let when = match fields.word("when", &["before", "after"])?.as_deref() {
        Some("after") => When::After,
        _ => When::Before,
    };
    world.faults.arm(&route, failure, when, times(fields)?);
    Ok(json!({}))
}

fn times(fields: &Fields) -> Result<u32, Problem> {
    let times = fields.number_within("times", 0, MOST_TIMES)?.unwrap_or(1);
    Ok(u32::try_from(times).unwrap_or(0))
}

fn charges(world: &mut World, fields: &Fields) -> Answer {
    let mut known = outcome::MEMBERS.to_vec();
    known.extend(["subject", "times"]);
    fields.only(&known)?;
    let subject = fields.text("subject", 40)?;
    world
        .verdicts
        .next(subject, Outcome::read(fields)?, times(fields)?);
    Ok(json!({}))
}

/// A person at the checkout, as a test describes them.
fn attempt(fields: &Fields) -> Result<Attempt, Problem> {
    let mut known = outcome::MEMBERS.to_vec();
    known.extend(["method", "email", "contact"]);
    fields.only(&known)?;
    Ok(Attempt {
        email: fields.text("email", 255)?,
        contact: fields.text("contact", 15)?,
        ..Attempt::new(Method::read(fields)?, Outcome::read(fields)?)
    })
}

fn subscription_paid(world: &World, id: &str, payment: &str) -> Answer {
    let mut answer = world.vouch_for_subscription(id, payment)?;
    answer["payment"] = world.payment(payment)?.show();
    answer["subscription"] = world.show_subscription(id)?;
    Ok(answer)
}

fn pay(world: &mut World, order: &str, fields: &Fields) -> Answer {
    let payment = world.attempt(order, attempt(fields)?)?;
    let mut answer = world.vouch_for_order(&payment)?;
    answer["payment"] = world.payment(&payment)?.show();
    Ok(answer)
}

fn again(world: &mut World, event: &str) -> Answer {
    let known = world.post.again(event);
    known.then(|| json!({})).ok_or_else(Problem::no_such_id)
}

fn events(world: &World) -> Value {
    let events = world.post.events().map(|event| {
        json!({
            "id": event.id,
            "event": event.name,
            "signature": event.signature,
            "body": event.body,
            "answers": event.answers,
        })
    });
    crate::page::collection(events)
}

fn calls(shared: &Shared) -> Value {
    let calls = shared.seen().into_iter();
    crate::page::collection(
        calls.map(|call| json!({"method": call.method, "path": call.path, "status": call.status})),
    )
}
