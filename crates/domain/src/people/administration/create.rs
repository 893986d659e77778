//! A new account, with a password or with a mail in which its owner chooses one.
//! Refuses an address or user name that somebody has.

use model::Ctx;
use model::audit::Actor;
use model::user::{Role, User};
use storage::StorageError;

use super::{AdministrationError, require_administrator};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;
use crate::people::account::AccountForm;
use crate::people::challenge::Asking;
use crate::people::register::insert_user;

impl Authority {
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn create_user(
        &self,
        ctx: &Ctx,
        form: AccountForm,
        role: Role,
        by: Actor,
    ) -> Result<User, AdministrationError> {
        require_administrator(&mut self.database.read().await?, &by).await?;
        let user = self.prepare_account(ctx, form, role).await?;
        self.insert_created(ctx, user, by).await
    }

    /// The same without a password: the form's is not looked at, and a mail asks the owner to choose one.
    ///
    /// # Errors
    /// See [`AdministrationError`].
    pub async fn invite_user(
        &self,
        ctx: &Ctx,
        form: &AccountForm,
        role: Role,
        by: Actor,
    ) -> Result<User, AdministrationError> {
        require_administrator(&mut self.database.read().await?, &by).await?;
        let user = self.prepare_without_password(ctx, form, role).await?;
        self.insert_created(ctx, user, by).await
    }

    async fn insert_created(&self, ctx: &Ctx, user: User, by: Actor) -> Result<User, AdministrationError> {
        let (authority, ctx, created) = (self.clone(), ctx.clone(), user.clone());
        let work = self.database.write::<_, AdministrationError, _>(move |w| {
            Box::pin(async move {
                require_administrator(w, &by).await?;
                insert_user(w, &ctx, &created, by).await?;
                if created.password.is_none() {
                    let invitation = Job::Ask(Asking::to_invite(&ctx, &created));
                    authority.enqueue(w, &ctx, &invitation).await?;
                }
                Ok(())
            })
        });
        match work.await {
            Ok(()) => {
                self.ring();
                Ok(user)
            }
            Err(AdministrationError::Fault(Fault::Storage(StorageError::UniqueViolation))) => {
                Err(AdministrationError::Invalid(Box::new(self.taken(&user).await?)))
            }
            Err(error) => Err(error),
        }
    }
}
