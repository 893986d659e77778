//! The tables `collections` and `collection_failures`: what is collected by mandates.
//! Refuses a second open one of a mandate, and to count one failed payment twice: their keys say so.

use model::billing::{Collection, CollectionState, Money};
use model::iam::AccountId;
use model::{Timestamp, UserId};

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "collections";

const FIND: &str = "SELECT id, mandate_id, account_id, amount, currency, state, payment_id, failures, next_at, created_at, settled_at FROM collections WHERE id = $1";
const LIST: &str = "SELECT id, mandate_id, account_id, amount, currency, state, payment_id, failures, next_at, created_at, settled_at FROM collections WHERE account_id = $1 ORDER BY created_at DESC, id LIMIT $2";
const HOLD: &str = "UPDATE collections SET amount = amount WHERE id = $1 RETURNING id, mandate_id, account_id, amount, currency, state, payment_id, failures, next_at, created_at, settled_at";
const LIST_DUE: &str = "SELECT id FROM collections WHERE state = 'open' AND next_at <= $1 AND (working_until IS NULL OR working_until <= $1) ORDER BY next_at LIMIT $2";
const CLAIM: &str = "UPDATE collections SET working_until = $3 WHERE id = $1 AND state = 'open' AND next_at <= $2 AND (working_until IS NULL OR working_until <= $2)";
const RELEASE: &str = "UPDATE collections SET working_until = NULL WHERE id = $1 AND working_until = $2";
const COUNT_SINCE: &str = "SELECT count(*) AS n FROM collections WHERE mandate_id = $1 AND created_at > $2 AND state <> 'cancelled'";
const INSERT: &str = "INSERT INTO collections (id, mandate_id, account_id, amount, currency, state, payment_id, failures, next_at, created_at, settled_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING";
const UPDATE: &str = "UPDATE collections SET state = $2, payment_id = $3, failures = $4, next_at = $5, settled_at = $6 WHERE id = $1";
const CANCEL_UNBEGUN: &str = "UPDATE collections SET state = 'cancelled', settled_at = $2 WHERE mandate_id = $1 AND state = 'open' AND payment_id IS NULL";
const NOTE_FAILURE: &str = "INSERT INTO collection_failures (collection_id, payment_id, reason, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const DELETE_FAILURES_OF_ROOT: &str = "DELETE FROM collection_failures WHERE collection_id IN (SELECT c.id FROM collections c JOIN accounts a ON a.id = c.account_id WHERE a.root_user_id = $1)";
const DELETE_OF_ROOT: &str =
    "DELETE FROM collections WHERE account_id IN (SELECT id FROM accounts WHERE root_user_id = $1)";

pub(crate) const STATEMENTS: &[&str] = &[
    FIND,
    LIST,
    HOLD,
    LIST_DUE,
    CLAIM,
    RELEASE,
    COUNT_SINCE,
    INSERT,
    UPDATE,
    CANCEL_UNBEGUN,
    NOTE_FAILURE,
    DELETE_FAILURES_OF_ROOT,
    DELETE_OF_ROOT,
];

fn decode(row: &Row) -> Result<Collection, StorageError> {
    let columns = Columns::new(TABLE, row);
    let state = CollectionState::from_name(&columns.text("state")?);
    let failures = u32::try_from(columns.int("failures")?);
    Ok(Collection {
        id: columns.parsed("id")?,
        mandate: columns.parsed("mandate_id")?,
        account: columns.parsed("account_id")?,
        amount: Money::new(columns.int("amount")?, columns.parsed("currency")?),
        state: state.ok_or_else(|| columns.corrupt("state"))?,
        payment: columns.opt_text("payment_id")?,
        failures: failures.map_err(|_| columns.corrupt("failures"))?,
        next_at: columns.instant("next_at")?,
        created_at: columns.instant("created_at")?,
        settled_at: columns.opt_instant("settled_at")?,
    })
}

async fn one(q: &mut impl Query, sql: &'static str, key: &str) -> Result<Option<Collection>, StorageError> {
    let row = q.fetch_optional(sql, &[key.into()]).await?;
    row.map(|row| decode(&row)).transpose()
}

pub async fn find(q: &mut impl Query, id: &str) -> Result<Option<Collection>, StorageError> {
    one(q, FIND, id).await
}

/// Those of the account, newest first.
pub async fn list(
    q: &mut impl Query,
    account: &AccountId,
    limit: i64,
) -> Result<Vec<Collection>, StorageError> {
    let rows = q
        .fetch_all(LIST, &[account.as_str().into(), limit.into()])
        .await?;
    rows.iter().map(decode).collect()
}

/// The collection, and nobody else's until the write ends. Whoever needs its mandate as well holds that first.
pub async fn hold(w: &mut Writer, id: &str) -> Result<Option<Collection>, StorageError> {
    one(w, HOLD, id).await
}

/// The ids of those that there is something to do for.
pub async fn list_due(q: &mut impl Query, now: Timestamp, limit: i64) -> Result<Vec<String>, StorageError> {
    let rows = q.fetch_all(LIST_DUE, &[now.into(), limit.into()]).await?;
    rows.iter().map(|row| row.text("id")).collect()
}

/// Takes it to work on alone until `until`; false when it is not due, or somebody else has it.
pub async fn claim(
    w: &mut Writer,
    id: &str,
    (now, until): (Timestamp, Timestamp),
) -> Result<bool, StorageError> {
    Ok(w.execute(CLAIM, &[id.into(), now.into(), until.into()]).await? == 1)
}

/// Gives it back.
pub async fn release(w: &mut Writer, id: &str, until: Timestamp) -> Result<(), StorageError> {
    w.execute(RELEASE, &[id.into(), until.into()]).await.map(drop)
}

/// How many were begun since then.
pub async fn count_since(q: &mut impl Query, mandate: &str, since: Timestamp) -> Result<i64, StorageError> {
    q.fetch_one(COUNT_SINCE, &[mandate.into(), since.into()])
        .await?
        .int("n")
}

/// False when the mandate has an open one.
pub async fn insert(w: &mut Writer, collection: &Collection) -> Result<bool, StorageError> {
    let (id, mandate) = (collection.id.to_string(), collection.mandate.to_string());
    let args = [
        id.as_str().into(),
        mandate.as_str().into(),
        collection.account.as_str().into(),
        collection.amount.minor.into(),
        collection.amount.currency.as_str().into(),
        collection.state.as_str().into(),
        collection.payment.as_deref().into(),
        i64::from(collection.failures).into(),
        collection.next_at.into(),
        collection.created_at.into(),
        collection.settled_at.into(),
    ];
    Ok(w.execute(INSERT, &args).await? == 1)
}

/// What can change of it; the caller holds it.
pub async fn update(w: &mut Writer, collection: &Collection) -> Result<(), StorageError> {
    let id = collection.id.to_string();
    let args = [
        id.as_str().into(),
        collection.state.as_str().into(),
        collection.payment.as_deref().into(),
        i64::from(collection.failures).into(),
        collection.next_at.into(),
        collection.settled_at.into(),
    ];
    w.execute(UPDATE, &args).await.map(drop)
}

/// What has not been begun will not be; money on its way is still waited for.
pub async fn cancel_unbegun(w: &mut Writer, mandate: &str, now: Timestamp) -> Result<u64, StorageError> {
    w.execute(CANCEL_UNBEGUN, &[mandate.into(), now.into()]).await
}

/// False when the payment has been counted.
pub async fn note_failure(
    w: &mut Writer,
    (collection, payment): (&str, &str),
    reason: Option<&str>,
    at: Timestamp,
) -> Result<bool, StorageError> {
    let args = [collection.into(), payment.into(), reason.into(), at.into()];
    Ok(w.execute(NOTE_FAILURE, &args).await? == 1)
}

pub async fn delete_of_root(w: &mut Writer, root: UserId) -> Result<u64, StorageError> {
    let root = root.to_string();
    w.execute(DELETE_FAILURES_OF_ROOT, &[root.as_str().into()])
        .await?;
    w.execute(DELETE_OF_ROOT, &[root.as_str().into()]).await
}
