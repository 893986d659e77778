//! Orders: what a payment is made for.
//! Refuses to be paid twice.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::World;
use crate::fields::{Fields, LEAST_AMOUNT};
use crate::notes::Notes;
use crate::page::{self, Entity, Window};
use crate::problem::Problem;

const CREATE: [&str; 9] = [
    "amount",
    "currency",
    "receipt",
    "notes",
    "partial_payment",
    "method",
    "customer_id",
    "token",
    "payment_capture",
];
const METHODS: [&str; 6] = ["card", "upi", "netbanking", "wallet", "emandate", "nach"];
const MOST_RECEIPT: usize = 40;
/// What banks let a mandate be when nothing is said.
pub(super) const USUAL_MOST: i64 = 1_500_000;
pub(super) const TEN_YEARS: i64 = 10 * 366 * 86_400;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OrderStatus {
    Created,
    Attempted,
    Paid,
}

/// The mandate that the payment of an order gives.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct MandateTerms {
    pub(crate) max_amount: i64,
    pub(crate) expire_at: i64,
    pub(crate) frequency: String,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) amount: i64,
    pub(crate) amount_paid: i64,
    pub(crate) currency: String,
    pub(crate) receipt: Option<String>,
    pub(crate) status: OrderStatus,
    pub(crate) attempts: u32,
    pub(crate) method: Option<String>,
    pub(crate) customer_id: Option<String>,
    pub(crate) mandate: Option<MandateTerms>,
    /// The invoice that it belongs to.
    pub(crate) invoice_id: Option<String>,
    /// Whether its payments are captured at once, when it says so itself.
    pub(crate) capture: Option<bool>,
    pub(crate) notes: Notes,
    pub(crate) created_at: i64,
}

impl Entity for Order {
    fn created_at(&self) -> i64 {
        self.created_at
    }

    fn show(&self) -> Value {
        let mut shown = json!({
            "id": self.id,
            "entity": "order",
            "amount": self.amount,
            "amount_paid": self.amount_paid,
            "amount_due": self.amount - self.amount_paid,
            "currency": self.currency,
            "receipt": self.receipt,
            "offer_id": null,
            "status": self.status,
            "attempts": self.attempts,
            "notes": self.notes.show(),
            "created_at": self.created_at,
        });
        if let Some(mandate) = &self.mandate {
            shown["customer_id"] = json!(self.customer_id);
            shown["method"] = json!(self.method);
            shown["token"] = json!({
                "method": self.method,
                "max_amount": mandate.max_amount,
                "expire_at": mandate.expire_at,
                "frequency": mandate.frequency,
                "currency": self.currency,
                "recurring_status": null,
                "failure_reason": null,
                "notes": [],
            });
        }
        shown
    }
}

impl Order {
    pub(crate) fn is_paid(&self) -> bool {
        self.status == OrderStatus::Paid
    }
}

impl World {
    pub(crate) fn create_order(&mut self, fields: &Fields) -> Result<Value, Problem> {
        let mut known = CREATE.to_vec();
        known.push("payment");
        fields.only(&known)?;
        if fields.flag("partial_payment")? == Some(true) {
            let description = "Partial payments are not enabled for the merchant";
            return Err(Problem::input("partial_payment", description));
        }
        let method = fields.word("method", &METHODS)?;
        // Registering with a bank moves no money.
        let least = if method.as_deref() == Some("emandate") {
            0
        } else {
            LEAST_AMOUNT
        };
        let order = Order {
            id: self.id("order"),
            amount: fields.required_amount("amount", least)?,
            amount_paid: 0,
            currency: fields.currency("currency")?,
            receipt: fields.text("receipt", MOST_RECEIPT)?,
            status: OrderStatus::Created,
            attempts: 0,
            method,
            customer_id: self.known_customer(fields)?,
            mandate: mandate_terms(fields, self.now)?,
            invoice_id: None,
            capture: capture(fields)?,
            notes: fields.notes()?,
            created_at: self.now,
        };
        if order.mandate.is_some() && order.customer_id.is_none() {
            return Err(crate::fields::required("customer_id"));
        }
        Ok(self.open(order))
    }

    /// Remembers an order.
    pub(crate) fn open(&mut self, order: Order) -> Value {
        let shown = order.show();
        self.books.orders.insert(order.id.clone(), order);
        shown
    }

    pub(crate) fn order(&self, id: &str) -> Result<&Order, Problem> {
        self.books.orders.get(id).ok_or_else(Problem::no_such_id)
    }

    pub(crate) fn list_orders(&self, asked: &Fields) -> Result<Value, Problem> {
        let mut known = page::MEMBERS.to_vec();
        known.extend(["receipt", "authorized"]);
        asked.only(&known)?;
        let receipt = asked.text("receipt", MOST_RECEIPT)?;
        let authorized = asked.flag("authorized")?;
        let chosen = self.books.orders.iter().filter(|order| {
            let named = receipt.is_none() || order.receipt == receipt;
            let paid = authorized.is_none_or(|wanted| wanted == self.has_authorized_payment(&order.id));
            named && paid
        });
        Ok(Window::read(asked)?.over(chosen))
    }

    fn has_authorized_payment(&self, order: &str) -> bool {
        self.payments_of(order)
            .any(|payment| payment.status.was_authorized())
    }

    pub(crate) fn edit_order(&mut self, id: &str, fields: &Fields) -> Result<Value, Problem> {
        fields.only(&["notes"])?;
        let notes = fields.notes()?;
        let order = self.books.orders.get_mut(id).ok_or_else(Problem::no_such_id)?;
        order.notes = notes;
        Ok(order.show())
    }

    pub(crate) fn list_order_payments(&self, id: &str) -> Result<Value, Problem> {
        self.order(id)?;
        Ok(page::collection(self.payments_of(id).rev().map(Entity::show)))
    }
}

fn mandate_terms(fields: &Fields, now: i64) -> Result<Option<MandateTerms>, Problem> {
    let Some(token) = fields.object("token")? else {
        return Ok(None);
    };
    let known = [
        "max_amount",
        "expire_at",
        "frequency",
        "auth_type",
        "notes",
        "recurring_value",
        "recurring_type",
    ];
    token.only(&known)?;
    let expire_at = token.number("expire_at")?;
    if expire_at.is_some_and(|time| time <= now) {
        return Err(Problem::input(
            "expire_at",
            "expire_at should be greater than the current time",
        ));
    }
    Ok(Some(MandateTerms {
        max_amount: token.amount("max_amount", LEAST_AMOUNT)?.unwrap_or(USUAL_MOST),
        expire_at: expire_at.unwrap_or(now + TEN_YEARS),
        frequency: token
            .text("frequency", 40)?
            .unwrap_or_else(|| "as_presented".to_owned()),
    }))
}

/// `payment_capture`, or `payment.capture` as it is written today.
fn capture(fields: &Fields) -> Result<Option<bool>, Problem> {
    if let Some(payment) = fields.object("payment")? {
        payment.only(&["capture", "capture_options"])?;
        let word = payment.word("capture", &["automatic", "manual"])?;
        return Ok(word.map(|word| word == "automatic"));
    }
    fields.flag("payment_capture")
}
