//! Refunds: pending → processed, or failed.
//! Never gives back more than was captured.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{PaymentStatus, World};
use crate::call::Call;
use crate::fields::{Fields, LEAST_AMOUNT};
use crate::notes::Notes;
use crate::page::{self, Entity, Window};
use crate::problem::Problem;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RefundStatus {
    Pending,
    Processed,
    Failed,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(crate) id: String,
    amount: i64,
    currency: String,
    payment_id: String,
    status: RefundStatus,
    receipt: Option<String>,
    speed: String,
    notes: Notes,
    /// The header that makes a repeated request harmless.
    key: Option<String>,
    due_at: i64,
    created_at: i64,
}

impl Entity for Refund {
    fn created_at(&self) -> i64 {
        self.created_at
    }

    fn show(&self) -> Value {
        json!({
            "id": self.id,
            "entity": "refund",
            "amount": self.amount,
            "currency": self.currency,
            "payment_id": self.payment_id,
            "notes": self.notes.show(),
            "receipt": self.receipt,
            "acquirer_data": {"arn": null},
            "created_at": self.created_at,
            "batch_id": null,
            "status": self.status,
            "speed_processed": "normal",
            "speed_requested": self.speed,
        })
    }
}

impl World {
    pub(crate) fn create_refund(&mut self, payment: &str, call: &Call) -> Result<Value, Problem> {
        let key = call.header("x-refund-idempotency").map(str::to_owned);
        self.refund(payment, &call.fields()?, key)
    }

    fn refund(&mut self, payment: &str, fields: &Fields, key: Option<String>) -> Result<Value, Problem> {
        fields.only(&["amount", "speed", "notes", "receipt"])?;
        let found = self.payment(payment)?;
        let rest = found.amount - found.amount_refunded;
        let amount = fields.amount("amount", LEAST_AMOUNT.min(rest.max(1)))?;
        if let Some(known) = self.repeated(payment, amount, key.as_deref())? {
            return Ok(known);
        }
        let found = self.payment(payment)?;
        match found.status {
            PaymentStatus::Captured => {}
            PaymentStatus::Refunded => {
                return Err(Problem::state("The payment has been fully refunded already"));
            }
            _ => {
                return Err(Problem::state(
                    "The payment status should be captured for action to be taken",
                ));
            }
        }
        let amount = amount.unwrap_or(rest);
        if amount > rest {
            let description = "The total refund amount is greater than the refund payment amount";
            return Err(Problem::input("amount", description));
        }
        let refund = self.new_refund(payment, amount, fields, key)?;
        Ok(self.give_back(refund))
    }

    fn new_refund(
        &mut self,
        payment: &str,
        amount: i64,
        fields: &Fields,
        key: Option<String>,
    ) -> Result<Refund, Problem> {
        let receipt = fields.text("receipt", 40)?;
        let taken = |known: &Refund| receipt.is_some() && known.receipt == receipt;
        if self.books.refunds.iter().any(taken) {
            let description = "The receipt has already been used for another refund";
            return Err(Problem::input("receipt", description));
        }
        let speed = fields.word("speed", &["normal", "optimum"])?;
        Ok(Refund {
            id: self.id("rfnd"),
            amount,
            currency: self.payment(payment)?.currency.clone(),
            payment_id: payment.to_owned(),
            status: RefundStatus::Pending,
            receipt,
            speed: speed.unwrap_or_else(|| "normal".to_owned()),
            notes: fields.notes()?,
            key,
            due_at: self.now + i64::from(self.behaviour.refund_delay),
            created_at: self.now,
        })
    }

    fn give_back(&mut self, refund: Refund) -> Value {
        self.refunded_more(&refund.payment_id, refund.amount);
        let (id, shown) = (refund.id.clone(), refund.show());
        self.books.unprocessed.insert((refund.due_at, id.clone()));
        self.books.refunds.insert(id.clone(), refund);
        self.tell_refund("refund.created", &id);
        shown
    }

    /// Gives back a payment of the gateway's own making.
    pub(super) fn give_back_all(&mut self, payment: &str) -> Result<(), Problem> {
        let nothing = Fields::new(serde_json::Map::new());
        self.refund(payment, &nothing, None).map(|_| ())
    }

    /// The refund that the same request made before.
    fn repeated(
        &self,
        payment: &str,
        amount: Option<i64>,
        key: Option<&str>,
    ) -> Result<Option<Value>, Problem> {
        let Some(key) = key else {
            return Ok(None);
        };
        let known = self
            .books
            .refunds
            .iter()
            .find(|refund| refund.key.as_deref() == Some(key));
        match known {
            None => Ok(None),
            Some(known)
                if known.payment_id == payment && amount.is_none_or(|amount| amount == known.amount) =>
            {
                Ok(Some(known.show()))
            }
            Some(_) => Err(Problem::state(
                "Different request body sent for the same idempotency key",
            )),
        }
    }

    fn refunded_more(&mut self, payment: &str, amount: i64) {
        if let Some(payment) = self.books.payments.get_mut(payment) {
            payment.amount_refunded += amount;
            payment.status = PaymentStatus::refund(payment.amount, payment.amount_refunded);
        }
    }

    fn tell_refund(&mut self, event: &str, id: &str) {
        let refund = self.books.refunds.get(id);
        let payment = refund.and_then(|refund| self.books.payments.get(&refund.payment_id));
        if let (Some(refund), Some(payment)) = (refund, payment) {
            let (refund, payment) = (refund.show(), payment.show());
            self.emit(event, &[("refund", refund), ("payment", payment)]);
        }
    }

    /// The bank has done it, or says that it cannot.
    pub(super) fn process_refund(&mut self, id: &str) {
        let fails = self.verdicts.refund_fails();
        let Some(refund) = self.books.refunds.get_mut(id) else {
            return;
        };
        if !fails {
            refund.status = RefundStatus::Processed;
            return self.tell_refund("refund.processed", id);
        }
        refund.status = RefundStatus::Failed;
        let (payment, amount) = (refund.payment_id.clone(), refund.amount);
        self.refunded_more(&payment, -amount);
        self.tell_refund("refund.failed", id);
    }

    pub(crate) fn find_refund(&self, payment: Option<&str>, id: &str) -> Result<Value, Problem> {
        let refund = self.books.refunds.get(id);
        let own = refund.filter(|refund| payment.is_none_or(|payment| payment == refund.payment_id));
        own.map(Entity::show).ok_or_else(Problem::no_such_id)
    }

    pub(crate) fn list_refunds(&self, payment: Option<&str>, asked: &Fields) -> Result<Value, Problem> {
        asked.only(&page::MEMBERS)?;
        if let Some(payment) = payment {
            self.payment(payment)?;
        }
        let refunds = self.books.refunds.iter();
        let own = refunds.filter(|refund| payment.is_none_or(|payment| payment == refund.payment_id));
        Ok(Window::read(asked)?.over(own))
    }

    pub(crate) fn edit_refund(&mut self, id: &str, fields: &Fields) -> Result<Value, Problem> {
        fields.only(&["notes"])?;
        let notes = fields.notes()?;
        let refund = self.books.refunds.get_mut(id).ok_or_else(Problem::no_such_id)?;
        refund.notes = notes;
        Ok(refund.show())
    }
}

#[cfg(test)]
mod tests;
