//! What administrators see of the books of any account: what its own people see.
//! Refuses everybody else, and accounts that there are not.

use model::Ctx;
use model::audit::Actor;
use model::billing::{LedgerEntry, MovementKind};
use model::iam::AccountId;
use storage::{Reader, StorageError};

use super::BillingOverview;
use super::view::part_of;
use crate::authority::Authority;
use crate::fault::Fault;
use crate::people::AdministrationError;
use crate::people::administration::require_administrator;

/// Why nothing is shown.
#[derive(Debug, thiserror::Error)]
pub enum BooksError {
    #[error("only administrators do this")]
    NotAdministrator,
    #[error("there is no account with this number")]
    NoSuchAccount,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for BooksError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl Authority {
    /// The balance of the account, and what led to it.
    ///
    /// # Errors
    /// See [`BooksError`].
    pub async fn account_books(
        &self,
        ctx: &Ctx,
        account: &AccountId,
        by: &Actor,
    ) -> Result<BillingOverview, BooksError> {
        let mut reader = self.database.read().await?;
        judge(&mut reader, account, by).await?;
        Ok(self.overview_of(&mut reader, ctx, account).await?)
    }

    /// A part of its movements, by offset and limit, the newest first, and how many there are.
    ///
    /// # Errors
    /// See [`BooksError`].
    pub async fn account_movements(
        &self,
        (account, by): (&AccountId, &Actor),
        kind: Option<MovementKind>,
        part: (i64, i64),
    ) -> Result<(Vec<LedgerEntry>, i64), BooksError> {
        let mut reader = self.database.read().await?;
        judge(&mut reader, account, by).await?;
        Ok(part_of(&mut reader, account, (kind, part)).await?)
    }
}

async fn judge(reader: &mut Reader, account: &AccountId, by: &Actor) -> Result<(), BooksError> {
    require_administrator(reader, by)
        .await
        .map_err(|error| match error {
            AdministrationError::Fault(fault) => BooksError::Fault(fault),
            _ => BooksError::NotAdministrator,
        })?;
    let root = storage::accounts::find_root(reader, account).await?;
    root.map(drop).ok_or(BooksError::NoSuchAccount)
}
