//! Payments: created → authorized → captured → refunded, or failed.
//! Captures none twice, and no second one for the same order.

mod machine;
mod show;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{OrderStatus, World};
use crate::fields::Fields;
use crate::notes::Notes;
use crate::outcome::{Decline, Outcome};
use crate::page::{self, Entity, Window};
use crate::problem::Problem;

pub(crate) use self::machine::PaymentStatus;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Method {
    Card,
    Upi,
    Netbanking,
    Wallet,
    Emandate,
}

impl Method {
    pub(crate) fn read(fields: &Fields) -> Result<Self, Problem> {
        let words = ["card", "upi", "netbanking", "wallet", "emandate"];
        Ok(match fields.word("method", &words)?.as_deref() {
            Some("upi") => Self::Upi,
            Some("netbanking") => Self::Netbanking,
            Some("wallet") => Self::Wallet,
            Some("emandate") => Self::Emandate,
            _ => Self::Card,
        })
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Payment {
    pub(crate) id: String,
    pub(crate) amount: i64,
    pub(crate) amount_refunded: i64,
    pub(crate) currency: String,
    pub(crate) status: PaymentStatus,
    pub(crate) captured: bool,
    pub(crate) order_id: String,
    pub(crate) invoice_id: Option<String>,
    pub(crate) method: Method,
    pub(crate) customer_id: Option<String>,
    pub(crate) token_id: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) contact: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) notes: Notes,
    /// What the gateway keeps, tax included; known once captured.
    pub(crate) fee: Option<i64>,
    pub(crate) tax: Option<i64>,
    pub(crate) decline: Option<Decline>,
    /// When it is decided by itself.
    pub(crate) decided_at: Option<i64>,
    /// What is shown of the instrument.
    pub(crate) instrument: String,
    pub(crate) created_at: i64,
}

/// One try to pay an order.
#[derive(Clone)]
pub(crate) struct Attempt {
    pub(crate) method: Method,
    pub(crate) outcome: Outcome,
    pub(crate) email: Option<String>,
    pub(crate) contact: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) token: Option<String>,
    pub(crate) invoice: Option<String>,
    pub(crate) notes: Notes,
}

impl Attempt {
    pub(crate) fn new(method: Method, outcome: Outcome) -> Self {
        Self {
            method,
            outcome,
            email: None,
            contact: None,
            description: None,
            token: None,
            invoice: None,
            notes: Notes::default(),
        }
    }
}

impl World {
    /// Tries to pay an order, and gives the id of the payment.
    pub(crate) fn attempt(&mut self, order: &str, attempt: Attempt) -> Result<String, Problem> {
        let outcome = attempt.outcome.clone();
        let id = self.begin(order, attempt)?;
        self.settle(&id, outcome)?;
        Ok(id)
    }

    /// A payment that is not decided yet.
    pub(crate) fn begin(&mut self, order: &str, attempt: Attempt) -> Result<String, Problem> {
        let (id, instrument) = (self.id("pay"), self.id("card"));
        let order = self.books.orders.get_mut(order).ok_or_else(Problem::no_such_id)?;
        if order.status == OrderStatus::Paid {
            let problem = Problem::state("Payment already done for this order.");
            return Err(problem.because("order_already_paid"));
        }
        order.attempts += 1;
        order.status = OrderStatus::Attempted;
        let payment = Payment {
            id: id.clone(),
            amount: order.amount,
            amount_refunded: 0,
            currency: order.currency.clone(),
            status: PaymentStatus::Created,
            captured: false,
            order_id: order.id.clone(),
            invoice_id: attempt.invoice.or_else(|| order.invoice_id.clone()),
            method: attempt.method,
            customer_id: order.customer_id.clone(),
            token_id: attempt.token,
            email: attempt.email,
            contact: attempt.contact,
            description: attempt.description,
            notes: attempt.notes,
            fee: None,
            tax: None,
            decline: None,
            decided_at: None,
            instrument,
            created_at: self.now,
        };
        self.books.payments.insert(id.clone(), payment);
        Ok(id)
    }

    /// Decides a payment that was begun.
    pub(crate) fn settle(&mut self, id: &str, outcome: Outcome) -> Result<(), Problem> {
        match outcome {
            Outcome::Pending => return Ok(()),
            Outcome::Success => self.authorize(id)?,
            Outcome::Failure(decline) => self.decline(id, decline)?,
        }
        self.invoice_settled(id);
        Ok(())
    }

    fn authorize(&mut self, id: &str) -> Result<(), Problem> {
        let payment = self.payment_mut(id)?;
        payment.status = payment.status.authorize()?;
        payment.decline = None;
        let (order, shown) = (payment.order_id.clone(), payment.show());
        self.emit("payment.authorized", &[("payment", shown)]);
        let order = self.order(&order)?;
        let at_once = order.capture.unwrap_or(self.behaviour.auto_capture);
        let (gives_mandate, paid) = (order.mandate.is_some(), order.status == OrderStatus::Paid);
        if gives_mandate {
            self.give_token(id)?;
        }
        // What came too late stays authorized; the merchant gives it back.
        if at_once && !paid {
            self.capture(id)?;
        }
        self.token_told(id);
        Ok(())
    }

    fn decline(&mut self, id: &str, decline: Decline) -> Result<(), Problem> {
        let payment = self.payment_mut(id)?;
        payment.status = payment.status.decline()?;
        payment.decline = Some(decline);
        let shown = payment.show();
        self.emit("payment.failed", &[("payment", shown)]);
        Ok(())
    }

    fn capture(&mut self, id: &str) -> Result<(), Problem> {
        let payment = self.payment_mut(id)?;
        let captured = payment.status.capture()?;
        let order = payment.order_id.clone();
        if self.order(&order)?.status == OrderStatus::Paid {
            let problem = Problem::state("Payment already done for this order.");
            return Err(problem.because("order_already_paid"));
        }
        let payment = self.payment_mut(id)?;
        payment.status = captured;
        payment.captured = true;
        let (fee, tax) = fee_and_tax(payment.amount);
        (payment.fee, payment.tax) = (Some(fee), Some(tax));
        let (amount, shown) = (payment.amount, payment.show());
        self.emit("payment.captured", &[("payment", shown.clone())]);
        let Some(order) = self.books.orders.get_mut(&order) else {
            return Ok(());
        };
        order.amount_paid = amount;
        order.status = OrderStatus::Paid;
        let order = order.show();
        self.emit("order.paid", &[("payment", shown), ("order", order)]);
        Ok(())
    }

    /// The merchant takes what was authorized.
    pub(crate) fn capture_by_merchant(&mut self, id: &str, fields: &Fields) -> Result<Value, Problem> {
        fields.only(&["amount", "currency"])?;
        let amount = fields.required_amount("amount", 1)?;
        let currency = fields.text("currency", 3)?;
        let payment = self.payment(id)?;
        payment.status.capture()?;
        if amount != payment.amount {
            let description = "Capture amount must be equal to the amount authorized";
            return Err(Problem::input("amount", description));
        }
        if currency.is_some_and(|currency| currency != payment.currency) {
            return Err(Problem::input(
                "currency",
                "Capture currency should be the same as the payment's",
            ));
        }
        self.capture(id)?;
        Ok(self.payment(id)?.show())
    }

    pub(crate) fn payment(&self, id: &str) -> Result<&Payment, Problem> {
        self.books.payments.get(id).ok_or_else(Problem::no_such_id)
    }

    pub(crate) fn payment_mut(&mut self, id: &str) -> Result<&mut Payment, Problem> {
        self.books.payments.get_mut(id).ok_or_else(Problem::no_such_id)
    }

    pub(crate) fn payments_of(&self, order: &str) -> impl DoubleEndedIterator<Item = &Payment> {
        self.books
            .payments
            .iter()
            .filter(move |payment| payment.order_id == order)
    }

    pub(crate) fn list_payments(&self, asked: &Fields) -> Result<Value, Problem> {
        asked.only(&page::MEMBERS)?;
        Ok(Window::read(asked)?.over(self.books.payments.iter()))
    }

    pub(crate) fn edit_payment(&mut self, id: &str, fields: &Fields) -> Result<Value, Problem> {
        fields.only(&["notes"])?;
        let notes = fields.notes()?;
        let payment = self.payment_mut(id)?;
        payment.notes = notes;
        Ok(payment.show())
    }

    /// What the checkout hands to the merchant through the browser.
    pub(crate) fn vouch_for_order(&self, payment: &str) -> Result<Value, Problem> {
        let order = &self.payment(payment)?.order_id;
        let signature = crate::signature::hex(&self.keys.secret, &format!("{order}|{payment}"));
        Ok(json!({
            "razorpay_payment_id": payment,
            "razorpay_order_id": order,
            "razorpay_signature": signature,
        }))
    }
}

/// Two percent, and 18 percent tax on that, which the fee includes.
fn fee_and_tax(amount: i64) -> (i64, i64) {
    let fee = (amount * 2 + 99) / 100;
    let tax = (fee * 18 + 50) / 100;
    (fee + tax, tax)
}

#[cfg(test)]
mod tests;
