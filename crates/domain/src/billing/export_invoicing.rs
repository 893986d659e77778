//! What an account has said for its invoices, and the invoices, for its root user to take along.

use model::UserId;
use serde_json::{Value, json};
use storage::tax_documents::Wanted;

use crate::authority::Authority;
use crate::fault::Fault;

const AT_ONCE: i64 = 500;

impl Authority {
    /// Of the account whose root user this is.
    pub(crate) async fn export_invoicing(&self, root: UserId) -> Result<Value, Fault> {
        let mut reader = self.database.read().await?;
        let Some(account) = storage::accounts::find_of_root(&mut reader, root).await? else {
            return Ok(Value::Null);
        };
        let profile = storage::tax_profiles::find(&mut reader, &account).await?;
        let profile = profile.map(|profile| {
            json!({
                "gstin": profile.gstin,
                "legal_name": profile.legal_name,
                "address": profile.address,
                "state_code": profile.state,
            })
        });
        let mut invoices: Vec<Value> = Vec::new();
        loop {
            let skip = i64::try_from(invoices.len()).unwrap_or(i64::MAX);
            let wanted = Wanted::default();
            let some = storage::tax_documents::list(&mut reader, &account, wanted, (AT_ONCE, skip)).await?;
            if some.0.is_empty() {
                return Ok(json!({ "tax_profile": profile, "invoices": invoices }));
            }
            invoices.extend(some.0.iter().map(|document| json!(document)));
        }
    }
}
