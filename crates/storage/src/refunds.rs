//! The `refunds` table: payments that are given back.
//! Refuses to change what was decided; a refund ends once.

use model::Timestamp;
use model::billing::{LedgerAccount, Money, PaymentRefund, RefundId, RefundState};
use model::iam::AccountId;

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "refunds";

const INSERT: &str = "INSERT INTO refunds (id, gateway_id, account_id, payment_id, amount, currency, source, status, reason, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const FIND: &str = "SELECT id, gateway_id, account_id, payment_id, amount, currency, source, status, reason, created_at, ended_at FROM refunds WHERE id = $1";
const FIND_BY_GATEWAY_ID: &str = "SELECT id, gateway_id, account_id, payment_id, amount, currency, source, status, reason, created_at, ended_at FROM refunds WHERE gateway_id = $1";
const OF_PAYMENT: &str = "SELECT CAST(coalesce(sum(amount), 0) AS BIGINT) AS n FROM refunds WHERE payment_id = $1 AND status <> 'failed'";
const NAME: &str = "UPDATE refunds SET gateway_id = $2 WHERE id = $1 AND gateway_id IS NULL";
const END: &str = "UPDATE refunds SET status = $2, ended_at = $3 WHERE id = $1 AND status = 'held'";
// A payment is booked as one transfer out of the gateway; the tax in it moves between other accounts.
const PAYMENT: &str = "SELECT m.account_id AS account_id, m.currency AS currency, t.credit AS credit, t.amount AS amount FROM ledger_movements m JOIN ledger_transfers t ON t.movement_id = m.id WHERE m.reference = $1 AND t.debit = 'gateway' ORDER BY t.line LIMIT 1";

pub(crate) const STATEMENTS: &[&str] = &[INSERT, FIND, FIND_BY_GATEWAY_ID, OF_PAYMENT, NAME, END, PAYMENT];

/// A payment as the ledger knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BookedPayment {
    pub account: AccountId,
    pub amount: Money,
    /// Where it has gone to.
    pub credit: LedgerAccount,
}

fn decode(row: &Row) -> Result<PaymentRefund, StorageError> {
    let columns = Columns::new(TABLE, row);
    let state = RefundState::from_name(&columns.text("status")?);
    Ok(PaymentRefund {
        id: columns.parsed("id")?,
        gateway_id: columns.opt_text("gateway_id")?,
        account: columns.parsed("account_id")?,
        payment: columns.text("payment_id")?,
        amount: Money::new(columns.int("amount")?, columns.parsed("currency")?),
        source: columns.parsed("source")?,
        state: state.ok_or_else(|| columns.corrupt("status"))?,
        reason: columns.text("reason")?,
        created_at: columns.instant("created_at")?,
        ended_at: columns.opt_instant("ended_at")?,
    })
}

pub async fn insert(w: &mut Writer, refund: &PaymentRefund) -> Result<(), StorageError> {
    let (id, source) = (refund.id.to_string(), refund.source.to_string());
    let args = [
        id.as_str().into(),
        refund.gateway_id.as_deref().into(),
        refund.account.as_str().into(),
        refund.payment.as_str().into(),
        refund.amount.minor.into(),
        refund.amount.currency.as_str().into(),
        source.as_str().into(),
        refund.state.as_str().into(),
        refund.reason.as_str().into(),
        refund.created_at.into(),
    ];
    w.execute(INSERT, &args).await?;
    Ok(())
}

pub async fn find(q: &mut impl Query, id: RefundId) -> Result<Option<PaymentRefund>, StorageError> {
    let row = q.fetch_optional(FIND, &[id.to_string().as_str().into()]).await?;
    row.map(|row| decode(&row)).transpose()
}

/// By the id that the gateway has given it.
pub async fn find_by_gateway_id(q: &mut impl Query, id: &str) -> Result<Option<PaymentRefund>, StorageError> {
    let row = q.fetch_optional(FIND_BY_GATEWAY_ID, &[id.into()]).await?;
    row.map(|row| decode(&row)).transpose()
}

/// How much of the payment is, or is going to be, given back.
pub async fn sum_of_payment(q: &mut impl Query, payment: &str) -> Result<i64, StorageError> {
    q.fetch_one(OF_PAYMENT, &[payment.into()]).await?.int("n")
}

/// The gateway's id of it; nothing happens when it is known.
pub async fn name(w: &mut Writer, id: RefundId, gateway_id: &str) -> Result<(), StorageError> {
    let id = id.to_string();
    w.execute(NAME, &[id.as_str().into(), gateway_id.into()]).await?;
    Ok(())
}

/// How it ended; false when it had ended before.
pub async fn end(
    w: &mut Writer,
    id: RefundId,
    (to, at): (RefundState, Timestamp),
) -> Result<bool, StorageError> {
    let id = id.to_string();
    let args = [id.as_str().into(), to.as_str().into(), at.into()];
    Ok(w.execute(END, &args).await? == 1)
}

/// The captured payment of this id, if it was booked.
pub async fn find_payment(q: &mut impl Query, payment: &str) -> Result<Option<BookedPayment>, StorageError> {
    let reference = format!("payment:{payment}");
    let row = q.fetch_optional(PAYMENT, &[reference.as_str().into()]).await?;
    let read = |row: Row| {
        let columns = Columns::new("ledger_movements", &row);
        Ok(BookedPayment {
            account: columns.parsed("account_id")?,
            amount: Money::new(columns.int("amount")?, columns.parsed("currency")?),
            credit: columns.parsed("credit")?,
        })
    };
    row.map(read).transpose()
}
