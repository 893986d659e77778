//! The ledger: `ledger_movements`, `ledger_transfers`, and what is written with each movement: its seal, `wallets`, `ledger_days`.
//! Refuses to change what is written: there are only insertions, and the snapshot goes with them.

use jiff::civil::Date;
use model::billing::{Currency, DaySums, LedgerEntry, Movement, MovementKind, Wallet};
use model::iam::AccountId;

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer, ledger_seals};

const TABLE: &str = "wallets";
const MOVEMENTS: &str = "ledger_movements";
const DAYS: &str = "ledger_days";

const OPEN: &str = "INSERT INTO wallets (account_id, currency, balance, movements) VALUES ($1, $2, 0, 0) ON CONFLICT DO NOTHING";
const HOLD: &str =
    "UPDATE wallets SET movements = movements WHERE account_id = $1 RETURNING currency, balance, movements";
const FIND: &str = "SELECT currency, balance, movements FROM wallets WHERE account_id = $1";
const KNOWN: &str = "SELECT id FROM ledger_movements WHERE reference = $1";
const FIND_BY_REFERENCE: &str = "SELECT m.id AS id, m.account_id AS account_id, m.seq AS seq, m.kind AS kind, m.reference AS reference, m.currency AS currency, t.amount AS amount, m.wallet_change AS wallet_change, m.balance_after AS balance_after, m.description AS description, m.at AS at FROM ledger_movements m JOIN ledger_transfers t ON t.movement_id = m.id AND t.line = 1 WHERE m.reference = $1";
const INSERT: &str = "INSERT INTO ledger_movements (id, account_id, seq, kind, kind_seq, reference, currency, wallet_change, balance_after, description, at, day) VALUES ($1, $2, $3, $4, (SELECT COALESCE(MAX(kind_seq), 0) + 1 FROM ledger_movements WHERE account_id = $2 AND kind = $4), $5, $6, $7, $8, $9, $10, $11)";
const INSERT_TRANSFER: &str = "INSERT INTO ledger_transfers (movement_id, line, debit, credit, currency, amount) VALUES ($1, $2, $3, $4, $5, $6)";
const SETTLE: &str =
    "UPDATE wallets SET balance = $2, movements = $3 WHERE account_id = $1 AND movements = $3 - 1";
const COUNT_DAY: &str = "INSERT INTO ledger_days (account_id, day, spend, credits, debits) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id, day) DO UPDATE SET spend = ledger_days.spend + excluded.spend, credits = ledger_days.credits + excluded.credits, debits = ledger_days.debits + excluded.debits";
const LIST_DAYS: &str =
    "SELECT day, spend, credits, debits FROM ledger_days WHERE account_id = $1 AND day >= $2 ORDER BY day";
const LAST_OF_KIND: &str = "SELECT kind_seq FROM ledger_movements WHERE account_id = $1 AND kind = $2 ORDER BY kind_seq DESC LIMIT 1";
const LIST: &str = "SELECT m.id AS id, m.seq AS seq, m.kind AS kind, m.reference AS reference, m.currency AS currency, t.amount AS amount, m.wallet_change AS wallet_change, m.balance_after AS balance_after, m.description AS description, m.at AS at FROM ledger_movements m JOIN ledger_transfers t ON t.movement_id = m.id AND t.line = 1 WHERE m.account_id = $1 AND m.seq <= $2 ORDER BY m.seq DESC LIMIT $3";
const LIST_OF_KIND: &str = "SELECT m.id AS id, m.seq AS seq, m.kind AS kind, m.reference AS reference, m.currency AS currency, t.amount AS amount, m.wallet_change AS wallet_change, m.balance_after AS balance_after, m.description AS description, m.at AS at FROM ledger_movements m JOIN ledger_transfers t ON t.movement_id = m.id AND t.line = 1 WHERE m.account_id = $1 AND m.kind_seq <= $2 AND m.kind = $4 ORDER BY m.kind_seq DESC LIMIT $3";

pub(crate) const STATEMENTS: &[&str] = &[
    OPEN,
    HOLD,
    FIND,
    KNOWN,
    FIND_BY_REFERENCE,
    INSERT,
    INSERT_TRANSFER,
    SETTLE,
    COUNT_DAY,
    LIST_DAYS,
    LAST_OF_KIND,
    LIST,
    LIST_OF_KIND,
];

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
    let named = [account.as_str().into()];
    if let Some(row) = w.fetch_optional(HOLD, &named).await? {
        return decode(&row);
    }
    w.execute(OPEN, &[account.as_str().into(), currency.as_str().into()])
        .await?;
    decode(&w.fetch_one(HOLD, &named).await?)
}

/// Whether something has moved for this reason.
pub async fn is_known(q: &mut impl Query, reference: &str) -> Result<bool, StorageError> {
    Ok(q.fetch_optional(KNOWN, &[reference.into()]).await?.is_some())
}

/// What has moved for this reason, and in whose books.
pub async fn find_by_reference(
    q: &mut impl Query,
    reference: &str,
) -> Result<Option<(AccountId, LedgerEntry)>, StorageError> {
    let Some(row) = q.fetch_optional(FIND_BY_REFERENCE, &[reference.into()]).await? else {
        return Ok(None);
    };
    let account = Columns::new(MOVEMENTS, &row).parsed("account_id")?;
    Ok(Some((account, decode_entry(&row)?)))
}

/// Adds to the ledger, behind what `held` has seen; `balance` is the wallet's afterwards.
pub async fn insert(
    w: &mut Writer,
    movement: &Movement,
    held: &Wallet,
    balance: i64,
) -> Result<(), StorageError> {
    insert_transfers(w, movement).await?;
    let (id, account) = (movement.id.to_string(), movement.account.as_str());
    let (seq, day) = (held.movements + 1, movement.day.to_string());
    let args = [
        id.as_str().into(),
        account.into(),
        seq.into(),
        movement.kind.as_str().into(),
        movement.reference.as_str().into(),
        movement.currency.as_str().into(),
        (balance - held.balance).into(),
        balance.into(),
        movement.description.as_str().into(),
        movement.at.into(),
        day.as_str().into(),
    ];
    w.execute(INSERT, &args).await?;
    ledger_seals::seal_next(w, &movement.account).await?;
    count_day(w, movement, balance - held.balance).await?;
    match w
        .execute(SETTLE, &[account.into(), balance.into(), seq.into()])
        .await?
    {
        1 => Ok(()),
        _ => Err(StorageError::corrupt(TABLE, "movements", account)),
    }
}

/// Before the movement, which closes them.
async fn insert_transfers(w: &mut Writer, movement: &Movement) -> Result<(), StorageError> {
    let id = movement.id.to_string();
    for (line, transfer) in (1_i64..).zip(&movement.transfers) {
        let (debit, credit) = (transfer.debit.to_string(), transfer.credit.to_string());
        let args = [
            id.as_str().into(),
            line.into(),
            debit.as_str().into(),
            credit.as_str().into(),
            movement.currency.as_str().into(),
            transfer.minor.into(),
        ];
        w.execute(INSERT_TRANSFER, &args).await?;
    }
    Ok(())
}

async fn count_day(w: &mut Writer, movement: &Movement, change: i64) -> Result<(), StorageError> {
    if change == 0 {
        return Ok(());
    }
    let sums = DaySums::of(movement.day, movement.kind, change);
    let day = movement.day.to_string();
    let args = [
        movement.account.as_str().into(),
        day.as_str().into(),
        sums.spend.into(),
        sums.credits.into(),
        sums.debits.into(),
    ];
    w.execute(COUNT_DAY, &args).await.map(drop)
}

/// What each day has brought since then; days without movements are left out.
pub async fn list_days(
    q: &mut impl Query,
    account: &AccountId,
    since: Date,
) -> Result<Vec<DaySums>, StorageError> {
    let since = since.to_string();
    let rows = q
        .fetch_all(LIST_DAYS, &[account.as_str().into(), since.as_str().into()])
        .await?;
    rows.iter().map(decode_day).collect()
}

fn decode_day(row: &Row) -> Result<DaySums, StorageError> {
    let columns = Columns::new(DAYS, row);
    Ok(DaySums {
        day: columns.parsed("day")?,
        spend: columns.int("spend")?,
        credits: columns.int("credits")?,
        debits: columns.int("debits")?,
    })
}

/// How many movements of this kind the account has.
pub async fn count_of_kind(
    q: &mut impl Query,
    account: &AccountId,
    kind: MovementKind,
) -> Result<i64, StorageError> {
    let row = q
        .fetch_optional(LAST_OF_KIND, &[account.as_str().into(), kind.as_str().into()])
        .await?;
    row.map_or(Ok(0), |row| Columns::new(MOVEMENTS, &row).int("kind_seq"))
}

/// The newest first, from this place on down: among all movements, or among those of a kind. However deep, it reads no
/// more than it gives.
pub async fn list(
    q: &mut impl Query,
    account: &AccountId,
    kind: Option<MovementKind>,
    (from, limit): (i64, i64),
) -> Result<Vec<LedgerEntry>, StorageError> {
    let mut args = vec![account.as_str().into(), from.into(), limit.into()];
    let rows = match kind {
        None => q.fetch_all(LIST, &args).await?,
        Some(kind) => {
            args.push(kind.as_str().into());
            q.fetch_all(LIST_OF_KIND, &args).await?
        }
    };
    rows.iter().map(decode_entry).collect()
}

fn decode_entry(row: &Row) -> Result<LedgerEntry, StorageError> {
    let columns = Columns::new(MOVEMENTS, row);
    let kind = MovementKind::from_name(&columns.text("kind")?);
    Ok(LedgerEntry {
        id: columns.parsed("id")?,
        seq: columns.int("seq")?,
        kind: kind.ok_or_else(|| columns.corrupt("kind"))?,
        reference: columns.text("reference")?,
        currency: columns.parsed("currency")?,
        amount: columns.int("amount")?,
        wallet_change: columns.int("wallet_change")?,
        balance_after: columns.int("balance_after")?,
        description: columns.text("description")?,
        at: columns.instant("at")?,
    })
}
