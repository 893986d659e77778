//! What recurs, in everything that is known about somebody.
//! Refuses the gateway's tokens: money is collected with them.

use model::Timestamp;
use model::billing::{Collection, Mandate, Subscription};
use model::user::User;
use serde_json::{Value, json};

use crate::authority::Authority;
use crate::fault::Fault;

const MOST: i64 = 1000;

impl Authority {
    /// Of the account that the user is the root of.
    pub(crate) async fn export_recurring(&self, user: &User) -> Result<Value, Fault> {
        let mut reader = self.database.read().await?;
        let Some(account) = storage::accounts::find_of_root(&mut reader, user.id).await? else {
            return Ok(Value::Null);
        };
        let mandates = storage::mandates::list(&mut reader, &account).await?;
        let collections = storage::collections::list(&mut reader, &account, MOST).await?;
        let (subscriptions, _) = storage::subscriptions::list(&mut reader, &account, (MOST, 0)).await?;
        let low_balance = storage::low_balances::find(&mut reader, &account).await?;
        Ok(json!({
            "mandates": mandates.iter().map(mandate).collect::<Vec<_>>(),
            "collections": collections.iter().map(collection).collect::<Vec<_>>(),
            "subscriptions": subscriptions.iter().map(subscription).collect::<Vec<_>>(),
            "low_balance": low_balance,
        }))
    }
}

fn mandate(mandate: &Mandate) -> Value {
    json!({
        "id": mandate.id,
        "status": mandate.status.as_str(),
        "threshold": mandate.terms.threshold,
        "amount": mandate.terms.amount,
        "max_amount": mandate.terms.most,
        "currency": mandate.currency,
        "customer": mandate.customer,
        "created_at": text(mandate.created_at),
        "ended_at": mandate.ended_at.map(text),
    })
}

fn collection(collection: &Collection) -> Value {
    json!({
        "id": collection.id,
        "amount": collection.amount.minor,
        "currency": collection.amount.currency,
        "state": collection.state.as_str(),
        "payment": collection.payment,
        "created_at": text(collection.created_at),
        "settled_at": collection.settled_at.map(text),
    })
}

fn subscription(subscription: &Subscription) -> Value {
    json!({
        "id": subscription.id,
        "plan": subscription.plan,
        "quantity": subscription.quantity,
        "status": subscription.status.as_str(),
        "paid_until": subscription.paid_until.map(text),
        "created_at": text(subscription.created_at),
        "ended_at": subscription.ended_at.map(text),
    })
}

/// RFC 3339.
fn text(at: Timestamp) -> String {
    at.to_string()
}
