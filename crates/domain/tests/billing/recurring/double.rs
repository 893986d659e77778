//! A gateway in memory: it does what it is asked, counts it, and loses answers when a test says so.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use domain::billing::gateway::{
    Checkout, Collection, Event, EventError, GatewayError, NewOrder, NewPlan, NewSubscription, Order,
    OrderStatus, Payment, PaymentGateway, PaymentStatus, PlannedChange, Refund, Subscription,
    SubscriptionChange, SubscriptionStatus, Token, TokenStatus,
};
use model::Timestamp;
use model::billing::Money;

/// Clones are the same gateway.
#[derive(Clone, Default)]
pub struct Double(Arc<Mutex<Books>>);

#[derive(Default)]
pub struct Books {
    pub orders: Vec<Order>,
    pub payments: Vec<Payment>,
    pub tokens: HashMap<String, Token>,
    pub subscriptions: HashMap<String, Subscription>,
    pub plans: Vec<(String, NewPlan)>,
    pub planned: HashMap<String, PlannedChange>,
    events: Vec<Event>,
    /// What was called, in order.
    pub calls: Vec<&'static str>,
    /// Calls of this name are done, and their answers lost.
    pub loses: Option<&'static str>,
    /// Collections are refused.
    pub refuses: bool,
    /// A collection that is refused leaves a payment that failed.
    pub declines: bool,
    /// Nothing answers.
    pub is_down: bool,
}

impl Double {
    pub fn books(&self) -> MutexGuard<'_, Books> {
        self.0.lock().unwrap()
    }

    pub fn count(&self, call: &str) -> usize {
        self.books().calls.iter().filter(|one| **one == call).count()
    }

    /// The bytes of a message that says so.
    pub fn message(&self, event: Event) -> Vec<u8> {
        let mut books = self.books();
        books.events.push(event);
        (books.events.len() - 1).to_string().into_bytes()
    }

    /// A payment of the order.
    pub fn pay(&self, order: &str, status: PaymentStatus, token: Option<&str>) -> Payment {
        let mut books = self.books();
        let amount = books.orders.iter().find(|one| one.id == order).unwrap().amount;
        let payment = Payment {
            id: format!("pay_{}", books.payments.len()),
            order: Some(order.to_owned()),
            invoice: None,
            amount,
            refunded: 0,
            status,
            token: token.map(str::to_owned),
            customer: None,
            failure: None,
        };
        books.payments.push(payment.clone());
        if let Some(id) = token {
            let made = Token {
                id: id.to_owned(),
                customer: None,
                status: TokenStatus::Confirmed,
                most: None,
                expires_at: None,
            };
            books.tokens.entry(id.to_owned()).or_insert(made);
        }
        payment
    }

    /// What became of the last payment.
    pub fn settle_last(&self, status: PaymentStatus) -> Payment {
        let mut books = self.books();
        let payment = books.payments.last_mut().unwrap();
        payment.status = status;
        payment.clone()
    }

    fn called(&self, call: &'static str) -> Result<MutexGuard<'_, Books>, GatewayError> {
        let mut books = self.books();
        books.calls.push(call);
        match books.is_down {
            true => Err(lost()),
            false => Ok(books),
        }
    }

    fn edit(
        &self,
        call: &'static str,
        id: &str,
        edit: impl FnOnce(&mut Subscription),
    ) -> Result<Subscription, GatewayError> {
        let mut books = self.called(call)?;
        let found = books.subscriptions.get_mut(id).ok_or(GatewayError::NotFound)?;
        edit(found);
        Ok(found.clone())
    }
}

fn lost() -> GatewayError {
    GatewayError::Unavailable("no answer".to_owned())
}

/// The answer, unless it is lost.
fn answer<T>(books: &Books, call: &str, value: T) -> Result<T, GatewayError> {
    match books.loses == Some(call) {
        true => Err(lost()),
        false => Ok(value),
    }
}

#[async_trait]
impl PaymentGateway for Double {
    fn key_id(&self) -> &'static str {
        "key_double"
    }

    fn checkout(&self) -> Checkout {
        Checkout {
            script: None,
            page: "https://pay.example".to_owned(),
        }
    }

    async fn create_order(&self, order: &NewOrder) -> Result<Order, GatewayError> {
        let mut books = self.called("create_order")?;
        let made = Order {
            id: format!("order_{}", books.orders.len()),
            amount: order.amount,
            status: OrderStatus::Created,
            receipt: Some(order.receipt.clone()),
        };
        books.orders.push(made.clone());
        answer(&books, "create_order", made)
    }

    async fn find_order(&self, id: &str) -> Result<Order, GatewayError> {
        let books = self.called("find_order")?;
        let found = books.orders.iter().find(|one| one.id == id);
        found.cloned().ok_or(GatewayError::NotFound)
    }

    async fn find_order_by_receipt(&self, receipt: &str) -> Result<Option<Order>, GatewayError> {
        let books = self.called("find_order_by_receipt")?;
        let mut orders = books.orders.iter();
        Ok(orders
            .find(|one| one.receipt.as_deref() == Some(receipt))
            .cloned())
    }

    async fn payments_of_order(&self, id: &str) -> Result<Vec<Payment>, GatewayError> {
        let books = self.called("payments_of_order")?;
        let payments = books.payments.iter();
        Ok(payments
            .filter(|one| one.order.as_deref() == Some(id))
            .cloned()
            .collect())
    }

    async fn find_payment(&self, id: &str) -> Result<Payment, GatewayError> {
        let books = self.called("find_payment")?;
        let found = books.payments.iter().find(|one| one.id == id);
        found.cloned().ok_or(GatewayError::NotFound)
    }

    async fn capture(&self, payment: &str, _: Money) -> Result<Payment, GatewayError> {
        let mut books = self.called("capture")?;
        let found = books.payments.iter_mut().find(|one| one.id == payment);
        let found = found.ok_or(GatewayError::NotFound)?;
        found.status = PaymentStatus::Captured;
        Ok(found.clone())
    }

    async fn refund(&self, _: &str, _: Money, _: &str) -> Result<Refund, GatewayError> {
        Err(lost())
    }

    async fn refunds_of_payment(&self, _: &str) -> Result<Vec<Refund>, GatewayError> {
        Ok(Vec::new())
    }

    async fn create_customer(&self, _: &str, email: &str, _: &str) -> Result<String, GatewayError> {
        drop(self.called("create_customer")?);
        Ok(format!("cust_{email}"))
    }

    async fn find_token(&self, _: &str, token: &str) -> Result<Token, GatewayError> {
        let books = self.called("find_token")?;
        books.tokens.get(token).cloned().ok_or(GatewayError::NotFound)
    }

    async fn delete_token(&self, _: &str, token: &str) -> Result<(), GatewayError> {
        let mut books = self.called("delete_token")?;
        let found = books.tokens.get_mut(token).ok_or(GatewayError::NotFound)?;
        found.status = TokenStatus::Cancelled;
        Ok(())
    }

    async fn collect(&self, collection: &Collection) -> Result<String, GatewayError> {
        let (refuses, declines) = {
            let books = self.called("collect")?;
            (books.refuses, books.declines)
        };
        if refuses && declines {
            self.pay(&collection.order.id, PaymentStatus::Failed, None);
        }
        if refuses {
            return Err(GatewayError::Refused {
                code: "BAD_REQUEST_ERROR".to_owned(),
                reason: "the card has expired".to_owned(),
            });
        }
        let payment = self.pay(
            &collection.order.id,
            PaymentStatus::Created,
            Some(&collection.token),
        );
        answer(&self.books(), "collect", payment.id)
    }

    async fn create_plan(&self, plan: &NewPlan) -> Result<String, GatewayError> {
        let mut books = self.called("create_plan")?;
        let id = format!("plan_{}", books.plans.len());
        books.plans.push((id.clone(), plan.clone()));
        Ok(id)
    }

    async fn create_subscription(&self, wish: &NewSubscription) -> Result<Subscription, GatewayError> {
        let mut books = self.called("create_subscription")?;
        let made = Subscription {
            id: format!("sub_{}", books.subscriptions.len()),
            plan: wish.plan.clone(),
            customer: None,
            status: SubscriptionStatus::Created,
            quantity: wish.quantity,
            current_start: None,
            current_end: None,
            charge_at: None,
            ended_at: None,
            paid_count: 0,
            ends: false,
            change_at: None,
            short_url: Some("https://pay.example/s".to_owned()),
        };
        books.subscriptions.insert(made.id.clone(), made.clone());
        Ok(made)
    }

    async fn find_subscription(&self, id: &str) -> Result<Subscription, GatewayError> {
        self.edit("find_subscription", id, |_| ())
    }

    async fn payments_of_subscription(&self, id: &str) -> Result<Vec<String>, GatewayError> {
        let books = self.called("payments_of_subscription")?;
        let payments = books.payments.iter();
        let paid = payments.filter(|one| one.invoice.as_deref() == Some(&format!("inv_{id}")));
        Ok(paid.map(|one| one.id.clone()).collect())
    }

    async fn change_subscription(
        &self,
        id: &str,
        change: &SubscriptionChange,
    ) -> Result<Subscription, GatewayError> {
        self.edit("change_subscription", id, |one| {
            one.quantity = change.quantity.unwrap_or(one.quantity);
            one.plan = change.plan.clone().unwrap_or(one.plan.clone());
        })
    }

    async fn planned_change(&self, id: &str) -> Result<Option<PlannedChange>, GatewayError> {
        let books = self.called("planned_change")?;
        Ok(books.planned.get(id).cloned())
    }

    async fn drop_planned_change(&self, id: &str) -> Result<Subscription, GatewayError> {
        self.books().planned.remove(id);
        self.edit("drop_planned_change", id, |one| one.change_at = None)
    }

    async fn cancel_subscription(&self, id: &str, at_period_end: bool) -> Result<Subscription, GatewayError> {
        self.edit("cancel_subscription", id, |one| {
            if !at_period_end {
                one.status = SubscriptionStatus::Cancelled;
            }
        })
    }

    async fn pause_subscription(&self, id: &str) -> Result<Subscription, GatewayError> {
        self.edit("pause_subscription", id, |one| {
            one.status = SubscriptionStatus::Paused;
        })
    }

    async fn resume_subscription(&self, id: &str) -> Result<Subscription, GatewayError> {
        self.edit("resume_subscription", id, |one| {
            one.status = SubscriptionStatus::Active;
        })
    }

    fn read_event(&self, body: &[u8], signature: &str, event_id: &str) -> Result<Event, EventError> {
        if signature != "genuine" {
            return Err(EventError::Forged);
        }
        let place: usize = String::from_utf8_lossy(body).parse().unwrap();
        let event = self.books().events[place].clone();
        Ok(Event {
            id: event_id.to_owned(),
            ..event
        })
    }

    fn vouches_for_order(&self, order: &str, payment: &str, signature: &str) -> bool {
        signature == format!("{order}|{payment}")
    }

    fn vouches_for_subscription(&self, subscription: &str, payment: &str, signature: &str) -> bool {
        signature == format!("{payment}|{subscription}")
    }
}

/// A message about nothing yet.
pub fn event(name: &str, at: Timestamp) -> Event {
    Event {
        id: String::new(),
        name: name.to_owned(),
        at,
        payment: None,
        order: None,
        refund: None,
        token: None,
        subscription: None,
    }
}
