//! The linked accounts of a user: which there are, which is the active one, and letting one go.
//! Refuses to let go of the only way to sign in.

use model::audit::Actor;
use model::linked_account::LinkedAccount;
use model::user::User;
use model::{Ctx, UserId};
use serde_json::json;
use storage::{StorageError, Writer};

use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;

/// Why the account stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum UnlinkError {
    #[error("there is no such account")]
    NotFound,
    #[error("it is the only way to sign in")]
    OnlyWayIn,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for UnlinkError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl Authority {
    /// The user's accounts at all providers, oldest first.
    ///
    /// # Errors
    /// Storage.
    pub async fn linked_accounts(&self, user: UserId) -> Result<Vec<LinkedAccount>, Fault> {
        let mut reader = self.database.read().await?;
        Ok(storage::linked_accounts::list(&mut reader, user).await?)
    }

    /// Makes one the active account of its provider.
    ///
    /// # Errors
    /// [`UnlinkError::NotFound`] when the user has no such account.
    pub async fn activate_linked_account(
        &self,
        ctx: &Ctx,
        user: UserId,
        (provider, subject): (&str, &str),
    ) -> Result<LinkedAccount, UnlinkError> {
        let (provider, subject, at) = (provider.to_owned(), subject.to_owned(), ctx.clone());
        self.database
            .write(move |w| {
                Box::pin(async move {
                    let whose = (provider.as_str(), subject.as_str());
                    let account = own(w, user, whose).await?;
                    storage::linked_accounts::activate(w, user, whose, at.now).await?;
                    note(w, &at, "account.activated", &account).await?;
                    Ok(LinkedAccount {
                        active_since: Some(at.now),
                        ..account
                    })
                })
            })
            .await
    }

    /// Lets the account go. Its tokens end at the provider, too, as soon as that answers.
    ///
    /// # Errors
    /// See [`UnlinkError`].
    pub async fn unlink_account(
        &self,
        ctx: &Ctx,
        user: UserId,
        (provider, subject): (&str, &str),
    ) -> Result<(), UnlinkError> {
        let (provider, subject) = (provider.to_owned(), subject.to_owned());
        let (authority, at) = (self.clone(), ctx.clone());
        self.database
            .write(move |w| {
                Box::pin(async move {
                    let whose = (provider.as_str(), subject.as_str());
                    let account = own(w, user, whose).await?;
                    let others = others(w, &account).await?;
                    if !authority.has_another_way_in(w, user, &others).await? {
                        return Err(UnlinkError::OnlyWayIn);
                    }
                    storage::linked_accounts::delete(w, user, whose).await?;
                    let heir = others.iter().find(|other| other.provider == provider);
                    if let (true, Some(heir)) = (account.is_active(), heir) {
                        let heir = (heir.provider.as_str(), heir.subject.as_str());
                        storage::linked_accounts::activate(w, user, heir, at.now).await?;
                    }
                    note(w, &at, "account.unlinked", &account).await?;
                    if let Some(tokens) = account.tokens {
                        authority.give_back(w, &at, (&provider, tokens)).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        self.ring();
        Ok(())
    }
}

impl Authority {
    /// Lets go of every account of the user, inside a transaction; their tokens end at the providers, too. The caller rings
    /// after the commit.
    pub(crate) async fn drop_links(&self, w: &mut Writer, ctx: &Ctx, user: UserId) -> Result<usize, Fault> {
        let accounts = storage::linked_accounts::list(w, user).await?;
        for account in &accounts {
            note(w, ctx, "account.unlinked", account).await?;
            if let Some(tokens) = account.tokens.clone() {
                self.give_back(w, ctx, (&account.provider, tokens)).await?;
            }
        }
        storage::linked_accounts::delete_all_of_user(w, user).await?;
        Ok(accounts.len())
    }

    /// A password, another provider, or a passkey where browsers use them.
    async fn has_another_way_in(
        &self,
        w: &mut Writer,
        user: UserId,
        others: &[LinkedAccount],
    ) -> Result<bool, StorageError> {
        let found: Option<User> = storage::users::find_by_id(w, user).await?;
        if !others.is_empty() || found.is_some_and(|user| user.password.is_some()) {
            return Ok(true);
        }
        Ok(self.knows_passkeys() && !storage::passkeys::list_of_user(w, user).await?.is_empty())
    }
}

/// Holds the user's row until commit, so that no two accounts are let go of at once.
async fn own(
    w: &mut Writer,
    user: UserId,
    (provider, subject): (&str, &str),
) -> Result<LinkedAccount, UnlinkError> {
    if !storage::users::confirm_enabled(w, user).await? {
        return Err(UnlinkError::NotFound);
    }
    let found = storage::linked_accounts::find(w, provider, subject).await?;
    found
        .filter(|account| account.user_id == user)
        .ok_or(UnlinkError::NotFound)
}

async fn others(w: &mut Writer, account: &LinkedAccount) -> Result<Vec<LinkedAccount>, StorageError> {
    let mut all = storage::linked_accounts::list(w, account.user_id).await?;
    all.retain(|other| !other.is(&account.provider, &account.subject));
    Ok(all)
}

async fn note(
    w: &mut Writer,
    ctx: &Ctx,
    action: &'static str,
    account: &LinkedAccount,
) -> Result<(), StorageError> {
    let happened = Happened {
        actor: Actor::User(account.user_id),
        action,
        target: Some(account.user_id.to_string()),
        detail: json!({ "provider": account.provider, "subject": account.subject }),
    };
    record(w, ctx, happened).await
}
