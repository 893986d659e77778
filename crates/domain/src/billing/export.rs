//! What somebody's own data tells of the books of their account.
//! Refuses the books of accounts that they only work in: those are their owners'.

use model::billing::LedgerEntry;
use model::user::User;
use serde_json::{Value, json};

use crate::authority::Authority;
use crate::fault::Fault;

impl Authority {
    pub(crate) async fn export_books(&self, user: &User) -> Result<Value, Fault> {
        let mut reader = self.database.read().await?;
        let Some(account) = storage::accounts::find_of_root(&mut reader, user.id).await? else {
            return Ok(Value::Null);
        };
        let wallet = storage::ledger::find_wallet(&mut reader, &account).await?;
        drop(reader);
        let mut export = self.transactions_of(&account, None).await?;
        let mut transactions = Vec::new();
        loop {
            let portion = export.next().await?;
            if portion.is_empty() {
                break;
            }
            transactions.extend(portion.iter().map(transaction));
        }
        Ok(json!({
            "balance": wallet.map_or(0, |wallet| wallet.balance),
            "currency": self.settings.billing.currency,
            "transactions": transactions,
        }))
    }
}

fn transaction(entry: &LedgerEntry) -> Value {
    json!({
        "id": entry.id,
        "at": entry.at.to_string(),
        "type": entry.kind.as_str(),
        "description": entry.description,
        "amount": entry.amount,
        "wallet_change": entry.wallet_change,
        "balance_after": entry.balance_after,
        "currency": entry.currency,
        "reference": entry.reference,
    })
}
