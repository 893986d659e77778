//! Tokens: what a customer lets the merchant collect.
//! Holds no instrument, only what was agreed on.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Method, World};
use crate::fields::Fields;
use crate::page::{self, Entity};
use crate::problem::Problem;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TokenStatus {
    Initiated,
    Confirmed,
    Rejected,
    Paused,
    Cancelled,
}

impl TokenStatus {
    /// The end of a mandate is its end.
    const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Initiated => matches!(next, Self::Confirmed | Self::Rejected | Self::Cancelled),
            Self::Confirmed => matches!(next, Self::Paused | Self::Cancelled),
            Self::Paused => matches!(next, Self::Confirmed | Self::Cancelled),
            Self::Rejected | Self::Cancelled => false,
        }
    }

    const fn event(self) -> Option<&'static str> {
        match self {
            Self::Initiated => None,
            Self::Confirmed => Some("token.confirmed"),
            Self::Rejected => Some("token.rejected"),
            Self::Paused => Some("token.paused"),
            Self::Cancelled => Some("token.cancelled"),
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Token {
    pub(crate) id: String,
    secret: String,
    pub(crate) customer_id: String,
    pub(crate) method: Method,
    pub(crate) status: TokenStatus,
    pub(crate) max_amount: i64,
    pub(crate) expired_at: i64,
    used_at: i64,
    created_at: i64,
}

impl Entity for Token {
    fn created_at(&self) -> i64 {
        self.created_at
    }

    fn show(&self) -> Value {
        let failure = (self.status == TokenStatus::Rejected).then_some("The mandate was rejected");
        let mut shown = json!({
            "id": self.id,
            "entity": "token",
            "token": self.secret,
            "bank": null,
            "wallet": null,
            "method": self.method,
            "vpa": null,
            "customer_id": self.customer_id,
            "recurring": true,
            "recurring_details": {"status": self.status, "failure_reason": failure},
            "auth_type": null,
            "mrn": null,
            "max_amount": self.max_amount,
            "used_at": self.used_at,
            "start_time": self.created_at,
            "created_at": self.created_at,
            "expired_at": self.expired_at,
            "dcc_enabled": false,
        });
        match self.method {
            Method::Upi => shown["vpa"] = json!({"username": "sandbox", "handle": "upi", "name": null}),
            Method::Emandate | Method::Netbanking => shown["bank"] = json!("HDFC"),
            Method::Card | Method::Wallet => {
                shown["card"] = json!({
                    "entity": "card",
                    "name": "",
                    "last4": "1111",
                    "network": "Visa",
                    "type": "debit",
                    "issuer": null,
                    "international": false,
                    "flows": {"recurring": true},
                });
            }
        }
        shown
    }
}

impl World {
    /// Makes the token that a payment agrees to.
    pub(super) fn give_token(&mut self, payment: &str) -> Result<(), Problem> {
        let (id, secret) = (self.id("token"), self.id("tok"));
        let now = self.now;
        let status = self.verdicts.next_token.take();
        let payment = self.books.payments.get_mut(payment);
        let payment = payment.ok_or_else(Problem::no_such_id)?;
        let order = self.books.orders.get(&payment.order_id);
        let order = order.ok_or_else(Problem::no_such_id)?;
        let (Some(customer_id), Some(terms)) = (order.customer_id.clone(), &order.mandate) else {
            return Ok(());
        };
        payment.token_id = Some(id.clone());
        let token = Token {
            id: id.clone(),
            secret,
            customer_id,
            method: payment.method,
            status: status.unwrap_or(TokenStatus::Confirmed),
            max_amount: terms.max_amount,
            expired_at: terms.expire_at,
            used_at: now,
            created_at: now,
        };
        self.books.tokens.insert(id, token);
        Ok(())
    }

    /// The token that a subscription is charged with.
    pub(super) fn token_of_subscription(&mut self, customer: &str, method: Method) -> String {
        let token = Token {
            id: self.id("token"),
            secret: self.id("tok"),
            customer_id: customer.to_owned(),
            method,
            status: TokenStatus::Confirmed,
            max_amount: crate::fields::MOST_AMOUNT,
            expired_at: self.now + super::order::TEN_YEARS,
            used_at: self.now,
            created_at: self.now,
        };
        let id = token.id.clone();
        self.books.tokens.insert(id.clone(), token);
        id
    }

    /// Tells of the token that a payment has just made.
    pub(super) fn token_told(&mut self, payment: &str) {
        let payment = self.books.payments.get(payment);
        let token = payment.and_then(|payment| payment.token_id.as_ref());
        let token = token.and_then(|id| self.books.tokens.get(id));
        let fresh = token.filter(|token| token.created_at == self.now && token.used_at == self.now);
        let told = fresh.and_then(|token| Some((token.status.event()?, token.show())));
        let gave = payment.is_some_and(|payment| {
            let order = self.books.orders.get(&payment.order_id);
            order.is_some_and(|order| order.mandate.is_some())
        });
        if let Some((event, shown)) = told.filter(|_| gave) {
            self.emit(event, &[("token", shown)]);
        }
    }

    /// What the bank or the customer does with a mandate.
    pub(crate) fn change_token(&mut self, id: &str, next: TokenStatus) -> Result<Value, Problem> {
        let token = self.books.tokens.get_mut(id).ok_or_else(Problem::no_such_id)?;
        if !token.status.may_become(next) {
            return Err(Problem::state("The token cannot be changed in its present state"));
        }
        token.status = next;
        let shown = token.show();
        if let Some(event) = next.event() {
            self.emit(event, &[("token", shown.clone())]);
        }
        Ok(shown)
    }

    pub(crate) fn token(&self, customer: &str, id: &str) -> Result<&Token, Problem> {
        self.customer(customer)?;
        let token = self.books.tokens.get(id);
        let own = token.filter(|token| token.customer_id == customer);
        own.ok_or_else(Problem::no_such_id)
    }

    pub(crate) fn list_tokens(&self, customer: &str) -> Result<Value, Problem> {
        self.customer(customer)?;
        let tokens = self.books.tokens.iter();
        let own = tokens.filter(|token| token.customer_id == customer);
        Ok(page::collection(own.rev().map(Entity::show)))
    }

    pub(crate) fn delete_token(&mut self, customer: &str, id: &str) -> Result<Value, Problem> {
        self.token(customer, id)?;
        self.books.tokens.remove(id);
        Ok(json!({"deleted": true}))
    }

    pub(crate) fn cancel_token(&mut self, customer: &str, id: &str) -> Result<Value, Problem> {
        self.token(customer, id)?;
        self.change_token(id, TokenStatus::Cancelled)?;
        Ok(json!({"status": "cancellation_initiated"}))
    }

    pub(crate) fn used(&mut self, token: &str) {
        let now = self.now;
        if let Some(token) = self.books.tokens.get_mut(token) {
            token.used_at = now;
        }
    }
}

/// The status that a steering request names.
pub(crate) fn read_status(fields: &Fields) -> Result<TokenStatus, Problem> {
    let words = ["initiated", "confirmed", "rejected", "paused", "cancelled"];
    match fields.word("status", &words)?.as_deref() {
        Some("initiated") => Ok(TokenStatus::Initiated),
        Some("confirmed") => Ok(TokenStatus::Confirmed),
        Some("rejected") => Ok(TokenStatus::Rejected),
        Some("paused") => Ok(TokenStatus::Paused),
        Some(_) => Ok(TokenStatus::Cancelled),
        None => Err(crate::fields::required("status")),
    }
}
