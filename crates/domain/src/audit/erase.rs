//! Taking somebody's name, addresses and details out of the audit log.
//! Refuses to touch what the chain is made of: that it happened stays, and the chain stays whole.

use model::UserId;
use storage::{StorageError, Writer, audit_chains, audit_entries};

pub(crate) async fn erase_person(w: &mut Writer, user: UserId) -> Result<(), StorageError> {
    let (id, account) = (user.to_string(), format!("account:{user}"));
    let person = (id.as_str(), account.as_str());
    // In one order for everybody, since each chain is held.
    for chain in audit_entries::accounts_of_person(w, person).await? {
        audit_chains::hold(w, &chain).await?;
        let entries = audit_entries::erase_person(w, person, &chain).await?;
        audit_chains::erased(w, &chain, i64::try_from(entries).unwrap_or(i64::MAX)).await?;
    }
    Ok(())
}
