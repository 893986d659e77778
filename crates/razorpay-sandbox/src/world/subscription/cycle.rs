//! Periods: charged, tried again, given up.
//! Charges each period once, and skips none that is open.

use super::SubscriptionStatus;
use crate::page::Entity as _;
use crate::problem::Problem;
use crate::world::invoice::{Invoice, InvoiceStatus};
use crate::world::{Attempt, Method, PaymentStatus, World};

impl World {
    /// The next subscription that something happens to by itself, and when.
    pub(in crate::world) fn next_subscription(&self) -> Option<(i64, String)> {
        let all = self.books.subscriptions.iter();
        let due = all.filter(|found| !found.status.is_final()).flat_map(|found| {
            let expires = found
                .expire_by
                .filter(|_| found.status == SubscriptionStatus::Created);
            let charged = found
                .charge_at
                .filter(|_| found.status.is_charged() || found.status == SubscriptionStatus::Halted);
            let times = [expires, charged, found.cancel_at].into_iter().flatten();
            times.map(|at| (at, found.id.clone()))
        });
        due.min()
    }

    pub(in crate::world) fn come_due(&mut self, id: &str) {
        let Ok(found) = self.subscription(id) else {
            return;
        };
        let over = |at: Option<i64>| at.is_some_and(|at| at <= self.now);
        // Each of these moves the instant on, or ends the subscription.
        let done = if over(found.cancel_at) {
            self.end(id, SubscriptionStatus::Cancelled, None)
        } else if found.status == SubscriptionStatus::Created {
            self.end(id, SubscriptionStatus::Expired, None)
        } else if found.status == SubscriptionStatus::Halted {
            self.pass_by(id)
        } else {
            self.charge(id).map(|_| ())
        };
        if done.is_err() {
            self.leave_alone(id);
        }
    }

    /// Its plan has been forgotten: nothing can come of it any more, and nothing may be due for ever.
    fn leave_alone(&mut self, id: &str) {
        if let Ok(found) = self.subscription_mut(id) {
            found.charge_at = None;
            found.cancel_at = None;
            found.expire_by = None;
        }
    }

    /// Charges the period that is due, or tries again.
    fn charge(&mut self, id: &str) -> Result<String, Problem> {
        let outcome = self.verdict(id);
        let method = self.subscription(id)?.method.unwrap_or(Method::Card);
        self.charge_with(id, Attempt::new(method, outcome))
    }

    pub(super) fn charge_with(&mut self, id: &str, attempt: Attempt) -> Result<String, Problem> {
        let invoice = self.open_invoice(id)?;
        let found = self.subscription_mut(id)?;
        // Nothing is tried again before this is decided.
        found.charge_at = None;
        let attempt = Attempt {
            token: found.token_id.clone(),
            invoice: Some(invoice.id),
            ..attempt
        };
        self.attempt(&invoice.order_id, attempt)
    }

    /// Somebody pays what a charge could not collect.
    pub(crate) fn pay_subscription(&mut self, id: &str, attempt: Attempt) -> Result<String, Problem> {
        self.subscription(id)?.status.may_be_paid()?;
        self.charge_with(id, attempt)
    }

    /// What its own page does: pays what is open, else authenticates.
    pub(crate) fn pay_or_authenticate(&mut self, id: &str, attempt: Attempt) -> Result<String, Problem> {
        match self.subscription(id)?.status.may_be_paid() {
            Ok(()) => self.pay_subscription(id, attempt),
            Err(_) => self.authenticate_subscription(id, attempt),
        }
    }

    /// The unpaid invoice of the period that is due, made when there is none.
    fn open_invoice(&mut self, id: &str) -> Result<Invoice, Problem> {
        if let Some(open) = &self.subscription(id)?.open_invoice {
            return self.invoice(open).cloned();
        }
        self.apply_schedule(id);
        let found = self.subscription(id)?;
        let plan = self.plan(&found.plan_id)?.clone();
        let begins = |number: i64| found.period(&plan, number).unwrap_or(self.now);
        let (billing_start, billing_end) = (begins(found.cycle), begins(found.cycle + 1));
        let (quantity, customer_id) = (found.quantity, found.customer_id.clone());
        let order_id = self.order_of_subscription(id, plan.amount * quantity, plan.currency.clone())?;
        let invoice = Invoice {
            id: self.id("inv"),
            subscription_id: Some(id.to_owned()),
            customer_id,
            order_id,
            payment_id: None,
            status: InvoiceStatus::Issued,
            name: plan.name,
            unit_amount: plan.amount,
            quantity,
            currency: plan.currency,
            billing_start,
            billing_end,
            paid_at: None,
            created_at: self.now,
        };
        self.books.invoices.insert(invoice.id.clone(), invoice.clone());
        self.subscription_mut(id)?.open_invoice = Some(invoice.id.clone());
        Ok(invoice)
    }

    /// A payment of an invoice was decided.
    pub(in crate::world) fn invoice_settled(&mut self, payment: &str) {
        let Some(found) = self.books.payments.get(payment) else {
            return;
        };
        let (status, invoice) = (found.status, found.invoice_id.clone());
        let now = self.now;
        let invoice = invoice.and_then(|id| self.books.invoices.get_mut(&id));
        let Some(invoice) = invoice else {
            return;
        };
        if status == PaymentStatus::Captured {
            invoice.status = InvoiceStatus::Paid;
            invoice.payment_id = Some(payment.to_owned());
            invoice.paid_at = Some(now);
        }
        let (shown, invoice) = (invoice.show(), invoice.clone());
        // A subscription that ended meanwhile has nothing more to do with it.
        let _ = match status {
            PaymentStatus::Captured => {
                self.emit("invoice.paid", &[("invoice", shown)]);
                self.charged(&invoice, payment)
            }
            PaymentStatus::Failed => match &invoice.subscription_id {
                Some(id) => self.not_charged(id, payment),
                None => Ok(()),
            },
            _ => Ok(()),
        };
    }

    fn charged(&mut self, invoice: &Invoice, payment: &str) -> Result<(), Problem> {
        let Some(id) = &invoice.subscription_id else {
            return Ok(());
        };
        let found = self.subscription_mut(id)?;
        if found.status.is_final() || found.open_invoice.as_ref() != Some(&invoice.id) {
            return Ok(());
        }
        let before = found.status;
        found.status = SubscriptionStatus::Active;
        found.open_invoice = None;
        found.auth_attempts = 0;
        found.paid_count += 1;
        found.cycle += 1;
        found.current_start = Some(invoice.billing_start);
        found.current_end = Some(invoice.billing_end);
        let is_last = found.cycle >= found.total_count;
        found.charge_at = (!is_last).then_some(invoice.billing_end);
        let is_first = found.cycle == 1 && !found.was_authenticated;
        found.was_authenticated = true;
        if is_first {
            self.tell("subscription.authenticated", id, Some(payment));
        }
        if before != SubscriptionStatus::Active {
            self.tell("subscription.activated", id, Some(payment));
        }
        self.tell("subscription.charged", id, Some(payment));
        if is_last {
            self.end(id, SubscriptionStatus::Completed, Some(payment))?;
        }
        Ok(())
    }

    fn not_charged(&mut self, id: &str, payment: &str) -> Result<(), Problem> {
        let now = self.now;
        let (retries, wait) = (
            u32::from(self.behaviour.subscription_retries),
            i64::from(self.behaviour.subscription_retry_after),
        );
        let found = self.subscription_mut(id)?;
        if found.status.is_final() {
            return Ok(());
        }
        let before = found.status;
        found.auth_attempts += 1;
        if before == SubscriptionStatus::Halted || found.auth_attempts > retries {
            found.status = SubscriptionStatus::Halted;
            self.wait_for_next_period(id)?;
            if before != SubscriptionStatus::Halted {
                self.tell("subscription.halted", id, Some(payment));
            }
            return Ok(());
        }
        found.status = SubscriptionStatus::Pending;
        found.charge_at = Some(now.saturating_add(wait.max(1)));
        if before != SubscriptionStatus::Pending {
            self.tell("subscription.pending", id, Some(payment));
        }
        Ok(())
    }

    /// While it is halted, periods pass with an invoice each, and nobody is charged.
    fn pass_by(&mut self, id: &str) -> Result<(), Problem> {
        let found = self.subscription_mut(id)?;
        found.cycle += 1;
        found.open_invoice = None;
        if found.cycle >= found.total_count {
            return self.end(id, SubscriptionStatus::Completed, None);
        }
        self.open_invoice(id)?;
        self.wait_for_next_period(id)
    }

    /// The period after the one that is open.
    fn wait_for_next_period(&mut self, id: &str) -> Result<(), Problem> {
        let found = self.subscription(id)?;
        let plan = self.plan(&found.plan_id)?;
        let next = found.period(plan, found.cycle + 1);
        self.subscription_mut(id)?.charge_at = next;
        Ok(())
    }
}
