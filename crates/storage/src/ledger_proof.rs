//! The ledger as it stands, for proving it: movements with transfers and seals, `wallets` and `ledger_days`.
//! Refuses to interpret: kinds, accounts and currencies are told as they are written.

use model::audit::ChainHash;
use model::billing::DaySums;
use model::billing::proof::{Snapshot, WrittenMovement, WrittenTransfer};
use model::iam::AccountId;

use crate::decode::Columns;
use crate::{Query, Reader, Row, StorageError};

const ACCOUNTS: &str = "SELECT account_id FROM wallets WHERE account_id > $1 ORDER BY account_id LIMIT $2";
// In one statement, so that all of it is of one moment.
const SNAPSHOT: &str = "SELECT w.currency AS currency, w.balance AS balance, w.movements AS movements, d.day AS day, d.spend AS spend, d.credits AS credits, d.debits AS debits FROM wallets w LEFT JOIN ledger_days d ON d.account_id = w.account_id WHERE w.account_id = $1 ORDER BY d.day";
const MOVEMENTS: &str = "SELECT m.id AS id, m.seq AS seq, m.kind AS kind, m.kind_seq AS kind_seq, m.reference AS reference, m.currency AS currency, m.wallet_change AS wallet_change, m.balance_after AS balance_after, m.description AS description, m.at AS at, m.day AS day, s.digest AS seal, t.line AS line, t.debit AS debit, t.credit AS credit, t.currency AS transfer_currency, t.amount AS amount FROM ledger_movements m LEFT JOIN ledger_transfers t ON t.movement_id = m.id LEFT JOIN ledger_seals s ON s.account_id = m.account_id AND s.seq = m.seq AND s.seq > $2 AND s.seq <= $3 WHERE m.account_id = $1 AND m.seq > $2 AND m.seq <= $3 ORDER BY m.seq, t.line";
const STRAY_MOVEMENTS: &str = "SELECT count(*) AS n FROM ledger_movements m WHERE NOT EXISTS (SELECT 1 FROM wallets w WHERE w.account_id = m.account_id AND m.seq BETWEEN 1 AND w.movements)";
const STRAY_TRANSFERS: &str = "SELECT count(*) AS n FROM ledger_transfers t WHERE NOT EXISTS (SELECT 1 FROM ledger_movements m WHERE m.id = t.movement_id)";
const STRAY_SEALS: &str = "SELECT count(*) AS n FROM ledger_seals s WHERE NOT EXISTS (SELECT 1 FROM ledger_movements m WHERE m.account_id = s.account_id AND m.seq = s.seq)";
const STRAY_DAYS: &str = "SELECT count(*) AS n FROM ledger_days d WHERE NOT EXISTS (SELECT 1 FROM wallets w WHERE w.account_id = d.account_id)";

pub(crate) const STATEMENTS: &[&str] = &[
    ACCOUNTS,
    SNAPSHOT,
    MOVEMENTS,
    STRAY_MOVEMENTS,
    STRAY_TRANSFERS,
    STRAY_SEALS,
    STRAY_DAYS,
];

/// What keeps the ledger and the history of licences as they are, on both databases.
const GUARDS: [&str; 15] = [
    "ledger_movements_delete",
    "ledger_movements_insert",
    "ledger_movements_update",
    "ledger_seals_delete",
    "ledger_seals_insert",
    "ledger_seals_update",
    "ledger_transfers_delete",
    "ledger_transfers_insert",
    "ledger_transfers_update",
    "licences_delete",
    "licences_insert",
    "licences_update",
    "wallets_delete",
    "wallets_insert",
    "wallets_update",
];

/// Accounts with a wallet, in the order of their numbers.
pub async fn list_accounts(
    q: &mut impl Query,
    after: &str,
    most: i64,
) -> Result<Vec<AccountId>, StorageError> {
    let rows = q.fetch_all(ACCOUNTS, &[after.into(), most.into()]).await?;
    let account = |row: &Row| Columns::new("wallets", row).parsed("account_id");
    rows.iter().map(account).collect()
}

/// What was written beside the movements; nothing when none were.
pub async fn find_snapshot(
    q: &mut impl Query,
    account: &AccountId,
) -> Result<Option<Snapshot>, StorageError> {
    let rows = q.fetch_all(SNAPSHOT, &[account.as_str().into()]).await?;
    let Some(first) = rows.first() else {
        return Ok(None);
    };
    let columns = Columns::new("wallets", first);
    let days: Result<Vec<_>, _> = rows.iter().map(decode_day).collect();
    Ok(Some(Snapshot {
        currency: columns.text("currency")?,
        balance: columns.int("balance")?,
        movements: columns.int("movements")?,
        days: days?.into_iter().flatten().collect(),
    }))
}

fn decode_day(row: &Row) -> Result<Option<DaySums>, StorageError> {
    let columns = Columns::new("ledger_days", row);
    let Some(day) = columns.opt_parsed("day")? else {
        return Ok(None);
    };
    Ok(Some(DaySums {
        day,
        spend: columns.int("spend")?,
        credits: columns.int("credits")?,
        debits: columns.int("debits")?,
    }))
}

/// The movements behind a place and up to another, in their order.
pub async fn list_movements(
    q: &mut impl Query,
    account: &AccountId,
    (after, up_to): (i64, i64),
) -> Result<Vec<WrittenMovement>, StorageError> {
    let args = [account.as_str().into(), after.into(), up_to.into()];
    let mut movements: Vec<WrittenMovement> = Vec::new();
    for row in q.fetch_all(MOVEMENTS, &args).await? {
        let movement = decode_movement(&row)?;
        match movements.last_mut().filter(|last| last.seq == movement.seq) {
            Some(last) => last.transfers.extend(movement.transfers),
            None => movements.push(movement),
        }
    }
    Ok(movements)
}

fn decode_movement(row: &Row) -> Result<WrittenMovement, StorageError> {
    let columns = Columns::new("ledger_movements", row);
    let seal = columns.opt_digest("seal")?;
    Ok(WrittenMovement {
        id: columns.text("id")?,
        seq: columns.int("seq")?,
        kind: columns.text("kind")?,
        kind_seq: columns.int("kind_seq")?,
        reference: columns.text("reference")?,
        currency: columns.text("currency")?,
        wallet_change: columns.int("wallet_change")?,
        balance_after: columns.int("balance_after")?,
        description: columns.text("description")?,
        at: columns.int("at")?,
        day: columns.text("day")?,
        seal: seal.map(|digest| ChainHash::from_bytes(*digest.as_bytes())),
        transfers: decode_transfer(row)?.into_iter().collect(),
    })
}

fn decode_transfer(row: &Row) -> Result<Option<WrittenTransfer>, StorageError> {
    let columns = Columns::new("ledger_transfers", row);
    let Some(line) = columns.opt_int("line")? else {
        return Ok(None);
    };
    Ok(Some(WrittenTransfer {
        line,
        debit: columns.text("debit")?,
        credit: columns.text("credit")?,
        currency: columns.text("transfer_currency")?,
        amount: columns.int("amount")?,
    }))
}

/// Rows that belong to nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Strays {
    /// Movements that no wallet has seen.
    pub movements: i64,
    /// Transfers of no movement.
    pub transfers: i64,
    /// Seals of no movement.
    pub seals: i64,
    /// Days of no wallet.
    pub days: i64,
}

pub async fn count_strays(q: &mut impl Query) -> Result<Strays, StorageError> {
    Ok(Strays {
        movements: q.fetch_one(STRAY_MOVEMENTS, &[]).await?.int("n")?,
        transfers: q.fetch_one(STRAY_TRANSFERS, &[]).await?.int("n")?,
        seals: q.fetch_one(STRAY_SEALS, &[]).await?.int("n")?,
        days: q.fetch_one(STRAY_DAYS, &[]).await?.int("n")?,
    })
}

/// Triggers that are not there, or don't work.
pub async fn list_missing_guards(reader: &mut Reader) -> Result<Vec<&'static str>, StorageError> {
    let there = reader.triggers().await?;
    let missing = |guard: &&&str| !there.iter().any(|name| name == **guard);
    Ok(GUARDS.iter().filter(missing).copied().collect())
}
