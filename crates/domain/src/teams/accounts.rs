//! The accounts somebody may act in, and what an account is called.
//! Refuses to tell of accounts they do not work in.

use model::audit::Actor;
use model::team::{Account, AccountName, Seat};
use model::{Ctx, UserId};
use serde_json::json;
use storage::StorageError;

use super::Seated;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;

/// Why an account keeps its name.
#[derive(Debug, thiserror::Error)]
pub enum RenameError {
    #[error("there is no such account any more")]
    NotFound,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for RenameError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl Authority {
    /// The accounts that the user may act in, the first ones first, and how many they are. Their own is made if need be.
    ///
    /// # Errors
    /// Storage.
    pub async fn list_seats(
        &self,
        ctx: &Ctx,
        user: UserId,
        part: (i64, i64),
    ) -> Result<(Vec<Seat>, i64), Fault> {
        self.account_number(ctx, user).await?;
        let mut reader = self.database.read().await?;
        Ok(storage::memberships::list_seats(&mut reader, user, part).await?)
    }

    /// Without a name the account is called after its root user.
    ///
    /// # Errors
    /// See [`RenameError`].
    pub async fn rename_account(
        &self,
        ctx: &Ctx,
        seated: &Seated,
        name: Option<AccountName>,
    ) -> Result<Account, RenameError> {
        let (account, by, at) = (seated.account().clone(), seated.user(), ctx.clone());
        let work = self.database.write::<_, RenameError, _>(move |w| {
            Box::pin(async move {
                storage::accounts::rename(w, &account, name.as_ref()).await?;
                let happened = Happened {
                    actor: Actor::User(by),
                    action: "team.account_renamed",
                    target: Some(account.to_string()),
                    detail: json!({ "name": name.as_ref().map(AccountName::as_str) }),
                };
                record(w, &at, happened).await?;
                let found = storage::accounts::find(w, &account).await?;
                found.ok_or(RenameError::NotFound)
            })
        });
        work.await
    }
}
