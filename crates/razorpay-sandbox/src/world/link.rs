//! Registration links: an address at which somebody gives a mandate.
//! Sends no mail and no message; whoever made the link passes it on.

use serde_json::{Value, json};

use super::World;
use super::invoice::{Invoice, InvoiceStatus};
use super::order::{MandateTerms, Order, OrderStatus, TEN_YEARS, USUAL_MOST};
use crate::fields::{Fields, LEAST_AMOUNT, required};
use crate::page::Entity as _;
use crate::problem::Problem;

const MEMBERS: [&str; 11] = [
    "customer",
    "type",
    "amount",
    "currency",
    "description",
    "subscription_registration",
    "receipt",
    "email_notify",
    "sms_notify",
    "expire_by",
    "notes",
];

impl World {
    pub(crate) fn create_link(&mut self, fields: &Fields) -> Result<Value, Problem> {
        fields.only(&MEMBERS)?;
        if fields.word("type", &["link"])?.is_none() {
            return Err(required("type"));
        }
        let wish = fields.object("subscription_registration")?;
        let wish = wish.ok_or_else(|| required("subscription_registration"))?;
        wish.only(&["method", "max_amount", "expire_at"])?;
        let method = wish.word("method", &["card", "upi", "emandate"])?;
        let mandate = self.terms(&wish)?;
        let order = Order {
            id: self.id("order"),
            amount: fields.required_amount("amount", LEAST_AMOUNT)?,
            amount_paid: 0,
            currency: fields.currency("currency")?,
            receipt: fields.text("receipt", 40)?,
            status: OrderStatus::Created,
            attempts: 0,
            method,
            customer_id: Some(self.customer_of_link(fields)?),
            mandate: Some(mandate),
            invoice_id: Some(self.id("inv")),
            capture: Some(true),
            notes: fields.notes()?,
            created_at: self.now,
        };
        Ok(self.issue_link(order, fields.text("description", 2_048)?))
    }

    fn customer_of_link(&mut self, fields: &Fields) -> Result<String, Problem> {
        let customer = fields.object("customer")?;
        self.described_customer(&customer.ok_or_else(|| required("customer"))?)
    }

    fn terms(&self, wish: &Fields) -> Result<MandateTerms, Problem> {
        let expire_at = wish.number("expire_at")?;
        if expire_at.is_some_and(|time| time <= self.now) {
            let description = "expire_at should be greater than the current time";
            return Err(Problem::input("expire_at", description));
        }
        Ok(MandateTerms {
            max_amount: wish.amount("max_amount", LEAST_AMOUNT)?.unwrap_or(USUAL_MOST),
            expire_at: expire_at.unwrap_or(self.now + TEN_YEARS),
            frequency: "as_presented".to_owned(),
        })
    }

    fn issue_link(&mut self, order: Order, description: Option<String>) -> Value {
        let id = order.invoice_id.clone().unwrap_or_default();
        let invoice = Invoice {
            id: id.clone(),
            subscription_id: None,
            customer_id: order.customer_id.clone(),
            order_id: order.id.clone(),
            payment_id: None,
            status: InvoiceStatus::Issued,
            name: description.unwrap_or_default(),
            unit_amount: order.amount,
            quantity: 1,
            currency: order.currency.clone(),
            billing_start: self.now,
            billing_end: self.now,
            paid_at: None,
            created_at: self.now,
        };
        let mut shown = invoice.show();
        shown["type"] = json!("link");
        shown["receipt"] = json!(order.receipt);
        shown["short_url"] = json!(format!("{}/l/{id}", self.base));
        shown["auth_link_status"] = json!("issued");
        shown["token"] = order.show()["token"].clone();
        shown["notes"] = order.notes.show();
        self.books.invoices.insert(id, invoice);
        let _: Value = self.open(order);
        shown
    }

    /// What is paid at the address of a link.
    pub(crate) fn order_of_link(&self, id: &str) -> Option<String> {
        let invoice = self.books.invoices.get(id)?;
        let is_link = invoice.subscription_id.is_none();
        is_link.then(|| invoice.order_id.clone())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::outcome::Outcome;
    use crate::world::ground::{fields, world};
    use crate::world::{Attempt, Method};

    #[test]
    fn what_is_paid_at_a_link_is_a_mandate() {
        let mut world = world();
        let wish = json!({
            "type": "link", "amount": 100, "currency": "INR", "description": "Autopay",
            "customer": {"name": "Ada Lovelace", "email": "ada@example.org"},
            "subscription_registration": {"method": "upi", "max_amount": 50_000},
        });
        let shown = world.create_link(&fields(wish)).unwrap();
        assert_eq!(
            (&shown["auth_link_status"], &shown["token"]["max_amount"]),
            (&json!("issued"), &json!(50_000))
        );
        let order = world.order_of_link(shown["id"].as_str().unwrap()).unwrap();
        world
            .attempt(&order, Attempt::new(Method::Upi, Outcome::Success))
            .unwrap();
        let tokens = world.list_tokens(shown["customer_id"].as_str().unwrap()).unwrap();
        assert_eq!(tokens["items"][0]["recurring_details"]["status"], "confirmed");
        let told = world.told();
        assert!(told.contains(&"invoice.paid".to_owned()) && told.contains(&"token.confirmed".to_owned()));
        let invoice = crate::page::Entity::show(world.invoice(shown["id"].as_str().unwrap()).unwrap());
        assert_eq!(invoice["status"], "paid");
    }
}
