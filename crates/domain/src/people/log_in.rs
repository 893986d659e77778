//! Signing in with a password.
//! Refuses to tell whether it was the name or the password: answer, work and rows are the same (L01).

use std::time::Duration;

use model::audit::Actor;
use model::email::Email;
use model::password::{Password, PasswordHash};
use model::session::Session;
use model::user::User;
use model::username::Username;
use model::{Ctx, PlainSecret};
use serde_json::json;
use storage::StorageError;

use super::SignedIn;
use super::session::end_within;
use super::throttle::Counters;
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
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    #[error("wrong name or password")]
    InvalidCredentials,
    /// Said only after a right password.
    #[error("the account is disabled")]
    Disabled,
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

impl Authority {
    /// Counts the attempt, then compares the password; success starts a new session.
    ///
    /// # Errors
    /// See [`LoginError`].
    pub async fn log_in(&self, ctx: &Ctx, command: LogIn) -> Result<SignedIn, LoginError> {
        // L07: no right password is longer, so nothing is looked up or hashed for it.
        let password =
            Password::new(command.password.expose()).map_err(|_| LoginError::InvalidCredentials)?;
        let identifier = Identifier::parse(&command.identifier);
        let user = self.identify(&identifier).await?;
        let counters = counters(ctx, &identifier, user.as_ref(), command.current.as_ref());
        if let Err(retry_after) = self.count_attempt(ctx, &counters).await? {
            return Err(LoginError::TooManyAttempts { retry_after });
        }
        let Some((user, outdated)) = self.authenticate(password.clone(), user.clone()).await? else {
            self.note_failure(ctx, user).await?;
            return Err(LoginError::InvalidCredentials);
        };
        if user.disabled_at.is_some() {
            return Err(LoginError::Disabled);
        }
        let fresh = if outdated {
            Some(self.hasher.hash(password, ctx.random.as_ref()).await?)
        } else {
            None
        };
        let mut signed_in = SignedIn::by_password(&self.settings, ctx, user);
        let ends_session = command.current.is_some();
        if let Some(same) = command
            .current
            .as_ref()
            .filter(|session| session.user_id == signed_in.user.id)
        {
            signed_in.session.id = same.id;
            signed_in.session.created_at = same.created_at;
        }
        self.start_after_login(
            ctx,
            Start {
                signed_in: signed_in.clone(),
                fresh,
                counters,
                replaces: command.current,
            },
        )
        .await?;
        if ends_session {
            self.catch_up().await?;
        }
        Ok(signed_in)
    }

    async fn identify(&self, identifier: &Identifier) -> Result<Option<User>, Fault> {
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
    async fn authenticate(
        &self,
        password: Password,
        user: Option<User>,
    ) -> Result<Option<(User, bool)>, Fault> {
        let Some((user, stored)) = user.and_then(|user| user.password.clone().map(|stored| (user, stored)))
        else {
            self.hasher.verify_nothing(password).await?;
            return Ok(None);
        };
        let verification = self.hasher.verify(password, &stored).await?;
        Ok(verification.matches.then_some((user, verification.outdated)))
    }

    async fn note_failure(&self, ctx: &Ctx, user: Option<User>) -> Result<(), Fault> {
        let ctx = ctx.clone();
        let happened = Happened {
            actor: Actor::Anonymous,
            action: "login.failed",
            target: user.map(|user| user.id.to_string()),
            detail: json!({}),
        };
        self.database
            .write(move |w| Box::pin(async move { record(w, &ctx, happened).await }))
            .await?;
        Ok(())
    }

    async fn start_after_login(&self, ctx: &Ctx, start: Start) -> Result<(), LoginError> {
        let (authority, ctx) = (self.clone(), ctx.clone());
        let Start {
            signed_in,
            fresh,
            counters,
            replaces,
        } = start;
        self.database
            .write(move |w| {
                Box::pin(async move {
                    let user = &signed_in.user;
                    // The account may have been disabled, or the password changed, while the hash was computed.
                    let stored = user.password.as_ref().ok_or(LoginError::InvalidCredentials)?;
                    if !storage::users::confirm(w, user.id, stored).await? {
                        return Err(LoginError::InvalidCredentials);
                    }
                    if let Some(fresh) = fresh {
                        storage::users::update_password(w, user.id, stored, &fresh, user.updated_at).await?;
                    }
                    counters.forgive(w).await?;
                    match replaces {
                        Some(old) if old.id == signed_in.session.id => {
                            if !signed_in.renew_session(w, &ctx).await? {
                                return Err(LoginError::SessionEnded);
                            }
                        }
                        Some(old) => {
                            signed_in.insert_session(w, &ctx).await?;
                            let by = Actor::User(old.user_id);
                            end_within(w, &authority.settings, &ctx, (old.id, by)).await?;
                        }
                        None => signed_in.insert_session(w, &ctx).await?,
                    }
                    Ok(())
                })
            })
            .await
    }
}

/// What is written when the password was right.
struct Start {
    signed_in: SignedIn,
    fresh: Option<PasswordHash>,
    counters: Counters,
    replaces: Option<Session>,
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

fn counters(ctx: &Ctx, identifier: &Identifier, user: Option<&User>, current: Option<&Session>) -> Counters {
    match (user, current) {
        (Some(user), Some(session)) if session.user_id == user.id => Counters::of_session(ctx, session.id),
        (Some(user), _) => Counters::of_user(ctx, user.id),
        (None, _) => Counters::of_nobody(ctx, identifier.as_str()),
    }
}
