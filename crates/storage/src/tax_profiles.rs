//! The `tax_profiles` table.

use model::Timestamp;
use model::billing::tax::{Gstin, TaxProfile};
use model::iam::AccountId;

use crate::decode::Columns;
use crate::{Query, Row, StorageError, Writer};

const TABLE: &str = "tax_profiles";

const FIND: &str = "SELECT gstin, legal_name, address, state_code FROM tax_profiles WHERE account_id = $1";
const OPEN: &str =
    "INSERT INTO tax_profiles (account_id, address, updated_at) VALUES ($1, '', $2) ON CONFLICT DO NOTHING";
const HOLD: &str = "UPDATE tax_profiles SET updated_at = updated_at WHERE account_id = $1 RETURNING gstin, legal_name, address, state_code";
const UPDATE: &str = "UPDATE tax_profiles SET gstin = $2, legal_name = $3, address = $4, state_code = $5, updated_at = $6 WHERE account_id = $1";
const DELETE: &str = "DELETE FROM tax_profiles WHERE account_id = $1";

pub(crate) const STATEMENTS: &[&str] = &[FIND, OPEN, HOLD, UPDATE, DELETE];

fn decode(row: &Row) -> Result<TaxProfile, StorageError> {
    let columns = Columns::new(TABLE, row);
    let address = columns.text("address")?;
    Ok(TaxProfile {
        gstin: columns.opt_parsed("gstin")?,
        legal_name: columns.opt_text("legal_name")?,
        address: address.lines().map(str::to_owned).collect(),
        state: columns.opt_parsed("state_code")?,
    })
}

/// Nothing when the account has never said anything.
pub async fn find(q: &mut impl Query, account: &AccountId) -> Result<Option<TaxProfile>, StorageError> {
    let row = q.fetch_optional(FIND, &[account.as_str().into()]).await?;
    row.map(|row| decode(&row)).transpose()
}

/// The profile, made when it is not there, and nobody else's until the write ends.
pub async fn hold(w: &mut Writer, account: &AccountId, now: Timestamp) -> Result<TaxProfile, StorageError> {
    w.execute(OPEN, &[account.as_str().into(), now.into()]).await?;
    decode(&w.fetch_one(HOLD, &[account.as_str().into()]).await?)
}

/// In place of what was there.
pub async fn update(
    w: &mut Writer,
    account: &AccountId,
    profile: &TaxProfile,
    now: Timestamp,
) -> Result<(), StorageError> {
    let address = profile.address.join("\n");
    let state = profile.state.map(|state| state.to_string());
    let args = [
        account.as_str().into(),
        profile.gstin.as_ref().map(Gstin::as_str).into(),
        profile.legal_name.as_deref().into(),
        address.as_str().into(),
        state.as_deref().into(),
        now.into(),
    ];
    w.execute(UPDATE, &args).await.map(drop)
}

pub async fn delete(w: &mut Writer, account: &AccountId) -> Result<(), StorageError> {
    w.execute(DELETE, &[account.as_str().into()]).await.map(drop)
}
