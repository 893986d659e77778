//! The hosted checkout: a form of the merchant's page comes in, a form for the merchant goes out.
//! Asks for no card and runs no script; every click is a decision of the person.

mod html;
mod money;
mod page;

use axum::response::Response;
use http::Method as Verb;
use serde_json::Value;
use url::Url;

use self::html::Page;
use crate::call::Call;
use crate::fields::{Fields, required};
use crate::outcome::{Decline, Outcome};
use crate::problem::Problem;
use crate::signature;
use crate::world::{Attempt, Method, World};

const MOST_TEXT: usize = 255;
const MOST_URL: usize = 2_048;

/// What is to be paid.
enum Subject {
    Order(String),
    Subscription(String),
}

/// What the merchant's form says.
struct Visit {
    subject: Subject,
    key_id: String,
    name: String,
    description: String,
    email: Option<String>,
    contact: Option<String>,
    callback: Option<Url>,
    cancel: Option<Url>,
}

/// `None` when the request is for something else.
pub(crate) fn answer(world: &mut World, call: &Call) -> Option<Response> {
    let answered = match (&call.method, call.segments().as_slice()) {
        (&Verb::POST, ["v1", "checkout", "embedded"]) => open(world, call),
        (&Verb::POST, ["v1", "checkout", "pay"]) => pay(world, call),
        (&Verb::GET, ["l", id]) => link(world, id),
        _ => return None,
    };
    Some(
        answered
            .unwrap_or_else(|problem| page::refusal(&problem))
            .answer(),
    )
}

fn open(world: &World, call: &Call) -> Result<Page, Problem> {
    let visit = Visit::read(world, &call.fields()?)?;
    page::choices(world, &visit)
}

/// The address in `short_url`: nobody is sent anywhere afterwards.
fn link(world: &World, id: &str) -> Result<Page, Problem> {
    let subject = match world.order_of_link(id) {
        Some(order) => Subject::Order(order),
        None => Subject::Subscription(id.to_owned()),
    };
    let visit = Visit {
        subject,

        key_id: world.keys.id.clone(),
        name: "Payment".to_owned(),
        description: String::new(),
        email: None,
        contact: None,
        callback: None,
        cancel: None,
    };
    page::choices(world, &visit)
}

fn pay(world: &mut World, call: &Call) -> Result<Page, Problem> {
    let fields = call.fields()?;
    let visit = Visit::read(world, &fields)?;
    let choice = fields.required_text("choice", 20)?;
    if choice == "cancel" {
        return Ok(page::leave(&visit, &refused(&Decline::cancelled(), None, &visit)));
    }
    let (method, outcome) = match choice.as_str() {
        "card" => (Method::Card, Outcome::Success),
        "upi" => (Method::Upi, Outcome::Success),
        "fail" => (Method::Card, Outcome::Failure(Decline::default())),
        _ => return Err(Problem::input("choice", "The selected choice is invalid.")),
    };
    let attempt = Attempt {
        email: visit.email.clone(),
        contact: visit.contact.clone(),
        description: Some(visit.description.clone()).filter(|text| !text.is_empty()),
        ..Attempt::new(method, outcome.clone())
    };
    let (payment, vouched) = visit.pay(world, attempt)?;
    let members = match outcome {
        Outcome::Failure(decline) => refused(&decline, Some(&payment), &visit),
        _ => flat(&vouched),
    };
    Ok(page::done(&visit, &payment, &members, choice == "fail"))
}

impl Visit {
    fn read(world: &World, fields: &Fields) -> Result<Self, Problem> {
        let key_id = fields.required_text("key_id", MOST_TEXT)?;
        if !signature::same(&key_id, &world.keys.id) {
            return Err(Problem::unauthenticated());
        }
        let order = fields.text("order_id", 40)?.map(Subject::Order);
        let subscription = fields.text("subscription_id", 40)?.map(Subject::Subscription);
        let subject = order.or(subscription).ok_or_else(|| required("order_id"))?;
        let prefill = fields.object("prefill")?;
        let prefilled = |name: &str| match &prefill {
            None => Ok(None),
            Some(prefill) => prefill.text(name, MOST_TEXT),
        };
        let text = |name: &str| Ok(fields.text(name, MOST_TEXT)?.unwrap_or_default());
        Ok(Self {
            subject,
            key_id,
            name: text("name")?,
            description: text("description")?,
            email: prefilled("email")?,
            contact: prefilled("contact")?,
            callback: address(fields, "callback_url")?,
            cancel: address(fields, "cancel_url")?,
        })
    }

    fn pay(&self, world: &mut World, attempt: Attempt) -> Result<(String, Value), Problem> {
        match &self.subject {
            Subject::Order(id) => {
                let payment = world.attempt(id, attempt)?;
                let vouched = world.vouch_for_order(&payment)?;
                Ok((payment, vouched))
            }
            Subject::Subscription(id) => {
                let payment = world.pay_or_authenticate(id, attempt)?;
                let vouched = world.vouch_for_subscription(id, &payment)?;
                Ok((payment, vouched))
            }
        }
    }
}

/// An absolute web address, and nothing that a browser would run.
fn address(fields: &Fields, name: &str) -> Result<Option<Url>, Problem> {
    let Some(text) = fields.text(name, MOST_URL)?.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let url = text.parse::<Url>().ok();
    let web = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let problem = || Problem::input(name, format!("The {name} format is invalid."));
    web.map(Some).ok_or_else(problem)
}

type Members = Vec<(String, String)>;

fn flat(vouched: &Value) -> Members {
    let members = vouched.as_object().into_iter().flatten();
    members
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}

/// `error[code]` and its siblings, as the original posts them.
fn refused(decline: &Decline, payment: Option<&str>, visit: &Visit) -> Members {
    let (kind, id) = match &visit.subject {
        Subject::Order(id) => ("order_id", id),
        Subject::Subscription(id) => ("subscription_id", id),
    };
    let mut metadata = serde_json::Map::new();
    if let Some(payment) = payment {
        metadata.insert("payment_id".to_owned(), payment.into());
    }
    metadata.insert(kind.to_owned(), id.as_str().into());
    let members = [
        ("code", decline.code.clone()),
        ("description", decline.description.clone()),
        ("source", decline.source.clone()),
        ("step", decline.step.clone()),
        ("reason", decline.reason.clone()),
        ("metadata", Value::Object(metadata).to_string()),
    ];
    let named = members.map(|(name, value)| (format!("error[{name}]"), value));
    named.into()
}
