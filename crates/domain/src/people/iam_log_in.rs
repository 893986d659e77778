//! Signing in inside an account: its number, a name in it, and the password.
//! Refuses to tell which of them was wrong, or that the console is closed: answer, work and rows are the same (L18).

use std::fmt;
use std::time::Duration;

use model::authentication::Authentication;
use model::iam::{AccountId, IamName, IamUser};
use model::password::Password;
use model::password_rules::PasswordAge;
use model::{Ctx, PlainSecret};
use storage::StorageError;

use super::iam_password::IamPasswordError;
use super::second_factor::SecondFactorError;
use super::sign_in::{Begun, PasswordDue, Proof, Proven, SignInError};
use super::throttle::Counters;
use super::{SignIn, SignedIn};
use crate::authority::Authority;
use crate::fault::Fault;

/// What an IAM user signs in with.
#[derive(Clone)]
pub struct IamLogIn {
    pub account: String,
    pub username: String,
    pub password: PlainSecret,
    /// In place of the password, from now on.
    pub new_password: Option<PlainSecret>,
}

/// What ends a sign-in that waits: a code where there is a second factor, a new password where one is due.
#[derive(Clone)]
pub struct IamVerify {
    pub pending: PlainSecret,
    pub code: Option<String>,
    pub new_password: Option<PlainSecret>,
}

/// How a sign-in goes on after the password.
pub type IamSignIn = SignIn<IamUser>;

/// The secret under which a sign-in waits; never printed.
#[derive(Clone)]
pub struct Pending(pub PlainSecret);

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pending")
    }
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum IamLoginError {
    /// Any of the three, or the user may not sign in with a password.
    #[error("wrong account, name or password")]
    InvalidCredentials,
    #[error("too many attempts, wait {} s", retry_after.as_secs())]
    TooManyAttempts { retry_after: Duration },
    #[error("the code is missing, wrong or was used")]
    WrongCode,
    /// Used, too old, or tried too often: sign in again.
    #[error("the sign-in waits no longer")]
    Over,
    /// Said only after everything else was proven; the sign-in waits for a new password under this.
    #[error("the password must be changed")]
    ChangeRequired { pending: Pending },
    /// Said only after a right password: an administrator has to set another.
    #[error("the password has expired")]
    Expired,
    /// The new password is not taken.
    #[error(transparent)]
    Refused(IamPasswordError),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for IamLoginError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<SignInError> for IamLoginError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Stale | SignInError::SessionEnded => Self::InvalidCredentials,
            SignInError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl From<SecondFactorError> for IamLoginError {
    fn from(error: SecondFactorError) -> Self {
        match error {
            SecondFactorError::WrongCode => Self::WrongCode,
            SecondFactorError::Over => Self::Over,
            SecondFactorError::TooManyAttempts { retry_after } => Self::TooManyAttempts { retry_after },
            SecondFactorError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl From<IamPasswordError> for IamLoginError {
    fn from(error: IamPasswordError) -> Self {
        match error {
            IamPasswordError::Fault(fault) => Self::Fault(fault),
            error => Self::Refused(error),
        }
    }
}

impl Authority {
    /// Counts the attempt, then compares the password. A new password is set by the step that completes the sign-in: this
    /// one, unless a second factor is asked for.
    ///
    /// # Errors
    /// See [`IamLoginError`].
    pub async fn log_in_iam(&self, ctx: &Ctx, command: IamLogIn) -> Result<IamSignIn, IamLoginError> {
        // L07: no right password is longer, so nothing is looked up or hashed for it.
        let password =
            Password::new(command.password.expose()).map_err(|_| IamLoginError::InvalidCredentials)?;
        let (account, name) = named(&command);
        let mut reader = self.database.read().await?;
        let user = storage::iam_users::find_by_key(&mut reader, &account, &name).await?;
        drop(reader);
        let counters = Counters::of_iam_user(ctx, (&account, &name), user.as_ref());
        if let Err(retry_after) = self.count_attempt(ctx, &counters).await? {
            return Err(IamLoginError::TooManyAttempts { retry_after });
        }
        let right = self.authenticate(password.clone(), user.clone()).await?;
        let Some((user, outdated)) = right.filter(|(user, _)| user.may_sign_in()) else {
            self.note_failure(ctx, user.map(|user| user.id)).await?;
            return Err(IamLoginError::InvalidCredentials);
        };
        let waits_for_code = self.second_factor_state(user.id).await?.is_on();
        // Before a second factor nothing is changed.
        let new = command.new_password.as_ref().filter(|_| !waits_for_code);
        let due = self.password_due(ctx, &user, new).await?;
        let fresh = match (outdated, &due) {
            (true, PasswordDue::No | PasswordDue::Yes) => {
                Some(self.hasher.hash(password, ctx.random.as_ref()).await?)
            }
            _ => None,
        };
        let proven = Proven {
            authentication: Authentication::by_password(ctx.now),
            user,
            current: None,
            by: Proof::Password { fresh, counters },
            flow: None,
            password: due,
        };
        match self.begin(ctx, proven).await? {
            Begun::Done(signed_in) => Ok(SignIn::Done(signed_in)),
            Begun::SecondFactor(pending) => Ok(SignIn::SecondFactor(pending)),
            Begun::NewPassword(pending) => Err(IamLoginError::ChangeRequired {
                pending: Pending(pending),
            }),
        }
    }

    /// Ends a sign-in that waits. What is still missing leaves it waiting, and uses no code up.
    ///
    /// # Errors
    /// See [`IamLoginError`].
    pub async fn finish_iam_sign_in(
        &self,
        ctx: &Ctx,
        given: IamVerify,
    ) -> Result<SignedIn<IamUser>, IamLoginError> {
        let (pending, user) = self.count_try::<IamUser>(ctx, given.pending.expose()).await?;
        let due = self.password_due(ctx, &user, given.new_password.as_ref()).await;
        let mut proven = if self.second_factor_state(user.id).await?.is_on() {
            let code = given.code.as_deref().unwrap_or_default();
            self.prove_waiting(ctx, (&pending, user), (code, false)).await?
        } else {
            Proven {
                authentication: Authentication::by_password(ctx.now),
                user,
                current: None,
                by: Proof::FirstFactor {
                    pending: pending.secret,
                },
                flow: None,
                password: PasswordDue::No,
            }
        };
        // Said only now: whoever lacks the second factor learns nothing of the password.
        proven.password = due?;
        if matches!(proven.password, PasswordDue::Yes) {
            return Err(IamLoginError::ChangeRequired {
                pending: Pending(given.pending),
            });
        }
        let started = self.start_session(ctx, proven).await;
        started.map_err(|error| SecondFactorError::from(error).into())
    }

    /// Whether another password is needed first, by the account's rules or because whoever set it wants that.
    async fn password_due(
        &self,
        ctx: &Ctx,
        user: &IamUser,
        new: Option<&PlainSecret>,
    ) -> Result<PasswordDue, IamLoginError> {
        let rules = self.password_rules(&user.account_id).await?;
        let age = rules.age(user.password_set_at, ctx.now);
        let required = user.change_required_at.is_some() || age == PasswordAge::Expired;
        match (age, new) {
            (PasswordAge::HardExpired, _) => Err(IamLoginError::Expired),
            (_, Some(new)) => {
                let chosen = self.choose_iam_password(ctx, user, (&rules, new)).await?;
                Ok(PasswordDue::Chosen(Box::new(chosen)))
            }
            (_, None) if required => Ok(PasswordDue::Yes),
            (_, None) => Ok(PasswordDue::No),
        }
    }
}

/// Account and name as they are looked up; what can be neither is looked up all the same, and is not there.
fn named(command: &IamLogIn) -> (String, String) {
    let account = command.account.trim().parse::<AccountId>();
    let name = command.username.trim().parse::<IamName>();
    (
        account.map(String::from).unwrap_or_default(),
        name.map(|name| name.key()).unwrap_or_default(),
    )
}
