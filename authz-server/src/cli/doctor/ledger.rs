//! The ledger: is it guarded, and do the balances of some accounts agree with their last entries?
//! Looks at the ends only; `authz-server billing verify` looks at every entry.

use storage::{Database, ledger, ledger_proof};

use super::Finding;

/// So many accounts are looked at.
const MOST: i64 = 1000;
const MEND: &str = "Somebody has changed the database by hand. Run: authz-server billing verify";

/// Nothing when the schema is older than the ledger.
pub(super) async fn guarded(database: &Database) -> Option<Finding> {
    let mut reader = database.read().await.ok()?;
    let accounts = ledger_proof::list_accounts(&mut reader, "", MOST).await.ok()?;
    let missing = ledger_proof::list_missing_guards(&mut reader).await.ok()?;
    if let Some(guard) = missing.first() {
        let what = format!("the ledger's trigger {guard} is gone or switched off");
        return Some(Finding::wrong(what, MEND));
    }
    for account in &accounts {
        // None has moved since, or the next look sees both.
        let wallet = ledger::find_wallet(&mut reader, account).await.ok()??;
        let last = ledger::list(&mut reader, account, None, (wallet.movements, 1)).await;
        let agrees = match last.ok()?.first() {
            Some(entry) => (entry.seq, entry.balance_after) == (wallet.movements, wallet.balance),
            None => (wallet.movements, wallet.balance) == (0, 0),
        };
        if !agrees {
            let what = format!("the wallet of account {account} does not agree with its last entry");
            return Some(Finding::wrong(what, MEND));
        }
    }
    let wallets = accounts.len();
    Some(Finding::Fine(format!(
        "the ledger is guarded, and {wallets} wallets agree with their last entries"
    )))
}
