//! Customers, their mandates, and what is collected by them.
//! Refuses to collect twice: an order whose collection broke off is asked about.

use domain::billing::GatewayError;
use domain::billing::gateway::{Collection, PaymentStatus, Token};
use http::Method;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::Razorpay;
use super::ask::{Change, segment};
use super::entity::{Named, TokenEntity};

#[derive(Deserialize)]
struct Collected {
    razorpay_payment_id: String,
}

impl Razorpay {
    /// The same one when there is one: it is safe to do it again.
    pub(super) async fn make_customer(
        &self,
        (name, email): (&str, &str),
        account: &str,
    ) -> Result<String, GatewayError> {
        let body = json!({
            "name": payer_name(name, account),
            "email": email,
            "fail_existing": "0",
            "notes": {"account": account},
        });
        let change = Change::post("/customers".to_owned(), body);
        let made: Named = self.change(change).await?;
        Ok(segment(&made.id)?.to_owned())
    }

    pub(super) async fn read_token(&self, customer: &str, token: &str) -> Result<Token, GatewayError> {
        let found: TokenEntity = self.get(&token_path(customer, token)?).await?;
        Ok(found.try_into()?)
    }

    pub(super) async fn end_token(&self, customer: &str, token: &str) -> Result<(), GatewayError> {
        let change = Change {
            method: Method::DELETE,
            ..Change::post(token_path(customer, token)?, Value::Null)
        };
        match self.change::<IgnoredAny>(change).await {
            Ok(_) | Err(GatewayError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn make_collection(&self, collection: &Collection) -> Result<String, GatewayError> {
        let order = &collection.order;
        let body = json!({
            "email": collection.email,
            "amount": order.amount.minor,
            "currency": order.amount.currency,
            "order_id": order.id,
            "customer_id": collection.customer,
            "token": collection.token,
            "recurring": true,
            "description": collection.description,
        });
        let change = Change::post("/payments/create/recurring".to_owned(), body);
        let broken = match self.change::<Collected>(change).await {
            Ok(made) => return Ok(segment(&made.razorpay_payment_id)?.to_owned()),
            Err(error @ GatewayError::Unavailable(_)) => error,
            Err(error) => return Err(error),
        };
        // It may have begun.
        let payments = self.list_payments(&order.id).await.unwrap_or_default();
        let begun = payments
            .into_iter()
            .find(|payment| payment.status != PaymentStatus::Failed);
        begun.map(|payment| payment.id).ok_or(broken)
    }
}

fn token_path(customer: &str, token: &str) -> Result<String, GatewayError> {
    let (customer, token) = (segment(customer)?, segment(token)?);
    Ok(format!("/customers/{customer}/tokens/{token}"))
}

/// Razorpay takes names of 3 to 50 characters; who is called otherwise goes by the number of the account.
fn payer_name(name: &str, account: &str) -> String {
    let short: String = name.trim().chars().take(50).collect();
    match short.chars().count() {
        3.. => short,
        _ => format!("Account {account}"),
    }
}

#[cfg(test)]
mod name_tests {
    use super::payer_name;

    #[test]
    fn names_that_razorpay_does_not_take_are_replaced() {
        assert_eq!(payer_name(" Ada Lovelace ", "123456789012"), "Ada Lovelace");
        assert_eq!(payer_name("Bo", "123456789012"), "Account 123456789012");
        assert_eq!(payer_name(&"é".repeat(80), "123456789012"), "é".repeat(50));
    }
}
