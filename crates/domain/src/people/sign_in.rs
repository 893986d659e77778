//! The end of every way of signing in: what was proven is written down, and a session begins.
//! Refuses what has changed since the proof: the account, the password, the link.

use model::authentication::Authentication;
use model::challenge::Challenge;
use model::password::PasswordHash;
use model::session::Session;
use model::user::User;
use model::{Ctx, audit::Actor};
use storage::{StorageError, Writer};

use super::SignedIn;
use super::challenge::ProofError;
use super::session::end_within;
use super::throttle::Counters;
use super::verify_email::confirm_mailbox;
use crate::authority::Authority;
use crate::fault::Fault;
use crate::federation::Introduction;

/// Somebody who has proven to be this user, and what has to hold still when the session begins.
#[derive(Clone)]
pub(crate) struct Proven {
    pub user: User,
    pub authentication: Authentication,
    /// The live session the browser already has. When this sign-in succeeds its secret is dead (S01): the same user goes
    /// on in it with a new one, so that nothing granted in it is lost; another user's session ends.
    pub current: Option<Session>,
    pub by: Proof,
}

#[derive(Clone)]
pub(crate) enum Proof {
    Password {
        /// In place of an outdated one.
        fresh: Option<PasswordHash>,
        counters: Counters,
    },
    /// A link or code from the mailbox.
    Mailbox(Box<Challenge>),
    /// Another provider's word.
    Introduced(Box<Introduction>),
}

/// Why there is no session after all.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// The account was disabled, or its password changed, or the link was used, in the meantime.
    #[error("what was proven does not hold any more")]
    Stale,
    /// The session that was to go on ended meanwhile; signing in again starts a new one.
    #[error("the session has ended meanwhile")]
    SessionEnded,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for SignInError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<ProofError> for SignInError {
    fn from(error: ProofError) -> Self {
        match error {
            ProofError::Invalid => Self::Stale,
            ProofError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl Authority {
    pub(crate) async fn begin_session(&self, ctx: &Ctx, proven: Proven) -> Result<SignedIn, SignInError> {
        let mut signed_in = SignedIn::new(
            &self.settings,
            ctx,
            proven.user.clone(),
            proven.authentication.clone(),
        );
        let continued = proven
            .current
            .as_ref()
            .filter(|session| session.user_id == signed_in.user.id);
        if let Some(same) = continued {
            signed_in.session.id = same.id;
            signed_in.session.created_at = same.created_at;
        }
        let (authority, at, begun) = (self.clone(), ctx.clone(), signed_in.clone());
        self.database
            .write::<_, SignInError, _>(move |w| {
                Box::pin(async move {
                    authority.hold_proof(w, &at, &proven).await?;
                    authority.replace_session(w, &at, &begun, proven.current).await
                })
            })
            .await?;
        // Other sessions may have ended with this.
        self.catch_up().await?;
        Ok(signed_in)
    }

    /// What was proven is judged again where nobody can change it any more, and used up.
    async fn hold_proof(&self, w: &mut Writer, ctx: &Ctx, proven: &Proven) -> Result<(), SignInError> {
        let user = &proven.user;
        match &proven.by {
            Proof::Password { fresh, counters } => {
                let stored = user.password.as_ref().ok_or(SignInError::Stale)?;
                if !storage::users::confirm(w, user.id, stored).await? {
                    return Err(SignInError::Stale);
                }
                if let Some(fresh) = fresh {
                    storage::users::update_password(w, user.id, stored, fresh, user.updated_at).await?;
                }
                counters.forgive(w).await?;
            }
            Proof::Mailbox(challenge) => {
                let holds = storage::users::confirm_enabled(w, user.id).await?
                    && storage::challenges::consume(w, challenge.id, ctx.now).await?;
                if !holds {
                    return Err(SignInError::Stale);
                }
                confirm_mailbox(w, &self.settings, ctx, (user, &challenge.email)).await?;
            }
            Proof::Introduced(introduction) => introduction.hold(w, self, (ctx, user)).await?,
        }
        Ok(())
    }

    async fn replace_session(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        begun: &SignedIn,
        current: Option<Session>,
    ) -> Result<(), SignInError> {
        match current {
            Some(old) if old.id == begun.session.id => {
                if !begun.renew_session(w, ctx).await? {
                    return Err(SignInError::SessionEnded);
                }
            }
            Some(old) => {
                begun.insert_session(w, ctx).await?;
                let by = Actor::User(old.user_id);
                end_within(w, &self.settings, ctx, (old.id, by)).await?;
            }
            None => begun.insert_session(w, ctx).await?,
        }
        Ok(())
    }
}
