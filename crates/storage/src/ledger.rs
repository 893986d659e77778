//! The ledger: `ledger_movements`, `ledger_transfers`, and the snapshots in `wallets`.
//! Refuses to change what is written: there are only insertions, and the snapshot goes with them.

use model::billing::{Currency, Movement, Wallet};
use model::iam::AccountId;

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "wallets";

const OPEN: &str = "INSERT INTO wallets (account_id, currency, balance, movements) VALUES ($1, $2, 0, 0) ON CONFLICT DO NOTHING";
const HOLD: &str =
    "UPDATE wallets SET movements = movements WHERE account_id = $1 RETURNING currency, balance, movements";
const FIND: &str = "SELECT currency, balance, movements FROM wallets WHERE account_id = $1";
const KNOWN: &str = "SELECT id FROM ledger_movements WHERE reference = $1";
const INSERT: &str = "INSERT INTO ledger_movements (id, account_id, seq, kind, reference, currency, wallet_change, balance_after, description, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const INSERT_TRANSFER: &str = "INSERT INTO ledger_transfers (movement_id, line, debit, credit, currency, amount) VALUES ($1, $2, $3, $4, $5, $6)";
const SETTLE: &str =
    "UPDATE wallets SET balance = $2, movements = $3 WHERE account_id = $1 AND movements = $3 - 1";

pub(crate) const STATEMENTS: &[&str] = &[OPEN, HOLD, FIND, KNOWN, INSERT, INSERT_TRANSFER, SETTLE];

fn decode(row: &Row) -> Result<Wallet, StorageError> {
    let columns = Columns::new(TABLE, row);
    Ok(Wallet {
        balance: columns.int("balance")?,
        currency: columns.parsed("currency")?,
        movements: columns.int("movements")?,
    })
}

/// Nothing has moved yet when there is none.
pub async fn find_wallet(q: &mut impl Query, account: &AccountId) -> Result<Option<Wallet>, StorageError> {
    let row = q.fetch_optional(FIND, &[account.as_str().into()]).await?;
    row.map(|row| decode(&row)).transpose()
}

/// The wallet, made when it is not there, and nobody else's until the write ends.
pub async fn hold_wallet(
    w: &mut Writer,
    account: &AccountId,
    currency: Currency,
) -> Result<Wallet, StorageError> {
    let args = [account.as_str().into(), currency.as_str().into()];
    w.execute(OPEN, &args).await?;
    decode(&w.fetch_one(HOLD, &[account.as_str().into()]).await?)
}

/// Whether something has moved for this reason.
pub async fn is_known(q: &mut impl Query, reference: &str) -> Result<bool, StorageError> {
    Ok(q.fetch_optional(KNOWN, &[reference.into()]).await?.is_some())
}

/// Adds to the ledger, behind what `held` has seen; `balance` is the wallet's afterwards.
pub async fn insert(
    w: &mut Writer,
    movement: &Movement,
    held: &Wallet,
    balance: i64,
) -> Result<(), StorageError> {
    let (id, account) = (movement.id.to_string(), movement.account.as_str());
    let (seq, currency) = (held.movements + 1, movement.currency.as_str());
    let args = [
        id.as_str().into(),
        account.into(),
        seq.into(),
        movement.kind.as_str().into(),
        movement.reference.as_str().into(),
        currency.into(),
        (balance - held.balance).into(),
        balance.into(),
        movement.description.as_str().into(),
        movement.at.into(),
    ];
    w.execute(INSERT, &args).await?;
    for (line, transfer) in (1_i64..).zip(&movement.transfers) {
        let (debit, credit) = (transfer.debit.to_string(), transfer.credit.to_string());
        let args = [
            id.as_str().into(),
            line.into(),
            debit.as_str().into(),
            credit.as_str().into(),
            currency.into(),
            transfer.minor.into(),
        ];
        w.execute(INSERT_TRANSFER, &args).await?;
    }
    match w
        .execute(SETTLE, &[account.into(), balance.into(), seq.into()])
        .await?
    {
        1 => Ok(()),
        _ => Err(StorageError::corrupt(TABLE, "movements", account)),
    }
}
