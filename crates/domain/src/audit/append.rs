//! Adding to a chain: each entry is bound to the one before it, inside one transaction that holds the chain.
//! Refuses to leave a number out or to use one twice, whoever else writes.

use model::audit::{ChainHash, Draft};
use storage::{StorageError, Writer, audit_chains, audit_entries};

/// Adds the entries in their order; none is dated before the last one of the chain.
pub(super) async fn append(w: &mut Writer, account: &str, drafts: Vec<Draft>) -> Result<(), StorageError> {
    let chain = audit_chains::hold(w, account).await?;
    let (mut seq, mut hash, mut at): (i64, ChainHash, _) = (chain.seq, chain.hash, chain.at);
    for mut draft in drafts {
        draft.at = draft.at.max(at);
        let entry = draft.chained(account, (seq.saturating_add(1), hash));
        audit_entries::insert(w, &entry).await?;
        (seq, hash, at) = (entry.seq, entry.hash, entry.at);
    }
    match audit_chains::advance(w, account, chain.seq, (seq, hash, at)).await? {
        true => Ok(()),
        // Can't be while the row is held.
        false => Err(StorageError::Busy),
    }
}
