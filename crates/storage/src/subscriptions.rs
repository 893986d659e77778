//! The `subscriptions` table: what accounts have subscribed to, by the gateway's id.
//! Refuses a second one that lives: its index says so.

use model::billing::subscription::Coming;
use model::billing::{Subscription, SubscriptionStatus};
use model::iam::AccountId;
use model::{Timestamp, UserId};

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Value, Writer};

const TABLE: &str = "subscriptions";

const FIND: &str = "SELECT id, account_id, plan, quantity, status, current_start, current_end, charge_at, ended_at, paid_count, paid_until, booked_count, short_url, cancel_at_end, next_plan, next_quantity, next_at, told_at, created_at FROM subscriptions WHERE id = $1";
const FIND_OF_ACCOUNT: &str = "SELECT id, account_id, plan, quantity, status, current_start, current_end, charge_at, ended_at, paid_count, paid_until, booked_count, short_url, cancel_at_end, next_plan, next_quantity, next_at, told_at, created_at FROM subscriptions WHERE account_id = $1 AND id = $2";
const FIND_LIVING: &str = "SELECT id, account_id, plan, quantity, status, current_start, current_end, charge_at, ended_at, paid_count, paid_until, booked_count, short_url, cancel_at_end, next_plan, next_quantity, next_at, told_at, created_at FROM subscriptions WHERE account_id = $1 AND status NOT IN ('cancelled', 'completed', 'expired')";
const LIST: &str = "SELECT id, account_id, plan, quantity, status, current_start, current_end, charge_at, ended_at, paid_count, paid_until, booked_count, short_url, cancel_at_end, next_plan, next_quantity, next_at, told_at, created_at FROM subscriptions WHERE account_id = $1 ORDER BY CASE WHEN status IN ('cancelled', 'completed', 'expired') THEN 1 ELSE 0 END, created_at DESC, id LIMIT $2 OFFSET $3";
const COUNT: &str = "SELECT count(*) AS n FROM subscriptions WHERE account_id = $1";
const HOLD: &str = "UPDATE subscriptions SET quantity = quantity WHERE id = $1 RETURNING id, account_id, plan, quantity, status, current_start, current_end, charge_at, ended_at, paid_count, paid_until, booked_count, short_url, cancel_at_end, next_plan, next_quantity, next_at, told_at, created_at";
const TAKE_DUE: &str = "UPDATE subscriptions SET look_at = $2 WHERE id IN (SELECT id FROM subscriptions WHERE look_at <= $1 AND status NOT IN ('cancelled', 'completed', 'expired') ORDER BY look_at LIMIT $3) AND look_at <= $1 RETURNING id";
const INSERT: &str = "INSERT INTO subscriptions (id, plan, quantity, status, current_start, current_end, charge_at, ended_at, paid_count, paid_until, cancel_at_end, next_plan, next_quantity, next_at, told_at, look_at, account_id, booked_count, short_url, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) ON CONFLICT DO NOTHING";
const UPDATE: &str = "UPDATE subscriptions SET plan = $2, quantity = $3, status = $4, current_start = $5, current_end = $6, charge_at = $7, ended_at = $8, paid_count = $9, paid_until = $10, cancel_at_end = $11, next_plan = $12, next_quantity = $13, next_at = $14, told_at = $15, look_at = $16 WHERE id = $1";
const BOOKED: &str = "UPDATE subscriptions SET booked_count = booked_count + 1 WHERE id = $1";
const LOOK_AT: &str = "UPDATE subscriptions SET look_at = $2 WHERE id = $1";
const DELETE_OF_ROOT: &str =
    "DELETE FROM subscriptions WHERE account_id IN (SELECT id FROM accounts WHERE root_user_id = $1)";

pub(crate) const STATEMENTS: &[&str] = &[
    FIND,
    FIND_OF_ACCOUNT,
    FIND_LIVING,
    LIST,
    COUNT,
    HOLD,
    TAKE_DUE,
    INSERT,
    UPDATE,
    BOOKED,
    LOOK_AT,
    DELETE_OF_ROOT,
];

fn decode(row: &Row) -> Result<Subscription, StorageError> {
    let columns = Columns::new(TABLE, row);
    let status = SubscriptionStatus::from_name(&columns.text("status")?);
    let count = |name| u32::try_from(columns.int(name)?).map_err(|_| columns.corrupt(name));
    Ok(Subscription {
        id: columns.text("id")?,
        account: columns.parsed("account_id")?,
        plan: columns.text("plan")?,
        quantity: count("quantity")?,
        status: status.ok_or_else(|| columns.corrupt("status"))?,
        current_start: columns.opt_instant("current_start")?,
        current_end: columns.opt_instant("current_end")?,
        charge_at: columns.opt_instant("charge_at")?,
        ended_at: columns.opt_instant("ended_at")?,
        paid_count: count("paid_count")?,
        paid_until: columns.opt_instant("paid_until")?,
        booked_count: count("booked_count")?,
        short_url: columns.opt_text("short_url")?,
        cancel_at_end: columns.int("cancel_at_end")? != 0,
        coming: coming(&columns)?,
        told_at: columns.instant("told_at")?,
        created_at: columns.instant("created_at")?,
    })
}

fn coming(columns: &Columns<'_>) -> Result<Option<Coming>, StorageError> {
    let (Some(plan), Some(at)) = (columns.opt_text("next_plan")?, columns.opt_instant("next_at")?) else {
        return Ok(None);
    };
    let quantity = u32::try_from(columns.int("next_quantity")?);
    let quantity = quantity.map_err(|_| columns.corrupt("next_quantity"))?;
    Ok(Some(Coming { plan, quantity, at }))
}

/// Which one it is and what can change of it: all that [`UPDATE`] takes, and what [`INSERT`] takes first.
fn state(subscription: &Subscription, look_at: Timestamp) -> [Value<'_>; 16] {
    let coming = subscription.coming.as_ref();
    [
        subscription.id.as_str().into(),
        subscription.plan.as_str().into(),
        i64::from(subscription.quantity).into(),
        subscription.status.as_str().into(),
        subscription.current_start.into(),
        subscription.current_end.into(),
        subscription.charge_at.into(),
        subscription.ended_at.into(),
        i64::from(subscription.paid_count).into(),
        subscription.paid_until.into(),
        i64::from(subscription.cancel_at_end).into(),
        coming.map(|one| one.plan.as_str()).into(),
        coming.map(|one| i64::from(one.quantity)).into(),
        coming.map(|one| one.at).into(),
        subscription.told_at.into(),
        look_at.into(),
    ]
}

async fn one(
    q: &mut impl Query,
    sql: &'static str,
    args: &[&str],
) -> Result<Option<Subscription>, StorageError> {
    let args: Vec<_> = args.iter().map(|arg| (*arg).into()).collect();
    let row = q.fetch_optional(sql, &args).await?;
    row.map(|row| decode(&row)).transpose()
}

pub async fn find(q: &mut impl Query, id: &str) -> Result<Option<Subscription>, StorageError> {
    one(q, FIND, &[id]).await
}

/// One of this account's.
pub async fn find_of_account(
    q: &mut impl Query,
    account: &AccountId,
    id: &str,
) -> Result<Option<Subscription>, StorageError> {
    one(q, FIND_OF_ACCOUNT, &[account.as_str(), id]).await
}

pub async fn find_living(
    q: &mut impl Query,
    account: &AccountId,
) -> Result<Option<Subscription>, StorageError> {
    one(q, FIND_LIVING, &[account.as_str()]).await
}

/// The one that lives first, then the last ones first, and how many they are.
pub async fn list(
    q: &mut impl Query,
    account: &AccountId,
    (limit, offset): (i64, i64),
) -> Result<(Vec<Subscription>, i64), StorageError> {
    let args = [account.as_str().into(), limit.into(), offset.into()];
    let rows = q.fetch_all(LIST, &args).await?;
    let total = q.fetch_one(COUNT, &[account.as_str().into()]).await?.int("n")?;
    let all: Result<_, _> = rows.iter().map(decode).collect();
    Ok((all?, total))
}

/// The subscription, and nobody else's until the write ends.
pub async fn hold(w: &mut Writer, id: &str) -> Result<Option<Subscription>, StorageError> {
    one(w, HOLD, &[id]).await
}

/// The ids of those to ask about, which are asked about again at `later` unless something else is said.
pub async fn take_due(
    w: &mut Writer,
    (now, later): (Timestamp, Timestamp),
    limit: i64,
) -> Result<Vec<String>, StorageError> {
    let rows = w
        .fetch_all(TAKE_DUE, &[now.into(), later.into(), limit.into()])
        .await?;
    rows.iter().map(|row| row.text("id")).collect()
}

/// False when the account has one that lives.
pub async fn insert(
    w: &mut Writer,
    subscription: &Subscription,
    look_at: Timestamp,
) -> Result<bool, StorageError> {
    let mut args = Vec::from(state(subscription, look_at));
    args.extend([
        Value::from(subscription.account.as_str()),
        i64::from(subscription.booked_count).into(),
        subscription.short_url.as_deref().into(),
        subscription.created_at.into(),
    ]);
    Ok(w.execute(INSERT, &args).await? == 1)
}

/// What can change of it; the caller holds it.
pub async fn update(
    w: &mut Writer,
    subscription: &Subscription,
    look_at: Timestamp,
) -> Result<(), StorageError> {
    w.execute(UPDATE, &state(subscription, look_at)).await.map(drop)
}

/// One more of its payments is in the books.
pub async fn booked(w: &mut Writer, id: &str) -> Result<(), StorageError> {
    w.execute(BOOKED, &[id.into()]).await.map(drop)
}

/// The gateway is asked about it again then.
pub async fn look_at(w: &mut Writer, id: &str, at: Timestamp) -> Result<(), StorageError> {
    w.execute(LOOK_AT, &[id.into(), at.into()]).await.map(drop)
}

pub async fn delete_of_root(w: &mut Writer, root: UserId) -> Result<u64, StorageError> {
    w.execute(DELETE_OF_ROOT, &[root.to_string().as_str().into()])
        .await
}
