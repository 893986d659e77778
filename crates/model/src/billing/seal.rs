//! The seal of a movement: a digest of everything that is stored of it, bound to the seal before it.
//! Refuses to leave anything out: what is not under the seal could be changed and add up all the same.

use crate::audit::{ChainHash, Parts};

use super::proof::WrittenMovement;

/// What the first movement of an account has before it.
pub fn genesis(account: &str) -> ChainHash {
    let mut parts = Parts::new("authz/ledger/account/1");
    parts.text(account);
    parts.finish()
}

/// The seal of `movement` behind the one before it. The order of the parts and the name of the form are fixed for ever.
pub fn seal(account: &str, before: &ChainHash, movement: &WrittenMovement) -> ChainHash {
    let mut parts = Parts::new("authz/ledger/movement/1");
    parts.bytes(before.as_bytes());
    parts.text(account);
    parts.int(movement.seq);
    parts.text(&movement.id);
    parts.text(&movement.kind);
    parts.int(movement.kind_seq);
    parts.text(&movement.reference);
    parts.text(&movement.currency);
    parts.int(movement.wallet_change);
    parts.int(movement.balance_after);
    parts.text(&movement.description);
    parts.int(movement.at);
    parts.text(&movement.day);
    for transfer in &movement.transfers {
        parts.int(transfer.line);
        parts.text(&transfer.debit);
        parts.text(&transfer.credit);
        parts.text(&transfer.currency);
        parts.int(transfer.amount);
    }
    parts.finish()
}
