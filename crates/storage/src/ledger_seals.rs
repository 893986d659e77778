//! The `ledger_seals` table: a digest of each movement, in the order of an account's books.
//! Refuses to seal twice; books from before there were seals are in `ledger_unsealed` until they have theirs.

use model::audit::ChainHash;
use model::billing::seal::{genesis, seal};
use model::iam::AccountId;

use crate::decode::Columns;
use crate::{Database, Query, StorageError, Writer, ledger_proof};

const TABLE: &str = "ledger_seals";
/// Movements sealed in one write.
const PORTION: i64 = 500;

const LAST: &str = "SELECT seq, digest FROM ledger_seals WHERE account_id = $1 ORDER BY seq DESC LIMIT 1";
const INSERT: &str = "INSERT INTO ledger_seals (account_id, seq, digest) VALUES ($1, $2, $3)";
const UNSEALED: &str = "SELECT account_id FROM ledger_unsealed ORDER BY account_id LIMIT 1";
// Locks it, so that two that start side by side don't seal the same.
const HOLD: &str =
    "UPDATE ledger_unsealed SET account_id = account_id WHERE account_id = $1 RETURNING account_id";
const SEALED: &str = "DELETE FROM ledger_unsealed WHERE account_id = $1";

pub(crate) const STATEMENTS: &[&str] = &[LAST, INSERT, UNSEALED, HOLD, SEALED];

async fn find_last(
    q: &mut impl Query,
    account: &AccountId,
) -> Result<Option<(i64, ChainHash)>, StorageError> {
    let Some(row) = q.fetch_optional(LAST, &[account.as_str().into()]).await? else {
        return Ok(None);
    };
    let columns = Columns::new(TABLE, &row);
    let digest = ChainHash::from_bytes(*columns.digest("digest")?.as_bytes());
    Ok(Some((columns.int("seq")?, digest)))
}

/// Seals what follows the last seal, as it is stored, a portion of it; false when nothing was left. The wallet is held.
///
/// Nothing is sealed behind what is missing or can't be read: that is for the proof to tell, and stops nobody's payment.
pub(crate) async fn seal_next(w: &mut Writer, account: &AccountId) -> Result<bool, StorageError> {
    let last = find_last(w, account).await?;
    let (after, mut digest) = last.unwrap_or_else(|| (0, genesis(account.as_str())));
    let range = (after, after.saturating_add(PORTION));
    let due = match ledger_proof::list_movements(w, account, range).await {
        Err(StorageError::Corrupt { .. }) => return Ok(false),
        due => due?,
    };
    let in_order = (after + 1..).zip(&due).take_while(|(seq, due)| *seq == due.seq);
    let mut sealed = false;
    for (seq, movement) in in_order {
        digest = seal(account.as_str(), &digest, movement);
        let args = [account.as_str().into(), seq.into(), digest.as_bytes().into()];
        w.execute(INSERT, &args).await?;
        sealed = true;
    }
    Ok(sealed)
}

/// Seals the books that are older than seals, a portion in a write. Whatever is interrupted goes on at the next start.
pub(crate) async fn seal_older_books(database: &Database) -> Result<(), StorageError> {
    while let Some(account) = find_unsealed(database).await? {
        let work = database.write(move |w| Box::pin(async move { seal_portion(w, &account).await }));
        work.await?;
    }
    Ok(())
}

async fn find_unsealed(database: &Database) -> Result<Option<AccountId>, StorageError> {
    let mut reader = database.read().await?;
    let row = reader.fetch_optional(UNSEALED, &[]).await?;
    row.map(|row| Columns::new("ledger_unsealed", &row).parsed("account_id"))
        .transpose()
}

async fn seal_portion(w: &mut Writer, account: &AccountId) -> Result<(), StorageError> {
    let named = [account.as_str().into()];
    let is_due = w.fetch_optional(HOLD, &named).await?.is_some();
    if is_due && !seal_next(w, account).await? {
        w.execute(SEALED, &named).await?;
    }
    Ok(())
}
