//! One's own account, changed in one go by a program: profile and address.
//! Refuses to change half of it: the address and who asks are judged before anything is written.

use model::email::Email;
use model::session::Session;
use model::user::User;
use model::{Ctx, PlainSecret};

use super::challenge::AskedIn;
use super::own_email::ChangeOwnEmailError;
use super::presence::Presence;
use super::profile::{ProfileForm, UpdateProfileError};
use crate::authority::Authority;
use crate::fault::Fault;

/// What is to be different; `None` stays as it is, a blank text is removed.
#[derive(Clone, Default)]
pub struct OwnChanges {
    pub name: Option<String>,
    pub company: Option<String>,
    pub username: Option<String>,
    pub email: Option<String>,
    /// For a new address, unless the sign-in was just now.
    pub password: Option<PlainSecret>,
    /// With it, where the session was spared the second step.
    pub code: Option<String>,
}

/// How it is now.
pub struct ChangedAccount {
    pub user: User,
    /// The address that the account gets once the mail to it was answered.
    pub pending_email: Option<Email>,
}

/// Why something stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum ChangeOwnAccountError {
    #[error(transparent)]
    Profile(#[from] UpdateProfileError),
    #[error(transparent)]
    Email(#[from] ChangeOwnEmailError),
}

impl From<Fault> for ChangeOwnAccountError {
    fn from(fault: Fault) -> Self {
        Self::Profile(fault.into())
    }
}

impl Authority {
    /// # Errors
    /// See [`ChangeOwnAccountError`].
    pub async fn change_own_account(
        &self,
        ctx: &Ctx,
        (user, session): (&User, &Session),
        changes: OwnChanges,
    ) -> Result<ChangedAccount, ChangeOwnAccountError> {
        let wanted = match &changes.email {
            Some(text) => {
                let code = changes.code.as_deref().unwrap_or_default();
                let given = changes.password.as_ref();
                let given = given.map(|password| Presence { password, code });
                self.may_change_email(ctx, (user, session), (text, given)).await?
            }
            None => None,
        };
        let before = ProfileForm::of(user);
        let form = ProfileForm {
            name: changes.name.unwrap_or_else(|| before.name.clone()),
            company: changes.company.unwrap_or_else(|| before.company.clone()),
            username: changes.username.unwrap_or_else(|| before.username.clone()),
            ..before
        };
        self.update_profile(ctx, user, &form).await?;
        if let Some(email) = &wanted {
            let asked = self.ask_to_change_email(ctx, user, email.as_str(), AskedIn::default());
            asked.await.map_err(ChangeOwnEmailError::from)?;
        }
        let mut reader = self.database.read().await.map_err(Fault::from)?;
        let found = storage::users::find_by_id(&mut reader, user.id).await;
        Ok(ChangedAccount {
            user: found.map_err(Fault::from)?.unwrap_or_else(|| user.clone()),
            pending_email: wanted,
        })
    }

    /// The new address; nothing for the one that the account has already.
    async fn may_change_email(
        &self,
        ctx: &Ctx,
        who: (&User, &Session),
        (text, given): (&str, Option<Presence<'_>>),
    ) -> Result<Option<Email>, ChangeOwnEmailError> {
        let wanted: Email = text.parse().map_err(|_| ChangeOwnEmailError::Malformed)?;
        if wanted == who.0.email {
            return Ok(None);
        }
        self.prove_presence_with(ctx, who, given).await?;
        Ok(Some(wanted))
    }
}
