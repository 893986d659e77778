//! A new password that an IAM user chooses.
//! Refuses what breaks the account's rules, and leaves nothing open that the old one opened.

use std::time::Duration;

use model::audit::Actor;
use model::iam::IamUser;
use model::password::PasswordHash;
use model::password_rules::{BrokenRule, PasswordAge, PasswordRules};
use model::session::Session;
use model::{Ctx, PlainSecret, SessionId};
use serde_json::json;
use storage::{StorageError, Writer};

use super::change_password::ChangePasswordError;
use super::endings::end_all_but;
use super::sign_in::SignInError;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::settings::Settings;

/// Why the password stays.
#[derive(Debug, thiserror::Error)]
pub enum IamPasswordError {
    /// Every rule that it does not keep.
    #[error("the password breaks the account's rules")]
    Broken {
        broken: Vec<BrokenRule>,
        rules: PasswordRules,
    },
    #[error("the current password is wrong")]
    WrongPassword,
    #[error("too many attempts, wait {} s", retry_after.as_secs())]
    TooManyAttempts { retry_after: Duration },
    /// Only an administrator can replace it.
    #[error("the password has expired")]
    HardExpired,
    /// Somebody else changed it meanwhile, or the user is gone.
    #[error("the password was changed meanwhile")]
    Stale,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for IamPasswordError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<ChangePasswordError> for IamPasswordError {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::TooManyAttempts { retry_after } => Self::TooManyAttempts { retry_after },
            ChangePasswordError::Fault(fault) => Self::Fault(fault),
            ChangePasswordError::WrongPassword
            | ChangePasswordError::SignInAgain
            | ChangePasswordError::Refused(_)
            | ChangePasswordError::LinkInvalid => Self::WrongPassword,
        }
    }
}

/// A password that was judged and hashed, about to take the place of another.
#[derive(Clone)]
pub(crate) struct NewIamPassword {
    user: IamUser,
    hash: PasswordHash,
    /// How many former ones are remembered.
    keep: i64,
    /// The one that goes on.
    session: Option<SessionId>,
}

impl NewIamPassword {
    /// Written with everything that hangs on it. The caller catches up after the commit.
    pub(super) async fn put(
        &self,
        w: &mut Writer,
        settings: &Settings,
        ctx: &Ctx,
    ) -> Result<(), SignInError> {
        let (id, old) = (self.user.id, self.user.password.as_ref());
        if !storage::iam_users::set_password(w, id, (old, Some(&self.hash)), ctx.now).await? {
            return Err(SignInError::Stale);
        }
        if let Some(old) = old {
            storage::password_history::push(w, id, (old, self.keep), ctx.now).await?;
        }
        storage::iam_users::note_password(w, id, (Some(ctx.now), None)).await?;
        let happened = Happened {
            actor: Actor::User(id),
            action: "iam_user.password_changed",
            target: Some(id.to_string()),
            detail: json!({ "account_id": self.user.account_id.as_str() }),
        };
        record(w, ctx, happened).await?;
        end_all_but(w, settings, ctx, (id, self.session)).await?;
        Ok(())
    }
}

impl Authority {
    /// A new password by its owner, judged; what is to be written when they are signed in.
    pub(super) async fn choose_iam_password(
        &self,
        ctx: &Ctx,
        user: &IamUser,
        (rules, new): (&PasswordRules, &PlainSecret),
    ) -> Result<NewIamPassword, IamPasswordError> {
        // Whatever the account looks back on, the one in use is no new one.
        let strict = PasswordRules {
            prevent_reuse: rules.prevent_reuse.max(1),
            ..*rules
        };
        let hash = self.judged_iam_password(ctx, user, (&strict, new)).await?;
        Ok(NewIamPassword {
            user: user.clone(),
            hash,
            keep: i64::from(rules.prevent_reuse.saturating_sub(1)),
            session: None,
        })
    }

    /// By the IAM user, who proves the old one. All other sessions of theirs end.
    ///
    /// # Errors
    /// See [`IamPasswordError`].
    pub async fn change_iam_password(
        &self,
        ctx: &Ctx,
        (user, session): (&IamUser, &Session),
        (old, new): (&PlainSecret, &PlainSecret),
    ) -> Result<(), IamPasswordError> {
        let rules = self.password_rules(&user.account_id).await?;
        if rules.age(user.password_set_at, ctx.now) == PasswordAge::HardExpired {
            return Err(IamPasswordError::HardExpired);
        }
        self.prove_password(ctx, (user, session), old).await?;
        let mut chosen = self.choose_iam_password(ctx, user, (&rules, new)).await?;
        chosen.session = Some(session.id);
        self.put_iam_password(ctx, chosen).await
    }

    async fn put_iam_password(&self, ctx: &Ctx, new: NewIamPassword) -> Result<(), IamPasswordError> {
        let (authority, at) = (self.clone(), ctx.clone());
        let work = self.database.write::<_, SignInError, _>(move |w| {
            Box::pin(async move { new.put(w, &authority.settings, &at).await })
        });
        work.await.map_err(|error| match error {
            SignInError::Stale | SignInError::SessionEnded => IamPasswordError::Stale,
            SignInError::Fault(fault) => IamPasswordError::Fault(fault),
        })?;
        self.catch_up().await?;
        Ok(())
    }
}
