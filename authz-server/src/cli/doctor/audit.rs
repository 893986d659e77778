//! The audit log: does each log end with the entry that was written last, and is it signed from time to time?
//! Looks at the ends only; `authz-server audit verify` looks at every entry.

use storage::{Database, audit_chains, audit_entries};

use super::Finding;

/// So many logs are looked at.
const MOST: i64 = 1000;
/// With more entries after the last checkpoint, nobody signs.
const TOO_MANY: i64 = 5000;

/// Nothing when the schema is older than the audit log.
pub(super) async fn unsigned(database: &Database) -> Option<Finding> {
    let mut reader = database.read().await.ok()?;
    let chains = audit_chains::list_after(&mut reader, "", MOST).await.ok()?;
    let mut waiting = 0;
    for chain in &chains {
        waiting += chain.seq - chain.checkpoint.1;
        let is_empty = chain.seq < chain.first.0;
        let last = audit_entries::hash_at(&mut reader, &chain.account, chain.seq)
            .await
            .ok()?;
        if !is_empty && last != Some(chain.hash) {
            return Some(Finding::wrong(
                format!(
                    "the audit log of account {} does not end as it was written",
                    chain.account
                ),
                "Somebody has changed the database by hand. Run: authz-server audit verify",
            ));
        }
    }
    if waiting > TOO_MANY {
        return Some(Finding::doubtful(
            format!("{waiting} entries of the audit log are under no checkpoint"),
            "A running server signs every five minutes; look for \"sign checkpoints\" in its log.",
        ));
    }
    Some(Finding::Fine(format!(
        "{} audit logs end as they were written",
        chains.len()
    )))
}
