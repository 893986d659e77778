//! The tables `gateway_customers` and `gateway_plans`: under which id the gateway knows an account, and a plan of ours.
//! Refuses a second id for the same: the first one stays.

use model::billing::{Money, PlanPeriod};
use model::iam::AccountId;
use model::{Timestamp, UserId};

use crate::{Query, StorageError, Writer};

const FIND_CUSTOMER: &str = "SELECT customer_id FROM gateway_customers WHERE account_id = $1";
const INSERT_CUSTOMER: &str = "INSERT INTO gateway_customers (account_id, customer_id, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const DELETE_CUSTOMER_OF_ROOT: &str =
    "DELETE FROM gateway_customers WHERE account_id IN (SELECT id FROM accounts WHERE root_user_id = $1)";
const FIND_PLAN: &str =
    "SELECT id FROM gateway_plans WHERE plan = $1 AND amount = $2 AND currency = $3 AND period = $4";
const FIND_PLAN_NAME: &str = "SELECT plan FROM gateway_plans WHERE id = $1";
const INSERT_PLAN: &str = "INSERT INTO gateway_plans (id, plan, amount, currency, period, created_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";

pub(crate) const STATEMENTS: &[&str] = &[
    FIND_CUSTOMER,
    INSERT_CUSTOMER,
    DELETE_CUSTOMER_OF_ROOT,
    FIND_PLAN,
    FIND_PLAN_NAME,
    INSERT_PLAN,
];

/// Who pays for the account.
pub async fn find_customer(q: &mut impl Query, account: &AccountId) -> Result<Option<String>, StorageError> {
    let row = q
        .fetch_optional(FIND_CUSTOMER, &[account.as_str().into()])
        .await?;
    row.map(|row| row.text("customer_id")).transpose()
}

/// Nothing happens when there is one.
pub async fn insert_customer(
    w: &mut Writer,
    (account, customer): (&AccountId, &str),
    now: Timestamp,
) -> Result<(), StorageError> {
    let args = [account.as_str().into(), customer.into(), now.into()];
    w.execute(INSERT_CUSTOMER, &args).await.map(drop)
}

pub async fn delete_customer_of_root(w: &mut Writer, root: UserId) -> Result<u64, StorageError> {
    w.execute(DELETE_CUSTOMER_OF_ROOT, &[root.to_string().as_str().into()])
        .await
}

/// The gateway's id of a plan of ours at this price.
pub async fn find_plan(
    q: &mut impl Query,
    (plan, amount, period): (&str, Money, PlanPeriod),
) -> Result<Option<String>, StorageError> {
    let args = [
        plan.into(),
        amount.minor.into(),
        amount.currency.as_str().into(),
        period.as_str().into(),
    ];
    let row = q.fetch_optional(FIND_PLAN, &args).await?;
    row.map(|row| row.text("id")).transpose()
}

/// Which plan of ours the gateway's is.
pub async fn find_plan_name(q: &mut impl Query, id: &str) -> Result<Option<String>, StorageError> {
    let row = q.fetch_optional(FIND_PLAN_NAME, &[id.into()]).await?;
    row.map(|row| row.text("plan")).transpose()
}

/// Nothing happens when there is one.
pub async fn insert_plan(
    w: &mut Writer,
    id: &str,
    (plan, amount, period): (&str, Money, PlanPeriod),
    now: Timestamp,
) -> Result<(), StorageError> {
    let args = [
        id.into(),
        plan.into(),
        amount.minor.into(),
        amount.currency.as_str().into(),
        period.as_str().into(),
        now.into(),
    ];
    w.execute(INSERT_PLAN, &args).await.map(drop)
}
