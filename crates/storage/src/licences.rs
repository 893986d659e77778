//! The `licences` table: what binds an account to a plan, now and before.
//! Refuses to change what is written: another licence takes the place of the living one.

use model::Timestamp;
use model::billing::{Binding, Licence, LicenceId, LicenceSource, LicenceStatus};
use model::iam::AccountId;

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "licences";
const ADMIN: &str = "admin";
const SUBSCRIPTION: &str = "subscription:";

const HOLD_ACCOUNT: &str = "UPDATE accounts SET created_at = created_at WHERE id = $1 RETURNING created_at";
const MADE_AT: &str = "SELECT created_at FROM accounts WHERE id = $1";
const FIND: &str = "SELECT id, account_id, plan, seats, status, source, valid_from, valid_until FROM licences WHERE account_id = $1 AND replaced_at IS NULL";
const LIST: &str = "SELECT id, account_id, plan, seats, status, source, valid_from, valid_until, replaced_at FROM licences WHERE account_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2";
const REPLACE: &str = "UPDATE licences SET replaced_at = $2 WHERE account_id = $1 AND replaced_at IS NULL";
const INSERT: &str = "INSERT INTO licences (id, account_id, plan, seats, status, source, valid_from, valid_until, created_at, replaced_at, end_told_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL, NULL)";
const TAKE_ENDED: &str = "UPDATE licences SET end_told_at = $1 WHERE id IN (SELECT id FROM licences WHERE valid_until <= $1 AND replaced_at IS NULL AND end_told_at IS NULL ORDER BY valid_until LIMIT $2) AND end_told_at IS NULL RETURNING account_id";

pub(crate) const STATEMENTS: &[&str] = &[HOLD_ACCOUNT, MADE_AT, FIND, LIST, REPLACE, INSERT, TAKE_ENDED];

fn decode(row: &Row) -> Result<Licence, StorageError> {
    let columns = Columns::new(TABLE, row);
    let status = LicenceStatus::from_name(&columns.text("status")?);
    let source = columns.text("source")?;
    let source = match source.strip_prefix(SUBSCRIPTION) {
        Some(id) => LicenceSource::Subscription(id.to_owned()),
        None if source == ADMIN => LicenceSource::Admin,
        None => return Err(columns.corrupt("source")),
    };
    Ok(Licence {
        id: Some(columns.parsed("id")?),
        binding: Binding {
            account: columns.parsed("account_id")?,
            plan: columns.text("plan")?,
            seats: u32::try_from(columns.int("seats")?).map_err(|_| columns.corrupt("seats"))?,
            status: status.ok_or_else(|| columns.corrupt("status"))?,
            valid_until: columns.opt_instant("valid_until")?,
            source,
        },
        valid_from: columns.instant("valid_from")?,
    })
}

/// When the account was made; nothing for a number that was never given. Nobody else binds it until the write ends.
pub async fn hold_account(w: &mut Writer, account: &AccountId) -> Result<Option<Timestamp>, StorageError> {
    let row = w.fetch_optional(HOLD_ACCOUNT, &[account.as_str().into()]).await?;
    row.map(|row| Columns::new("accounts", &row).instant("created_at"))
        .transpose()
}

/// When the account was made; nothing for a number that was never given.
pub async fn account_made_at(
    q: &mut impl Query,
    account: &AccountId,
) -> Result<Option<Timestamp>, StorageError> {
    let row = q.fetch_optional(MADE_AT, &[account.as_str().into()]).await?;
    row.map(|row| Columns::new("accounts", &row).instant("created_at"))
        .transpose()
}

/// The one that nothing has replaced, whether or not it still gives anything.
pub async fn find(q: &mut impl Query, account: &AccountId) -> Result<Option<Licence>, StorageError> {
    let row = q.fetch_optional(FIND, &[account.as_str().into()]).await?;
    row.map(|row| decode(&row)).transpose()
}

/// The newest ones first, each with when it was replaced.
pub async fn list(
    q: &mut impl Query,
    account: &AccountId,
    limit: i64,
) -> Result<Vec<(Licence, Option<Timestamp>)>, StorageError> {
    let rows = q
        .fetch_all(LIST, &[account.as_str().into(), limit.into()])
        .await?;
    rows.iter()
        .map(|row| Ok((decode(row)?, Columns::new(TABLE, row).opt_instant("replaced_at")?)))
        .collect()
}

/// Puts it in the place of the living one.
pub async fn replace(
    w: &mut Writer,
    id: LicenceId,
    licence: &Licence,
    now: Timestamp,
) -> Result<(), StorageError> {
    let binding = &licence.binding;
    let account = binding.account.as_str();
    w.execute(REPLACE, &[account.into(), now.into()]).await?;
    let id = id.to_string();
    let source = match &binding.source {
        LicenceSource::Default | LicenceSource::Admin => ADMIN.to_owned(),
        LicenceSource::Subscription(id) => format!("{SUBSCRIPTION}{id}"),
    };
    let args = [
        id.as_str().into(),
        account.into(),
        binding.plan.as_str().into(),
        i64::from(binding.seats).into(),
        binding.status.as_str().into(),
        source.as_str().into(),
        licence.valid_from.into(),
        binding.valid_until.into(),
        now.into(),
    ];
    w.execute(INSERT, &args).await.map(drop)
}

/// Accounts whose living licence has come to its end and that were not told so before; each is returned once.
pub async fn take_ended(w: &mut Writer, now: Timestamp, limit: i64) -> Result<Vec<AccountId>, StorageError> {
    let rows = w.fetch_all(TAKE_ENDED, &[now.into(), limit.into()]).await?;
    rows.iter()
        .map(|row| Columns::new(TABLE, row).parsed("account_id"))
        .collect()
}
