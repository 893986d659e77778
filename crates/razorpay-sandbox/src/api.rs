//! Which capability answers which request of the API.
//! Answers nobody without the merchant's key.

use http::Method;
use serde_json::Value;

use crate::call::Call;
use crate::page::Entity;
use crate::problem::Problem;
use crate::signature;
use crate::world::World;

type Answer = Result<Value, Problem>;

/// Answers a request below `/v1`.
pub(crate) fn answer(world: &mut World, call: &Call) -> Answer {
    authenticate(world, call)?;
    let segments = call.segments();
    match segments.get(1).copied() {
        Some("orders") => orders(world, call, &segments[2..]),
        Some("payments") => payments(world, call, &segments[2..]),
        Some("refunds") => refunds(world, call, &segments[2..]),
        Some("customers") => customers(world, call, &segments[2..]),
        Some("tokens") => tokens(world, call, &segments[2..]),
        Some("plans") => plans(world, call, &segments[2..]),
        Some("subscriptions") => subscriptions(world, call, &segments[2..]),
        Some("subscription_registration") => registration(world, call, &segments[2..]),
        Some("invoices") => invoices(world, call, &segments[2..]),
        _ => Err(Problem::no_such_url()),
    }
}

/// HTTP Basic with the key's id and secret (RFC 7617).
pub(crate) fn authenticate(world: &World, call: &Call) -> Result<(), Problem> {
    let known = call.basic().is_some_and(|(id, secret)| {
        signature::same(&id, &world.keys.id) & signature::same(&secret, &world.keys.secret)
    });
    known.then_some(()).ok_or_else(Problem::unauthenticated)
}

fn orders(world: &mut World, call: &Call, rest: &[&str]) -> Answer {
    match (&call.method, rest) {
        (&Method::POST, []) => world.create_order(&call.fields()?),
        (&Method::GET, []) => world.list_orders(&call.asked()?),
        (&Method::GET, [id]) => world.order(id).map(Entity::show),
        (&Method::PATCH, [id]) => world.edit_order(id, &call.fields()?),
        (&Method::GET, [id, "payments"]) => world.list_order_payments(id),
        _ => Err(Problem::no_such_url()),
    }
}

fn payments(world: &mut World, call: &Call, rest: &[&str]) -> Answer {
    match (&call.method, rest) {
        (&Method::GET, []) => world.list_payments(&call.asked()?),
        (&Method::POST, ["create", "recurring"]) => world.collect(&call.fields()?),
        (&Method::GET, [id]) => world.payment(id).map(Entity::show),
        (&Method::PATCH, [id]) => world.edit_payment(id, &call.fields()?),
        (&Method::POST, [id, "capture"]) => world.capture_by_merchant(id, &call.fields()?),
        (&Method::POST, [id, "refund"]) => world.create_refund(id, call),
        (&Method::GET, [id, "refunds"]) => world.list_refunds(Some(id), &call.asked()?),
        (&Method::GET, [id, "refunds", refund]) => world.find_refund(Some(id), refund),
        _ => Err(Problem::no_such_url()),
    }
}

fn refunds(world: &mut World, call: &Call, rest: &[&str]) -> Answer {
    match (&call.method, rest) {
        (&Method::GET, []) => world.list_refunds(None, &call.asked()?),
        (&Method::GET, [id]) => world.find_refund(None, id),
        (&Method::PATCH, [id]) => world.edit_refund(id, &call.fields()?),
        _ => Err(Problem::no_such_url()),
    }
}

fn customers(world: &mut World, call: &Call, rest: &[&str]) -> Answer {
    match (&call.method, rest) {
        (&Method::POST, []) => world.create_customer(&call.fields()?),
        (&Method::GET, []) => world.list_customers(&call.asked()?),
        (&Method::GET, [id]) => world.customer(id).map(Entity::show),
        (&Method::PUT, [id]) => world.edit_customer(id, &call.fields()?),
        (&Method::GET, [id, "tokens"]) => world.list_tokens(id),
        (&Method::GET, [id, "tokens", token]) => world.token(id, token).map(Entity::show),
        (&Method::DELETE, [id, "tokens", token]) => world.delete_token(id, token),
        (&Method::PUT, [id, "tokens", token, "cancel"]) => world.cancel_token(id, token),
        _ => Err(Problem::no_such_url()),
    }
}

/// The same tokens, named in the body.
fn tokens(world: &mut World, call: &Call, rest: &[&str]) -> Answer {
    let (&Method::POST, [verb @ ("fetch" | "delete")]) = (&call.method, rest) else {
        return Err(Problem::no_such_url());
    };
    let fields = call.fields()?;
    fields.only(&["id", "customer_id"])?;
    let (id, customer) = (
        fields.required_text("id", 40)?,
        fields.required_text("customer_id", 40)?,
    );
    match *verb {
        "fetch" => world.token(&customer, &id).map(Entity::show),
        _ => world.delete_token(&customer, &id),
    }
}

fn plans(world: &mut World, call: &Call, rest: &[&str]) -> Answer {
    match (&call.method, rest) {
        (&Method::POST, []) => world.create_plan(&call.fields()?),
        (&Method::GET, []) => world.list_plans(&call.asked()?),
        (&Method::GET, [id]) => world.plan(id).map(Entity::show),
        _ => Err(Problem::no_such_url()),
    }
}

fn subscriptions(world: &mut World, call: &Call, rest: &[&str]) -> Answer {
    match (&call.method, rest) {
        (&Method::POST, []) => world.create_subscription(&call.fields()?),
        (&Method::GET, []) => world.list_subscriptions(&call.asked()?),
        (&Method::GET, [id]) => world.show_subscription(id),
        (&Method::PATCH, [id]) => world.edit_subscription(id, &call.fields()?),
        (&Method::POST, [id, "cancel"]) => world.cancel_subscription(id, &call.fields()?),
        (&Method::POST, [id, "pause"]) => world.pause_subscription(id, &call.fields()?),
        (&Method::POST, [id, "resume"]) => world.resume_subscription(id, &call.fields()?),
        (&Method::GET, [id, "retrieve_scheduled_changes"]) => world.scheduled_changes(id),
        (&Method::POST, [id, "cancel_scheduled_changes"]) => world.cancel_scheduled_changes(id),
        _ => Err(Problem::no_such_url()),
    }
}

fn invoices(world: &World, call: &Call, rest: &[&str]) -> Answer {
    match (&call.method, rest) {
        (&Method::GET, []) => world.list_invoices(&call.asked()?),
        (&Method::GET, [id]) => world.invoice(id).map(Entity::show),
        _ => Err(Problem::no_such_url()),
    }
}

fn registration(world: &mut World, call: &Call, rest: &[&str]) -> Answer {
    match (&call.method, rest) {
        (&Method::POST, ["auth_links"]) => world.create_link(&call.fields()?),
        _ => Err(Problem::no_such_url()),
    }
}
