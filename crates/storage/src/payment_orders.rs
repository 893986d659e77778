//! The `payment_orders` table: what the gateway was asked to collect.
//! Refuses to change what was ordered; only what has become of it moves.

use model::Timestamp;
use model::billing::{Money, OrderPurpose, OrderState, PaymentOrder, PaymentOrderId};

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "payment_orders";

const INSERT: &str = "INSERT INTO payment_orders (id, gateway_id, account_id, purpose, amount, currency, status, created_at, looks) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)";
const FIND: &str = "SELECT id, gateway_id, account_id, purpose, amount, currency, status, created_at, paid_at, payment_id, looks FROM payment_orders WHERE id = $1";
const FIND_BY_GATEWAY_ID: &str = "SELECT id, gateway_id, account_id, purpose, amount, currency, status, created_at, paid_at, payment_id, looks FROM payment_orders WHERE gateway_id = $1";
const HOLD: &str = "UPDATE payment_orders SET looks = looks WHERE gateway_id = $1 RETURNING id, gateway_id, account_id, purpose, amount, currency, status, created_at, paid_at, payment_id, looks";
const NAME: &str = "UPDATE payment_orders SET gateway_id = $2, status = CASE WHEN status = 'opening' THEN 'created' ELSE status END WHERE id = $1 AND gateway_id IS NULL";
const ANY_UNNAMED: &str =
    "SELECT id FROM payment_orders WHERE gateway_id IS NULL AND created_at > $1 LIMIT 1";
const MOVE: &str = "UPDATE payment_orders SET status = $3 WHERE id = $1 AND status = $2";
const PAY: &str =
    "UPDATE payment_orders SET status = 'paid', paid_at = $3, payment_id = $4 WHERE id = $1 AND status = $2";
const LOOKED: &str = "UPDATE payment_orders SET looks = looks + 1 WHERE id = $1 AND looks = $2";
const DELETE_UNPAID: &str =
    "DELETE FROM payment_orders WHERE status = 'expired' AND payment_id IS NULL AND created_at < $1";

pub(crate) const STATEMENTS: &[&str] = &[
    INSERT,
    FIND,
    FIND_BY_GATEWAY_ID,
    HOLD,
    NAME,
    ANY_UNNAMED,
    MOVE,
    PAY,
    LOOKED,
    DELETE_UNPAID,
];

fn decode(row: &Row) -> Result<PaymentOrder, StorageError> {
    let columns = Columns::new(TABLE, row);
    let purpose = OrderPurpose::from_name(&columns.text("purpose")?);
    let state = OrderState::from_name(&columns.text("status")?);
    Ok(PaymentOrder {
        id: columns.parsed("id")?,
        gateway_id: columns.opt_text("gateway_id")?,
        account: columns.parsed("account_id")?,
        purpose: purpose.ok_or_else(|| columns.corrupt("purpose"))?,
        amount: Money::new(columns.int("amount")?, columns.parsed("currency")?),
        state: state.ok_or_else(|| columns.corrupt("status"))?,
        created_at: columns.instant("created_at")?,
        paid_at: columns.opt_instant("paid_at")?,
        payment: columns.opt_text("payment_id")?,
        looks: columns.int("looks")?,
    })
}

pub async fn insert(w: &mut Writer, order: &PaymentOrder) -> Result<(), StorageError> {
    let id = order.id.to_string();
    let args = [
        id.as_str().into(),
        order.gateway_id.as_deref().into(),
        order.account.as_str().into(),
        order.purpose.as_str().into(),
        order.amount.minor.into(),
        order.amount.currency.as_str().into(),
        order.state.as_str().into(),
        order.created_at.into(),
    ];
    w.execute(INSERT, &args).await?;
    Ok(())
}

pub async fn find(q: &mut impl Query, id: PaymentOrderId) -> Result<Option<PaymentOrder>, StorageError> {
    let row = q.fetch_optional(FIND, &[id.to_string().as_str().into()]).await?;
    row.map(|row| decode(&row)).transpose()
}

/// By the id that the gateway has given it.
pub async fn find_by_gateway_id(q: &mut impl Query, id: &str) -> Result<Option<PaymentOrder>, StorageError> {
    let row = q.fetch_optional(FIND_BY_GATEWAY_ID, &[id.into()]).await?;
    row.map(|row| decode(&row)).transpose()
}

/// The same, and nobody else's until the write ends.
pub async fn hold(w: &mut Writer, gateway_id: &str) -> Result<Option<PaymentOrder>, StorageError> {
    let row = w.fetch_optional(HOLD, &[gateway_id.into()]).await?;
    row.map(|row| decode(&row)).transpose()
}

/// The gateway has made it; false when that was known.
pub async fn name(w: &mut Writer, id: PaymentOrderId, gateway_id: &str) -> Result<bool, StorageError> {
    let id = id.to_string();
    Ok(w.execute(NAME, &[id.as_str().into(), gateway_id.into()]).await? == 1)
}

/// Whether there are orders, made after `since`, whose id at the gateway is not known.
pub async fn any_unnamed(q: &mut impl Query, since: Timestamp) -> Result<bool, StorageError> {
    Ok(q.fetch_optional(ANY_UNNAMED, &[since.into()]).await?.is_some())
}

/// From the state it was found in to another; false when it was not in it any more.
pub async fn move_on(w: &mut Writer, order: &PaymentOrder, to: OrderState) -> Result<bool, StorageError> {
    let id = order.id.to_string();
    let args = [
        id.as_str().into(),
        order.state.as_str().into(),
        to.as_str().into(),
    ];
    Ok(w.execute(MOVE, &args).await? == 1)
}

/// Paid by this payment; false when it was not in the state it was found in any more.
pub async fn pay(
    w: &mut Writer,
    order: &PaymentOrder,
    payment: &str,
    at: Timestamp,
) -> Result<bool, StorageError> {
    let id = order.id.to_string();
    let args = [
        id.as_str().into(),
        order.state.as_str().into(),
        at.into(),
        payment.into(),
    ];
    Ok(w.execute(PAY, &args).await? == 1)
}

/// The gateway was asked once more; false when somebody else has noted that for the same look.
pub async fn looked(w: &mut Writer, order: &PaymentOrder) -> Result<bool, StorageError> {
    let id = order.id.to_string();
    Ok(w.execute(LOOKED, &[id.as_str().into(), order.looks.into()])
        .await?
        == 1)
}

/// Orders that nobody has paid, made before.
pub async fn delete_unpaid(w: &mut Writer, before: Timestamp) -> Result<u64, StorageError> {
    w.execute(DELETE_UNPAID, &[before.into()]).await
}
