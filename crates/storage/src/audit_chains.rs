//! The `audit_chains` table: how far each chain of the audit log has come, and from where it is kept.
//! Refuses two entries after the same one: whoever adds holds the row, and moves it on from where it was.

use model::Timestamp;
use model::audit::ChainHash;

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

// The row is made or touched, which locks it until the transaction ends; what it says is what was committed last.
const HOLD: &str = "INSERT INTO audit_chains (account_id, seq, hash, at, first_seq, first_hash, pruned_times, erased, checkpoint, checkpoint_seq) VALUES ($1, 0, $2, $3, 1, $2, 0, 0, 0, 0) ON CONFLICT (account_id) DO UPDATE SET seq = audit_chains.seq RETURNING account_id, seq, hash, at, first_seq, first_hash, pruned, pruned_times, erased, checkpoint, checkpoint_seq";
const FIND: &str = "SELECT account_id, seq, hash, at, first_seq, first_hash, pruned, pruned_times, erased, checkpoint, checkpoint_seq FROM audit_chains WHERE account_id = $1";
const LIST_AFTER: &str = "SELECT account_id, seq, hash, at, first_seq, first_hash, pruned, pruned_times, erased, checkpoint, checkpoint_seq FROM audit_chains WHERE account_id > $1 ORDER BY account_id LIMIT $2";
const LIST_UNSIGNED: &str = "SELECT account_id, seq, hash, at, first_seq, first_hash, pruned, pruned_times, erased, checkpoint, checkpoint_seq FROM audit_chains WHERE account_id > $1 AND seq > checkpoint_seq AND seq - checkpoint_seq >= $2 ORDER BY account_id LIMIT $3";
const ADVANCE: &str =
    "UPDATE audit_chains SET seq = $3, hash = $4, at = $5 WHERE account_id = $1 AND seq = $2";
const SIGNED: &str = "UPDATE audit_chains SET checkpoint = $3, checkpoint_seq = $4 WHERE account_id = $1 AND checkpoint = $2 AND seq >= $4";
const PRUNED: &str = "UPDATE audit_chains SET first_seq = $3, first_hash = $4, pruned = $5, pruned_times = pruned_times + 1, erased = erased - $6 WHERE account_id = $1 AND first_seq = $2";
const ERASED: &str = "UPDATE audit_chains SET erased = erased + $2 WHERE account_id = $1";

pub(crate) const STATEMENTS: &[&str] = &[
    HOLD,
    FIND,
    LIST_AFTER,
    LIST_UNSIGNED,
    ADVANCE,
    SIGNED,
    PRUNED,
    ERASED,
];

/// The state of a chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chain {
    pub account: String,
    /// Of the last entry; 0 before the first.
    pub seq: i64,
    pub hash: ChainHash,
    pub at: Timestamp,
    /// The number of the first entry that is kept, and the hash of the one before it.
    pub first: (i64, ChainHash),
    /// What vouches for that, once something was removed.
    pub pruned: Option<String>,
    pub pruned_times: i64,
    pub erased: i64,
    /// The number of the last checkpoint, and of the entry it is about; 0 before the first.
    pub checkpoint: (i64, i64),
}

/// The chain, held until the transaction ends, so that nobody else adds to it.
pub async fn hold(w: &mut Writer, account: &str) -> Result<Chain, StorageError> {
    let genesis = ChainHash::genesis(account);
    let args = [account.into(), genesis.as_bytes().into(), Timestamp::EPOCH.into()];
    decode(&w.fetch_one(HOLD, &args).await?)
}

pub async fn find(q: &mut impl Query, account: &str) -> Result<Option<Chain>, StorageError> {
    let row = q.fetch_optional(FIND, &[account.into()]).await?;
    row.as_ref().map(decode).transpose()
}

/// Chains in the order of their accounts.
pub async fn list_after(q: &mut impl Query, account: &str, limit: i64) -> Result<Vec<Chain>, StorageError> {
    let rows = q.fetch_all(LIST_AFTER, &[account.into(), limit.into()]).await?;
    rows.iter().map(decode).collect()
}

/// Chains with at least so many entries after their last checkpoint.
pub async fn list_unsigned(
    q: &mut impl Query,
    account: &str,
    (fewest, limit): (i64, i64),
) -> Result<Vec<Chain>, StorageError> {
    let args = [account.into(), fewest.into(), limit.into()];
    let rows = q.fetch_all(LIST_UNSIGNED, &args).await?;
    rows.iter().map(decode).collect()
}

/// Moves the chain on to its new last entry; false when it was not where it was thought to be.
pub async fn advance(
    w: &mut Writer,
    account: &str,
    from: i64,
    (seq, hash, at): (i64, ChainHash, Timestamp),
) -> Result<bool, StorageError> {
    let args = [
        account.into(),
        from.into(),
        seq.into(),
        hash.as_bytes().into(),
        at.into(),
    ];
    Ok(w.execute(ADVANCE, &args).await? == 1)
}

/// Notes a new checkpoint; false when another was made meanwhile.
pub async fn signed(
    w: &mut Writer,
    account: &str,
    before: i64,
    (number, seq): (i64, i64),
) -> Result<bool, StorageError> {
    let args = [account.into(), before.into(), number.into(), seq.into()];
    Ok(w.execute(SIGNED, &args).await? == 1)
}

/// Notes that the front of the chain is gone; false when that was done meanwhile.
pub async fn pruned(
    w: &mut Writer,
    chain: &Chain,
    first: (i64, ChainHash),
    (jws, erased): (&str, i64),
) -> Result<bool, StorageError> {
    let args = [
        chain.account.as_str().into(),
        chain.first.0.into(),
        first.0.into(),
        first.1.as_bytes().into(),
        jws.into(),
        erased.into(),
    ];
    Ok(w.execute(PRUNED, &args).await? == 1)
}

/// Counts entries that have lost their personal parts.
pub async fn erased(w: &mut Writer, account: &str, entries: i64) -> Result<(), StorageError> {
    w.execute(ERASED, &[account.into(), entries.into()])
        .await
        .map(drop)
}

fn decode(row: &Row) -> Result<Chain, StorageError> {
    let columns = Columns::new("audit_chains", row);
    let hash = |column| Ok::<_, StorageError>(ChainHash::from_bytes(*columns.digest(column)?.as_bytes()));
    Ok(Chain {
        account: columns.text("account_id")?,
        seq: columns.int("seq")?,
        hash: hash("hash")?,
        at: columns.instant("at")?,
        first: (columns.int("first_seq")?, hash("first_hash")?),
        pruned: columns.opt_text("pruned")?,
        pruned_times: columns.int("pruned_times")?,
        erased: columns.int("erased")?,
        checkpoint: (columns.int("checkpoint")?, columns.int("checkpoint_seq")?),
    })
}
