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

use super::challenge::ProofError;
use super::iam_password::NewIamPassword;
use super::passkey::PasskeyProof;
use super::second_factor::{FreshTrust, SecondProof};
use super::session::end_within;
use super::throttle::Counters;
use super::{SignedIn, Signer};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::federation::Introduction;

/// Somebody who has proven to be this user, and what has to hold still when the session begins.
#[derive(Clone)]
pub(crate) struct Proven<P = User> {
    pub user: P,
    pub authentication: Authentication,
    /// The live session the browser already has. When this sign-in succeeds its secret is dead (S01): the same user goes
    /// on in it with a new one, so that nothing granted in it is lost; another user's session ends.
    pub current: Option<Session>,
    pub by: Proof,
    /// The authorization request that the sign-in is on the way of, sealed.
    pub flow: Option<String>,
    pub password: PasswordDue,
}

/// Whether the password has to be another one before the session begins.
#[derive(Clone)]
pub(crate) enum PasswordDue {
    No,
    Yes,
    /// The other one is here.
    Chosen(Box<NewIamPassword>),
}

impl<P: Signer> Proven<P> {
    /// The session that goes on.
    fn continued(&self) -> Option<&Session> {
        self.current
            .as_ref()
            .filter(|session| session.user_id == self.user.id())
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
    /// The first factor was all there is, and waited under this for a new password.
    FirstFactor { pending: SecretDigest },
}

/// How a sign-in goes on after its first factor.
pub enum SignIn<P = User> {
    Done(Box<SignedIn<P>>),
    /// A code has to be given within five minutes; this is what it waits under.
    SecondFactor(PlainSecret),
}

impl<P> SignIn<P> {
    /// Who is signed in, when nothing more is asked for.
    pub fn done(self) -> Option<SignedIn<P>> {
        match self {
            Self::Done(signed_in) => Some(*signed_in),
            Self::SecondFactor(_) => None,
        }
    }
}

/// The same for whoever may owe a new password, too.
pub(super) enum Begun<P> {
    Done(Box<SignedIn<P>>),
    SecondFactor(PlainSecret),
    NewPassword(PlainSecret),
}

/// What a sign-in waits for.
enum Due {
    SecondFactor,
    NewPassword,
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
        Ok(match self.begin(ctx, proven).await? {
            Begun::Done(signed_in) => SignIn::Done(signed_in),
            // No person owes a new password.
            Begun::SecondFactor(secret) | Begun::NewPassword(secret) => SignIn::SecondFactor(secret),
        })
    }

    /// The same for whoever may owe a new password, too.
    pub(super) async fn begin<P: Signer>(
        &self,
        ctx: &Ctx,
        proven: Proven<P>,
    ) -> Result<Begun<P>, SignInError> {
        let signed_in = self.prepare_session(ctx, &proven);
        let secret = PlainSecret::generate(OpaqueKind::PendingLogin, ctx.random.as_ref());
        let pending = PendingLogin {
            secret: secret.digest(),
            user_id: proven.user.id(),
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
                    let user = proven.user.id();
                    let is_due = storage::second_factors::count_factors(w, user).await? > 0;
                    if is_due && !(may_skip && authority.use_trust(w, &at, user).await?) {
                        storage::pending_logins::insert(w, &pending).await?;
                        return Ok(Some(Due::SecondFactor));
                    }
                    match &proven.password {
                        PasswordDue::No => {}
                        PasswordDue::Yes => {
                            storage::pending_logins::insert(w, &pending).await?;
                            return Ok(Some(Due::NewPassword));
                        }
                        PasswordDue::Chosen(new) => new.put(w, &authority.settings, &at).await?,
                    }
                    authority.replace_session(w, &at, &begun, proven.current).await?;
                    Ok(None)
                })
            })
            .await?;
        self.ring();
        // Other sessions may have ended with this.
        self.catch_up().await?;
        Ok(match waits {
            Some(Due::SecondFactor) => Begun::SecondFactor(secret),
            Some(Due::NewPassword) => Begun::NewPassword(secret),
            None => Begun::Done(Box::new(signed_in)),
        })
    }

    /// Everything is proven.
    pub(super) async fn start_session<P: Signer>(
        &self,
        ctx: &Ctx,
        proven: Proven<P>,
    ) -> Result<SignedIn<P>, SignInError> {
        let mut signed_in = self.prepare_session(ctx, &proven);
        let trust = proven
            .wants_trust()
            .then(|| FreshTrust::make(ctx, proven.user.id()));
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
                    match &proven.password {
                        PasswordDue::No => {}
                        PasswordDue::Yes => return Err(SignInError::Stale),
                        PasswordDue::Chosen(new) => new.put(w, &authority.settings, &at).await?,
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
    fn prepare_session<P: Signer>(&self, ctx: &Ctx, proven: &Proven<P>) -> SignedIn<P> {
        let (user, by) = (&proven.user, proven.authentication.clone());
        match proven.continued() {
            Some(same) => SignedIn::strengthened(&self.settings, ctx, (user, same), by),
            None => SignedIn::new(&self.settings, ctx, user.clone(), by),
        }
    }

    /// Trust begins sessions; it neither strengthens one that goes on nor stands in for a factor that is demanded.
    fn may_skip_second_step<P: Signer>(&self, ctx: &Ctx, proven: &Proven<P>) -> bool {
        proven.continued().is_none() && !self.demands_two_factors(ctx, proven.flow.as_deref())
    }

    /// What was proven is judged again where nobody can change it any more, and used up.
    async fn hold_proof<P: Signer>(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        proven: &Proven<P>,
    ) -> Result<(), SignInError> {
        let user = &proven.user;
        match &proven.by {
            Proof::Password { fresh, counters } => {
                let stored = user.password().ok_or(SignInError::Stale)?;
                if !user.hold(w, Some(stored)).await? {
                    return Err(SignInError::Stale);
                }
                if let Some(fresh) = fresh {
                    let since = user.person().map_or(ctx.now, |person| person.updated_at);
                    storage::users::update_password(w, user.id(), stored, fresh, since).await?;
                }
                counters.forgive(w).await?;
            }
            Proof::SecondFactor {
                pending,
                proof,
                counters,
                trust: _,
            } => {
                let holds = user.hold(w, None).await?
                    && storage::pending_logins::consume(w, pending, ctx.now).await?
                    && proof.take(w, ctx, user.id()).await?;
                if !holds {
                    return Err(SignInError::Stale);
                }
                counters.forgive(w).await?;
            }
            Proof::Passkey(proof) => {
                let holds = user.hold(w, None).await? && proof.take(w, ctx, user.id()).await?;
                if !holds {
                    return Err(SignInError::Stale);
                }
            }
            Proof::Mailbox(challenge) => {
                let person = user.person().ok_or(SignInError::Stale)?;
                let holds = user.hold(w, None).await?
                    && storage::challenges::consume(w, challenge.id, ctx.now).await?;
                if !holds {
                    return Err(SignInError::Stale);
                }
                self.confirm_mailbox(w, ctx, (person, &challenge.email)).await?;
            }
            Proof::Introduced(introduction) => {
                let person = user.person().ok_or(SignInError::Stale)?;
                introduction.hold(w, self, (ctx, person)).await?;
            }
            Proof::FirstFactor { pending } => {
                let holds = user.hold(w, None).await?
                    && storage::pending_logins::consume(w, pending, ctx.now).await?
                    && storage::second_factors::count_factors(w, user.id()).await? == 0;
                if !holds {
                    return Err(SignInError::Stale);
                }
            }
        }
        Ok(())
    }

    async fn replace_session<P: Signer>(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        begun: &SignedIn<P>,
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
