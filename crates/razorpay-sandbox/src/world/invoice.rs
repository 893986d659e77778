//! Invoices of what subscriptions charge, and of registration links.
//! Made with those only; nobody can order one by itself.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::World;
use crate::fields::Fields;
use crate::page::{self, Entity, Window};
use crate::problem::Problem;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InvoiceStatus {
    Issued,
    Paid,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Invoice {
    pub(crate) id: String,
    /// None for a registration link.
    pub(crate) subscription_id: Option<String>,
    pub(crate) customer_id: Option<String>,
    pub(crate) order_id: String,
    pub(crate) payment_id: Option<String>,
    pub(crate) status: InvoiceStatus,
    pub(crate) name: String,
    pub(crate) unit_amount: i64,
    pub(crate) quantity: i64,
    pub(crate) currency: String,
    pub(crate) billing_start: i64,
    pub(crate) billing_end: i64,
    pub(crate) paid_at: Option<i64>,
    pub(crate) created_at: i64,
}

impl Invoice {
    pub(crate) fn amount(&self) -> i64 {
        self.unit_amount * self.quantity
    }

    fn line(&self) -> Value {
        json!({
            "id": format!("li_{}", self.id.trim_start_matches("inv_")),
            "name": self.name,
            "description": null,
            "amount": self.amount(),
            "unit_amount": self.unit_amount,
            "gross_amount": self.amount(),
            "tax_amount": 0,
            "taxable_amount": self.amount(),
            "net_amount": self.amount(),
            "currency": self.currency,
            "type": "plan",
            "tax_inclusive": false,
            "quantity": self.quantity,
            "taxes": [],
        })
    }
}

impl Entity for Invoice {
    fn created_at(&self) -> i64 {
        self.created_at
    }

    fn show(&self) -> Value {
        let paid = match self.status {
            InvoiceStatus::Paid => self.amount(),
            InvoiceStatus::Issued => 0,
        };
        json!({
            "id": self.id,
            "entity": "invoice",
            "type": "invoice",
            "receipt": null,
            "invoice_number": null,
            "customer_id": self.customer_id,
            "customer_details": {"id": self.customer_id},
            "order_id": self.order_id,
            "subscription_id": self.subscription_id,
            "line_items": [self.line()],
            "payment_id": self.payment_id,
            "status": self.status,
            "expire_by": null,
            "issued_at": self.created_at,
            "paid_at": self.paid_at,
            "cancelled_at": null,
            "expired_at": null,
            "sms_status": null,
            "email_status": null,
            "date": self.created_at,
            "terms": null,
            "partial_payment": false,
            "gross_amount": self.amount(),
            "tax_amount": 0,
            "taxable_amount": self.amount(),
            "amount": self.amount(),
            "amount_paid": paid,
            "amount_due": self.amount() - paid,
            "currency": self.currency,
            "description": null,
            "notes": [],
            "comment": null,
            "short_url": null,
            "billing_start": self.billing_start,
            "billing_end": self.billing_end,
            "group_taxes_discounts": false,
            "created_at": self.created_at,
        })
    }
}

impl World {
    pub(crate) fn invoice(&self, id: &str) -> Result<&Invoice, Problem> {
        self.books.invoices.get(id).ok_or_else(Problem::no_such_id)
    }

    pub(crate) fn list_invoices(&self, asked: &Fields) -> Result<Value, Problem> {
        let mut known = page::MEMBERS.to_vec();
        known.extend(["type", "subscription_id", "payment_id", "customer_id"]);
        asked.only(&known)?;
        let wanted = |name: &str| asked.text(name, 40);
        let (subscription, payment, customer) = (
            wanted("subscription_id")?,
            wanted("payment_id")?,
            wanted("customer_id")?,
        );
        let is_invoice = wanted("type")?.is_none_or(|kind| kind == "invoice");
        let chosen = self.books.invoices.iter().filter(|invoice| {
            is_invoice
                && (subscription.is_none() || subscription == invoice.subscription_id)
                && (payment.is_none() || payment == invoice.payment_id)
                && (customer.is_none() || customer == invoice.customer_id)
        });
        Ok(Window::read(asked)?.over(chosen))
    }
}
