//! Signing in with a password.
//! Refuses to tell whether it was the name or the password: answer, work and rows are the same (L01).

use std::time::Duration;

use model::audit::Actor;
use model::authentication::Authentication;
use model::email::Email;
use model::password::Password;
use model::session::Session;
use model::user::User;
use model::username::Username;
use model::{ChallengeId, Ctx, PlainSecret, SecretDigest, UserId};
use serde_json::json;
use storage::StorageError;

use super::challenge::AskedIn;
use super::sign_in::{PasswordDue, Proof, Proven, SignInError};
use super::throttle::Counters;
use super::{SignIn, Signer};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;

#[derive(Clone)]
pub struct LogIn {
    /// Email address or user name, as typed.
    pub identifier: String,
    pub password: PlainSecret,
    /// The live session the browser already has. When this attempt succeeds its secret is dead (S01): the same user goes
    /// on in it with a new one, so that nothing granted in it is lost; another user's session ends.
    pub current: Option<Session>,
    /// Where the sign-in leads, and what to tell in case that a mail has to be sent.
    pub asked_in: AskedIn,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    #[error("wrong name or password")]
    InvalidCredentials,
    /// Said only after a right password.
    #[error("the account is disabled")]
    Disabled,
    /// Said only after a right password. A mail is on its way, unless too many were asked for.
    #[error("the address must be confirmed first")]
    EmailNotVerified { challenge: Option<ChallengeId> },
    #[error("too many attempts, wait {} s", retry_after.as_secs())]
    TooManyAttempts { retry_after: Duration },
    /// The session that was to go on ended meanwhile; signing in again starts a new one.
    #[error("the session has ended meanwhile")]
    SessionEnded,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for LoginError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<SignInError> for LoginError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Stale => Self::InvalidCredentials,
            SignInError::SessionEnded => Self::SessionEnded,
            SignInError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl Authority {
    /// Counts the attempt, then compares the password; success starts a new session.
    ///
    /// # Errors
    /// See [`LoginError`].
    pub async fn log_in(&self, ctx: &Ctx, command: LogIn) -> Result<SignIn, LoginError> {
        // L07: no right password is longer, so nothing is looked up or hashed for it.
        let password =
            Password::new(command.password.expose()).map_err(|_| LoginError::InvalidCredentials)?;
        let identifier = Identifier::parse(&command.identifier);
        let user = self.find_named(&identifier).await?;
        let device = self
            .is_known_device(ctx, user.as_ref())
            .await?
            .then_some(ctx.origin.device)
            .flatten();
        let known = Known {
            session: command.current.as_ref(),
            device,
        };
        let counters = counters(ctx, &identifier, user.as_ref(), known);
        if let Err(retry_after) = self.count_attempt(ctx, &counters).await? {
            return Err(LoginError::TooManyAttempts { retry_after });
        }
        let Some((user, outdated)) = self.authenticate(password.clone(), user.clone()).await? else {
            self.note_failure(ctx, user.map(|user| user.id)).await?;
            return Err(LoginError::InvalidCredentials);
        };
        if user.disabled_at.is_some() {
            return Err(LoginError::Disabled);
        }
        if self.settings.registration.confirm_email && user.email_verified_at.is_none() {
            let asked = self.ask_to_verify(ctx, &user, command.asked_in).await;
            return Err(LoginError::EmailNotVerified {
                challenge: asked.ok(),
            });
        }
        let fresh = if outdated {
            Some(self.hasher.hash(password, ctx.random.as_ref()).await?)
        } else {
            None
        };
        let proven = Proven {
            authentication: Authentication::by_password(ctx.now),
            user,
            current: command.current,
            by: Proof::Password { fresh, counters },
            flow: command.asked_in.flow,
            password: PasswordDue::No,
        };
        Ok(self.begin_session(ctx, proven).await?)
    }

    async fn find_named(&self, identifier: &Identifier) -> Result<Option<User>, Fault> {
        let mut reader = self.database.read().await?;
        let found = match identifier {
            Identifier::Email(email) => storage::users::find_by_email(&mut reader, email.as_str()).await?,
            Identifier::Username(name) => {
                storage::users::find_by_username(&mut reader, name.as_str()).await?
            }
            // A look-up all the same, of what can't be there.
            Identifier::Neither(_) => storage::users::find_by_username(&mut reader, "").await?,
        };
        Ok(found)
    }

    /// The user and whether the hash is outdated, if the password is right. One hash of the same cost in every case.
    pub(super) async fn authenticate<P: Signer>(
        &self,
        password: Password,
        user: Option<P>,
    ) -> Result<Option<(P, bool)>, Fault> {
        let Some((user, stored)) =
            user.and_then(|user| user.password().cloned().map(|stored| (user, stored)))
        else {
            self.hasher.verify_nothing(password).await?;
            return Ok(None);
        };
        let verification = self.hasher.verify(password, &stored).await?;
        Ok(verification.matches.then_some((user, verification.outdated)))
    }

    pub(super) async fn note_failure(&self, ctx: &Ctx, user: Option<UserId>) -> Result<(), Fault> {
        let ctx = ctx.clone();
        let happened = Happened {
            actor: Actor::Anonymous,
            action: "login.failed",
            target: user.map(|user| user.to_string()),
            detail: json!({}),
        };
        self.database
            .write(move |w| Box::pin(async move { record(w, &ctx, happened).await }))
            .await?;
        Ok(())
    }
}

/// A typed name in its one normal form.
enum Identifier {
    Email(Email),
    Username(Username),
    Neither(String),
}

impl Identifier {
    fn parse(text: &str) -> Self {
        if let Ok(email) = text.parse() {
            return Self::Email(email);
        }
        match text.parse() {
            Ok(username) => Self::Username(username),
            Err(_) => Self::Neither(
                text.trim()
                    .chars()
                    .take(254)
                    .flat_map(char::to_lowercase)
                    .collect(),
            ),
        }
    }

    fn as_str(&self) -> &str {
        match self {
            Self::Email(email) => email.as_str(),
            Self::Username(name) => name.as_str(),
            Self::Neither(text) => text,
        }
    }
}

/// By what the browser may already be the user's.
#[derive(Clone, Copy)]
struct Known<'a> {
    session: Option<&'a Session>,
    device: Option<SecretDigest>,
}

fn counters(ctx: &Ctx, identifier: &Identifier, user: Option<&User>, known: Known<'_>) -> Counters {
    let Some(user) = user else {
        return Counters::of_nobody(ctx, identifier.as_str());
    };
    match (known.session, known.device) {
        (Some(session), _) if session.user_id == user.id => Counters::of_session(ctx, session.id),
        (_, Some(device)) => Counters::of_device(ctx, user.id, &device),
        _ => Counters::of_user(ctx, user.id),
    }
}
