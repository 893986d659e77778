//! The end of every way of signing in: what was proven is written down, and a session begins.
//! Refuses what has changed since the proof: the account, the password, the link.

use model::authentication::Authentication;
use model::challenge::Challenge;
use model::password::PasswordHash;
use model::second_factor::{PENDING_TTL, PendingLogin};
use model::session::Session;
use model::user::User;
use model::{Ctx, PlainSecret, SecretDigest, audit::Actor};
use oauth::opaque::OpaqueKind;
use storage::{StorageError, Writer};

use super::SignedIn;
use super::challenge::ProofError;
use super::passkey::PasskeyProof;
use super::second_factor::{FreshTrust, SecondProof};
use super::session::end_within;
use super::throttle::Counters;
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
    /// The authorization request that the sign-in is on the way of, sealed.
    pub flow: Option<String>,
}

impl Proven {
    /// The session that goes on.
    fn continued(&self) -> Option<&Session> {
        self.current
            .as_ref()
            .filter(|session| session.user_id == self.user.id)
    }

    fn wants_trust(&self) -> bool {
        matches!(self.by, Proof::SecondFactor { trust: true, .. })
    }
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
    /// Two factors at once.
    Passkey(Box<PasskeyProof>),
    /// After any of the others.
    SecondFactor {
        pending: SecretDigest,
        proof: SecondProof,
        counters: Counters,
        /// Whether this browser is to be trusted from now on.
        trust: bool,
    },
}

/// How a sign-in goes on after its first factor.
pub enum SignIn {
    Done(Box<SignedIn>),
    /// A code has to be given within five minutes; this is what it waits under.
    SecondFactor(PlainSecret),
}

impl SignIn {
    /// Who is signed in, when nothing more is asked for.
    pub fn done(self) -> Option<SignedIn> {
        match self {
            Self::Done(signed_in) => Some(*signed_in),
            Self::SecondFactor(_) => None,
        }
    }
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
    /// One factor is proven: a session begins, unless the user has a second one and does not trust this browser.
    pub(crate) async fn begin_session(&self, ctx: &Ctx, proven: Proven) -> Result<SignIn, SignInError> {
        let signed_in = self.prepare_session(ctx, &proven);
        let secret = PlainSecret::generate(OpaqueKind::PendingLogin, ctx.random.as_ref());
        let pending = PendingLogin {
            secret: secret.digest(),
            user_id: proven.user.id,
            amr: proven.authentication.amr.clone(),
            created_at: ctx.now,
            expires_at: ctx.now.plus(PENDING_TTL),
        };
        let may_skip = self.may_skip_second_step(ctx, &proven);
        let (authority, at, begun) = (self.clone(), ctx.clone(), signed_in.clone());
        let waits = self
            .database
            .write::<_, SignInError, _>(move |w| {
                Box::pin(async move {
                    authority.hold_proof(w, &at, &proven).await?;
                    let user = proven.user.id;
                    let is_due = storage::second_factors::count_factors(w, user).await? > 0;
                    if is_due && !(may_skip && authority.use_trust(w, &at, user).await?) {
                        storage::pending_logins::insert(w, &pending).await?;
                        return Ok(true);
                    }
                    authority.replace_session(w, &at, &begun, proven.current).await?;
                    Ok(false)
                })
            })
            .await?;
        self.ring();
        // Other sessions may have ended with this.
        self.catch_up().await?;
        Ok(match waits {
            true => SignIn::SecondFactor(secret),
            false => SignIn::Done(Box::new(signed_in)),
        })
    }

    /// Everything is proven.
    pub(super) async fn start_session(&self, ctx: &Ctx, proven: Proven) -> Result<SignedIn, SignInError> {
        let mut signed_in = self.prepare_session(ctx, &proven);
        let trust = proven
            .wants_trust()
            .then(|| FreshTrust::make(ctx, proven.user.id));
        let trust = trust.flatten();
        signed_in.trust = trust.as_ref().map(|trust| trust.secret.clone());
        let (authority, at, begun) = (self.clone(), ctx.clone(), signed_in.clone());
        self.database
            .write::<_, SignInError, _>(move |w| {
                Box::pin(async move {
                    authority.hold_proof(w, &at, &proven).await?;
                    if let Some(trust) = trust {
                        trust.put(w, &at).await?;
                    }
                    authority.replace_session(w, &at, &begun, proven.current).await
                })
            })
            .await?;
        self.ring();
        self.catch_up().await?;
        Ok(signed_in)
    }

    /// The session as it will be; the one that goes on keeps its id.
    fn prepare_session(&self, ctx: &Ctx, proven: &Proven) -> SignedIn {
        let (user, by) = (&proven.user, proven.authentication.clone());
        match proven.continued() {
            Some(same) => SignedIn::strengthened(&self.settings, ctx, (user, same), by),
            None => SignedIn::new(&self.settings, ctx, user.clone(), by),
        }
    }

    /// Trust begins sessions; it neither strengthens one that goes on nor stands in for a factor that is demanded.
    fn may_skip_second_step(&self, ctx: &Ctx, proven: &Proven) -> bool {
        proven.continued().is_none() && !self.demands_two_factors(ctx, proven.flow.as_deref())
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
            Proof::SecondFactor {
                pending,
                proof,
                counters,
                trust: _,
            } => {
                let holds = storage::users::confirm_enabled(w, user.id).await?
                    && storage::pending_logins::consume(w, pending, ctx.now).await?
                    && proof.take(w, ctx, user.id).await?;
                if !holds {
                    return Err(SignInError::Stale);
                }
                counters.forgive(w).await?;
            }
            Proof::Passkey(proof) => {
                let holds =
                    storage::users::confirm_enabled(w, user.id).await? && proof.take(w, ctx, user.id).await?;
                if !holds {
                    return Err(SignInError::Stale);
                }
            }
            Proof::Mailbox(challenge) => {
                let holds = storage::users::confirm_enabled(w, user.id).await?
                    && storage::challenges::consume(w, challenge.id, ctx.now).await?;
                if !holds {
                    return Err(SignInError::Stale);
                }
                self.confirm_mailbox(w, ctx, (user, &challenge.email)).await?;
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
        Ok(self.note_device(w, ctx, begun).await?)
    }
}
