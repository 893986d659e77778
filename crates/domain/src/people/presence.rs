//! That it is really the owner who is about to change something serious, and never by less than signing in takes.
//! Refuses a session that was merely left open (S11), and one that was spared the second step.

use std::time::Duration;

use model::authentication::{ACR_MFA, satisfies};
use model::session::Session;
use model::{Ctx, PlainSecret};
use storage::StorageError;

use super::Signer;
use super::change_password::ChangePasswordError;
use super::second_factor::SecondFactorError;
use crate::authority::Authority;
use crate::fault::Fault;

/// How long a sign-in speaks for its owner where there is no password to ask for.
pub const FRESH: Duration = Duration::from_secs(5 * 60);

/// What somebody gives; what is not asked for may be empty.
#[derive(Clone, Copy)]
pub struct Presence<'a> {
    pub password: &'a PlainSecret,
    /// Of an authenticator app, or a backup code.
    pub code: &'a str,
}

/// Without a code.
impl<'a> From<&'a PlainSecret> for Presence<'a> {
    fn from(password: &'a PlainSecret) -> Self {
        Self { password, code: "" }
    }
}

/// What has to be given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PresenceDemand {
    pub password: bool,
    pub code: bool,
    /// Nothing will do but a new sign-in.
    pub sign_in: bool,
}

impl PresenceDemand {
    /// A session that gave two factors needs the password, or to be fresh where there is none. Any other needs the second
    /// factor as well, if there is one. An app's code can be given here; a passkey is given by signing in.
    const fn of(
        (has_password, has_app, has_passkey): (bool, bool, bool),
        (mfa, fresh): (bool, bool),
    ) -> Self {
        let lacks_second = (has_app || has_passkey) && !mfa;
        let lacks_first = !has_password && !fresh;
        let code = has_app && (lacks_second || lacks_first);
        Self {
            password: has_password,
            code,
            sign_in: !code && (lacks_second || lacks_first),
        }
    }
}

/// Why it may be somebody else.
#[derive(Debug, thiserror::Error)]
pub enum PresenceError {
    #[error("the password is wrong")]
    WrongPassword,
    /// Missing, wrong, or used.
    #[error("a code of the second factor is needed")]
    WrongCode,
    #[error("too many attempts, wait {} s", retry_after.as_secs())]
    TooManyAttempts { retry_after: Duration },
    /// The account has no password and the sign-in is too old, or it was spared the passkey that it takes.
    #[error("sign in again first")]
    SignInAgain,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for PresenceError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<ChangePasswordError> for PresenceError {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::TooManyAttempts { retry_after } => Self::TooManyAttempts { retry_after },
            ChangePasswordError::SignInAgain => Self::SignInAgain,
            ChangePasswordError::Fault(fault) => Self::Fault(fault),
            ChangePasswordError::WrongPassword
            | ChangePasswordError::Refused(_)
            | ChangePasswordError::LinkInvalid => Self::WrongPassword,
        }
    }
}

impl From<SecondFactorError> for PresenceError {
    fn from(error: SecondFactorError) -> Self {
        match error {
            SecondFactorError::TooManyAttempts { retry_after } => Self::TooManyAttempts { retry_after },
            SecondFactorError::Fault(fault) => Self::Fault(fault),
            SecondFactorError::WrongCode | SecondFactorError::Over => Self::WrongCode,
        }
    }
}

/// Whether the session's sign-in was just now.
pub fn is_fresh(ctx: &Ctx, session: &Session) -> bool {
    ctx.now < session.authentication.at.plus(FRESH)
}

impl Authority {
    /// What [`Authority::prove_presence`] will ask for.
    ///
    /// # Errors
    /// Storage.
    pub async fn presence_demand<P: Signer>(
        &self,
        ctx: &Ctx,
        (user, session): (&P, &Session),
    ) -> Result<PresenceDemand, Fault> {
        let state = self.second_factor_state(user.id()).await?;
        let has = (
            user.password().is_some(),
            state.totp_since.is_some(),
            state.passkeys > 0,
        );
        let mfa = satisfies(&session.authentication.acr, ACR_MFA);
        Ok(PresenceDemand::of(has, (mfa, is_fresh(ctx, session))))
    }

    /// What [`Authority::prove_presence_with`] will ask for: nothing within minutes of a sign-in that skipped no step.
    ///
    /// # Errors
    /// Storage.
    pub async fn presence_demand_with<P: Signer>(
        &self,
        ctx: &Ctx,
        who: (&P, &Session),
    ) -> Result<Option<PresenceDemand>, Fault> {
        match self.is_as_strong_as_sign_in(ctx, who).await? {
            true => Ok(None),
            false => self.presence_demand(ctx, who).await.map(Some),
        }
    }

    /// The password, counted like a sign-in; for an account without one, a sign-in of the last minutes.
    pub(super) async fn prove_first_factor<P: Signer>(
        &self,
        ctx: &Ctx,
        (user, session): (&P, &Session),
        password: &PlainSecret,
    ) -> Result<(), PresenceError> {
        if user.password().is_some() {
            return Ok(self.prove_password(ctx, (user, session), password).await?);
        }
        match is_fresh(ctx, session) {
            true => Ok(()),
            false => Err(PresenceError::SignInAgain),
        }
    }

    /// Whether the session's sign-in was just now and skipped no step.
    pub(super) async fn is_as_strong_as_sign_in<P: Signer>(
        &self,
        ctx: &Ctx,
        (user, session): (&P, &Session),
    ) -> Result<bool, Fault> {
        let is_complete = satisfies(&session.authentication.acr, ACR_MFA)
            || !self.second_factor_state(user.id()).await?.is_on();
        Ok(is_complete && is_fresh(ctx, session))
    }

    /// What is asked for, or nothing within minutes of a sign-in that skipped no step.
    ///
    /// # Errors
    /// See [`PresenceError`].
    pub async fn prove_presence_with<P: Signer>(
        &self,
        ctx: &Ctx,
        (user, session): (&P, &Session),
        given: Option<Presence<'_>>,
    ) -> Result<(), PresenceError> {
        match given {
            Some(given) => self.prove_presence(ctx, (user, session), given).await,
            None if self.is_as_strong_as_sign_in(ctx, (user, session)).await? => Ok(()),
            None => Err(PresenceError::SignInAgain),
        }
    }

    /// The password, counted like a sign-in, and a code where the session was spared the second step; for an account without
    /// a password, a code or a sign-in of the last minutes. A code is used up by it.
    ///
    /// # Errors
    /// See [`PresenceError`].
    pub async fn prove_presence<P: Signer>(
        &self,
        ctx: &Ctx,
        (user, session): (&P, &Session),
        given: impl Into<Presence<'_>>,
    ) -> Result<(), PresenceError> {
        let given = given.into();
        let demand = self.presence_demand(ctx, (user, session)).await?;
        if demand.sign_in {
            return Err(PresenceError::SignInAgain);
        }
        if demand.password {
            self.prove_password(ctx, (user, session), given.password).await?;
        }
        if demand.code {
            self.use_code(ctx, user, given.code).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S11: whatever somebody has, a session of one factor never does more than signing in would let it.
    #[test]
    fn nothing_serious_is_done_by_less_than_a_sign_in_takes() {
        let all = [false, true];
        for (has_password, has_app, has_passkey) in triples(all) {
            for (mfa, fresh) in pairs(all) {
                let has = (has_password, has_app, has_passkey);
                let demand = PresenceDemand::of(has, (mfa, fresh));
                let case = format!("{has:?} {mfa} {fresh}: {demand:?}");
                let gives_second = mfa || demand.code || demand.sign_in;
                assert!(!(has_app || has_passkey) || gives_second, "{case}");
                let gives_first = demand.password || fresh || demand.code || demand.sign_in;
                assert!(gives_first, "{case}");
                assert!(!demand.code || has_app, "{case}");
            }
        }
    }

    #[test]
    fn a_session_of_two_factors_needs_the_password_and_no_more() {
        let demand = PresenceDemand::of((true, true, true), (true, false));
        assert!(demand.password && !demand.code && !demand.sign_in);
    }

    fn pairs(all: [bool; 2]) -> impl Iterator<Item = (bool, bool)> {
        all.into_iter().flat_map(move |a| all.map(|b| (a, b)))
    }

    fn triples(all: [bool; 2]) -> impl Iterator<Item = (bool, bool, bool)> {
        pairs(all).flat_map(move |(a, b)| all.map(|c| (a, b, c)))
    }
}
