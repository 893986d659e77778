//! The `mandates` table: leave to collect, by account.
//! Refuses a second one that lives: its index says so.

use model::billing::{Mandate, MandateStatus, MandateTerms};
use model::iam::AccountId;
use model::{Timestamp, UserId};

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "mandates";

const FIND_LATEST: &str = "SELECT id, account_id, status, threshold, amount, max_amount, currency, order_id, gateway_order, customer_id, token_id, told_at, created_at, ended_at FROM mandates WHERE account_id = $1 ORDER BY CASE WHEN ended_at IS NULL THEN 0 ELSE 1 END, created_at DESC, id LIMIT 1";
const LIST: &str = "SELECT id, account_id, status, threshold, amount, max_amount, currency, order_id, gateway_order, customer_id, token_id, told_at, created_at, ended_at FROM mandates WHERE account_id = $1 ORDER BY created_at, id";
const FIND_LIVING: &str = "SELECT id, account_id, status, threshold, amount, max_amount, currency, order_id, gateway_order, customer_id, token_id, told_at, created_at, ended_at FROM mandates WHERE account_id = $1 AND ended_at IS NULL";
const FIND: &str = "SELECT id, account_id, status, threshold, amount, max_amount, currency, order_id, gateway_order, customer_id, token_id, told_at, created_at, ended_at FROM mandates WHERE id = $1";
const FIND_BY_ORDER: &str = "SELECT id, account_id, status, threshold, amount, max_amount, currency, order_id, gateway_order, customer_id, token_id, told_at, created_at, ended_at FROM mandates WHERE order_id = $1";
const FIND_BY_TOKEN: &str = "SELECT id, account_id, status, threshold, amount, max_amount, currency, order_id, gateway_order, customer_id, token_id, told_at, created_at, ended_at FROM mandates WHERE token_id = $1 ORDER BY created_at DESC LIMIT 1";
const FIND_WAITING_OF_CUSTOMER: &str = "SELECT id, account_id, status, threshold, amount, max_amount, currency, order_id, gateway_order, customer_id, token_id, told_at, created_at, ended_at FROM mandates WHERE customer_id = $1 AND ended_at IS NULL AND token_id IS NULL";
const HOLD: &str = "UPDATE mandates SET amount = amount WHERE id = $1 RETURNING id, account_id, status, threshold, amount, max_amount, currency, order_id, gateway_order, customer_id, token_id, told_at, created_at, ended_at";
const LIST_WAITING: &str = "SELECT id, account_id, status, threshold, amount, max_amount, currency, order_id, gateway_order, customer_id, token_id, told_at, created_at, ended_at FROM mandates WHERE status = 'created' AND token_id IS NULL AND created_at <= $1 ORDER BY created_at LIMIT $2";
const INSERT: &str = "INSERT INTO mandates (id, account_id, status, threshold, amount, max_amount, currency, order_id, gateway_order, customer_id, token_id, told_at, created_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING";
const UPDATE: &str = "UPDATE mandates SET status = $2, threshold = $3, amount = $4, max_amount = $5, token_id = $6, told_at = $7, ended_at = $8 WHERE id = $1";
const DELETE_OF_ROOT: &str =
    "DELETE FROM mandates WHERE account_id IN (SELECT id FROM accounts WHERE root_user_id = $1)";

pub(crate) const STATEMENTS: &[&str] = &[
    FIND_LATEST,
    LIST,
    FIND_LIVING,
    FIND,
    FIND_BY_ORDER,
    FIND_BY_TOKEN,
    FIND_WAITING_OF_CUSTOMER,
    HOLD,
    LIST_WAITING,
    INSERT,
    UPDATE,
    DELETE_OF_ROOT,
];

fn decode(row: &Row) -> Result<Mandate, StorageError> {
    let columns = Columns::new(TABLE, row);
    let status = MandateStatus::from_kept(&columns.text("status")?);
    Ok(Mandate {
        id: columns.parsed("id")?,
        account: columns.parsed("account_id")?,
        status: status.ok_or_else(|| columns.corrupt("status"))?,
        terms: MandateTerms {
            threshold: columns.int("threshold")?,
            amount: columns.int("amount")?,
            most: columns.int("max_amount")?,
        },
        currency: columns.parsed("currency")?,
        order: columns.parsed("order_id")?,
        gateway_order: columns.text("gateway_order")?,
        customer: columns.text("customer_id")?,
        token: columns.opt_text("token_id")?,
        told_at: columns.opt_instant("told_at")?,
        created_at: columns.instant("created_at")?,
        ended_at: columns.opt_instant("ended_at")?,
    })
}

async fn one(q: &mut impl Query, sql: &'static str, key: &str) -> Result<Option<Mandate>, StorageError> {
    let row = q.fetch_optional(sql, &[key.into()]).await?;
    row.map(|row| decode(&row)).transpose()
}

/// The one that lives, or else the last one.
pub async fn find_latest(q: &mut impl Query, account: &AccountId) -> Result<Option<Mandate>, StorageError> {
    one(q, FIND_LATEST, account.as_str()).await
}

/// All of the account, the first ones first.
pub async fn list(q: &mut impl Query, account: &AccountId) -> Result<Vec<Mandate>, StorageError> {
    let rows = q.fetch_all(LIST, &[account.as_str().into()]).await?;
    rows.iter().map(decode).collect()
}

pub async fn find_living(q: &mut impl Query, account: &AccountId) -> Result<Option<Mandate>, StorageError> {
    one(q, FIND_LIVING, account.as_str()).await
}

pub async fn find(q: &mut impl Query, id: &str) -> Result<Option<Mandate>, StorageError> {
    one(q, FIND, id).await
}

/// The one that the order's payment makes.
pub async fn find_by_order(q: &mut impl Query, order: &str) -> Result<Option<Mandate>, StorageError> {
    one(q, FIND_BY_ORDER, order).await
}

pub async fn find_by_token(q: &mut impl Query, token: &str) -> Result<Option<Mandate>, StorageError> {
    one(q, FIND_BY_TOKEN, token).await
}

/// The one of the customer that has no token yet.
pub async fn find_waiting_of_customer(
    q: &mut impl Query,
    customer: &str,
) -> Result<Option<Mandate>, StorageError> {
    one(q, FIND_WAITING_OF_CUSTOMER, customer).await
}

/// The mandate, and nobody else's until the write ends.
pub async fn hold(w: &mut Writer, id: &str) -> Result<Option<Mandate>, StorageError> {
    one(w, HOLD, id).await
}

/// Those from before `until` whose payment has not come, the oldest first.
pub async fn list_waiting(
    q: &mut impl Query,
    until: Timestamp,
    limit: i64,
) -> Result<Vec<Mandate>, StorageError> {
    let rows = q.fetch_all(LIST_WAITING, &[until.into(), limit.into()]).await?;
    rows.iter().map(decode).collect()
}

/// False when the account has one that lives.
pub async fn insert(w: &mut Writer, mandate: &Mandate) -> Result<bool, StorageError> {
    let (id, order) = (mandate.id.to_string(), mandate.order.to_string());
    let args = [
        id.as_str().into(),
        mandate.account.as_str().into(),
        mandate.status.as_kept().into(),
        mandate.terms.threshold.into(),
        mandate.terms.amount.into(),
        mandate.terms.most.into(),
        mandate.currency.as_str().into(),
        order.as_str().into(),
        mandate.gateway_order.as_str().into(),
        mandate.customer.as_str().into(),
        mandate.token.as_deref().into(),
        mandate.told_at.into(),
        mandate.created_at.into(),
        mandate.ended_at.into(),
    ];
    Ok(w.execute(INSERT, &args).await? == 1)
}

/// What can change of it; the caller holds it.
pub async fn update(w: &mut Writer, mandate: &Mandate) -> Result<(), StorageError> {
    let id = mandate.id.to_string();
    let args = [
        id.as_str().into(),
        mandate.status.as_kept().into(),
        mandate.terms.threshold.into(),
        mandate.terms.amount.into(),
        mandate.terms.most.into(),
        mandate.token.as_deref().into(),
        mandate.told_at.into(),
        mandate.ended_at.into(),
    ];
    w.execute(UPDATE, &args).await.map(drop)
}

pub async fn delete_of_root(w: &mut Writer, root: UserId) -> Result<u64, StorageError> {
    w.execute(DELETE_OF_ROOT, &[root.to_string().as_str().into()])
        .await
}
