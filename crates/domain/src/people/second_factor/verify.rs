//! A waiting sign-in gets its second factor.
//! Refuses the sixth try, a code that was used, and a counter that a new sign-in would set back.

use std::time::Duration;

use model::authentication::Authentication;
use model::second_factor::{MOST_TRIES, PendingLogin};
use model::session::Session;
use model::user::User;
use model::{Ctx, SecretDigest, UserId};
use oauth::opaque::{self, OpaqueKind};
use serde_json::json;
use storage::{StorageError, Writer};

use super::{backup_codes, totp};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::people::passkey::{PasskeyAnswer, PasskeyCeremony, PasskeyProof};
use crate::people::sign_in::{PasswordDue, Proof, Proven, SignInError};
use crate::people::throttle::Counters;
use crate::people::{SignedIn, Signer};

/// Why the second step did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum SecondFactorError {
    #[error("the code is wrong or was used")]
    WrongCode,
    /// Used, too old, or tried too often: sign in again.
    #[error("the sign-in waits no longer")]
    Over,
    #[error("too many attempts, wait {} s", retry_after.as_secs())]
    TooManyAttempts { retry_after: Duration },
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for SecondFactorError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<SignInError> for SecondFactorError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Stale => Self::WrongCode,
            SignInError::SessionEnded => Self::Over,
            SignInError::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// A sign-in that waits, named by its secret.
#[derive(Clone, Copy)]
pub struct Waiting<'a> {
    pub secret: &'a str,
    /// Whether the browser is to be trusted once the second factor was given.
    pub trust: bool,
}

/// Nobody asked for trust.
impl<'a> From<&'a str> for Waiting<'a> {
    fn from(secret: &'a str) -> Self {
        Self { secret, trust: false }
    }
}

/// A code that is right now; whether it was used is decided where it is taken.
#[derive(Clone)]
pub(crate) enum SecondProof {
    Totp { step: i64 },
    Backup { tag: [u8; 32] },
    Passkey(Box<PasskeyProof>),
}

impl SecondProof {
    /// False when it was used.
    pub(in crate::people) async fn take(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        user: UserId,
    ) -> Result<bool, StorageError> {
        let (taken, kind) = match self {
            Self::Totp { step } => (storage::second_factors::take_step(w, user, *step).await?, "totp"),
            Self::Backup { tag } => (
                storage::second_factors::take_code(w, user, tag, ctx.now).await?,
                "backup_code",
            ),
            Self::Passkey(proof) => (proof.take(w, ctx, user).await?, "passkey"),
        };
        if taken {
            let happened = Happened {
                actor: model::audit::Actor::User(user),
                action: "second_factor.used",
                target: Some(user.to_string()),
                detail: json!({ "kind": kind }),
            };
            record(w, ctx, happened).await?;
        }
        Ok(taken)
    }
}

impl Authority {
    /// Whether a sign-in still waits for its second factor. Consumes nothing.
    ///
    /// # Errors
    /// Storage.
    pub async fn waits_for_second_factor(&self, ctx: &Ctx, pending: &str) -> Result<bool, Fault> {
        if opaque::parse(pending) != Some(OpaqueKind::PendingLogin) {
            return Ok(false);
        }
        let mut reader = self.database.read().await?;
        let digest = SecretDigest::of(pending);
        Ok(storage::pending_logins::is_open(&mut reader, &digest, ctx.now, MOST_TRIES).await?)
    }

    /// Ends the sign-in that waits under `pending` with a code from the app or a backup code.
    ///
    /// # Errors
    /// See [`SecondFactorError`].
    pub async fn finish_sign_in(
        &self,
        ctx: &Ctx,
        (waiting, code): (impl Into<Waiting<'_>>, &str),
        current: Option<Session>,
    ) -> Result<SignedIn, SecondFactorError> {
        let waiting = waiting.into();
        let (pending, user) = self.count_try::<User>(ctx, waiting.secret).await?;
        let mut proven = self
            .prove_waiting(ctx, (&pending, user), (code, waiting.trust))
            .await?;
        proven.current = current;
        Ok(self.start_session(ctx, proven).await?)
    }

    /// The second factor of a sign-in that waits, counted; used up when the session begins.
    pub(in crate::people) async fn prove_waiting<P: Signer>(
        &self,
        ctx: &Ctx,
        (pending, user): (&PendingLogin, P),
        (code, trust): (&str, bool),
    ) -> Result<Proven<P>, SecondFactorError> {
        let counters = Counters::of_second_factor(user.id());
        if let Err(retry_after) = self.count_attempt(ctx, &counters).await? {
            return Err(SecondFactorError::TooManyAttempts { retry_after });
        }
        let Some(proof) = self.judge_code(ctx, user.id(), code).await? else {
            return Err(SecondFactorError::WrongCode);
        };
        Ok(Proven {
            authentication: Authentication::with_second_factor(ctx.now, pending.amr.clone()),
            user,
            current: None,
            by: Proof::SecondFactor {
                pending: pending.secret,
                proof,
                counters,
                trust,
            },
            flow: None,
            password: PasswordDue::No,
        })
    }

    /// Options for the passkeys of whoever waits under `pending`; nothing when there are none.
    ///
    /// # Errors
    /// Storage, sealing.
    pub async fn ask_for_second_passkey(
        &self,
        ctx: &Ctx,
        pending: &str,
        browser: &SecretDigest,
    ) -> Result<Option<PasskeyCeremony>, Fault> {
        if opaque::parse(pending) != Some(OpaqueKind::PendingLogin) {
            return Ok(None);
        }
        let digest = SecretDigest::of(pending);
        let mut reader = self.database.read().await?;
        let Some(user) = storage::pending_logins::find_user(&mut reader, &digest, ctx.now).await? else {
            return Ok(None);
        };
        let known = storage::passkeys::list_of_user(&mut reader, user).await?;
        drop(reader);
        if known.is_empty() {
            return Ok(None);
        }
        self.ask_among(ctx, browser, (Some(&digest), &known))
    }

    /// Ends the sign-in that waits under `pending` with a passkey of its user.
    ///
    /// # Errors
    /// See [`SecondFactorError`].
    pub async fn finish_sign_in_by_passkey(
        &self,
        ctx: &Ctx,
        (waiting, answer): (impl Into<Waiting<'_>>, PasskeyAnswer<'_>),
        current: Option<Session>,
    ) -> Result<SignedIn, SecondFactorError> {
        let waiting = waiting.into();
        let (pending, user) = self.count_try::<User>(ctx, waiting.secret).await?;
        let judged = self.judge_passkey(ctx, answer, Some(&pending.secret)).await?;
        let Some((_, proof)) = judged.filter(|(owner, _)| *owner == user.id) else {
            return Err(SecondFactorError::WrongCode);
        };
        let proven = Proven {
            authentication: Authentication::with_passkey(ctx.now, pending.amr.clone()),
            current,
            by: Proof::SecondFactor {
                pending: pending.secret,
                proof: SecondProof::Passkey(Box::new(proof)),
                counters: Counters::of_second_factor(user.id),
                trust: waiting.trust,
            },
            flow: None,
            password: PasswordDue::No,
            user,
        };
        Ok(self.start_session(ctx, proven).await?)
    }

    /// Nobody for the sign-in of another kind of principal.
    pub(in crate::people) async fn count_try<P: Signer>(
        &self,
        ctx: &Ctx,
        pending: &str,
    ) -> Result<(PendingLogin, P), SecondFactorError> {
        if opaque::parse(pending) != Some(OpaqueKind::PendingLogin) {
            return Err(SecondFactorError::Over);
        }
        let (digest, now) = (SecretDigest::of(pending), ctx.now);
        let count = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move { storage::pending_logins::count_try(w, &digest, now, MOST_TRIES).await })
        });
        let pending = count.await?.ok_or(SecondFactorError::Over)?;
        let mut reader = self.database.read().await?;
        let user = P::find(&mut reader, pending.user_id).await?;
        let user = user.filter(|user| !user.is_disabled());
        Ok((pending, user.ok_or(SecondFactorError::Over)?))
    }

    /// What the code proves, if anything. Whether it was used is not decided here.
    pub(in crate::people) async fn judge_code(
        &self,
        ctx: &Ctx,
        user: UserId,
        code: &str,
    ) -> Result<Option<SecondProof>, Fault> {
        let mut reader = self.database.read().await?;
        let factor = storage::second_factors::find_totp(&mut reader, user).await?;
        drop(reader);
        // Apps show the digits in two groups, and people type what they see; nothing else is forgiven (L09).
        let digits = code.replacen(' ', "", 1);
        if let Some(factor) = factor {
            let seed = self.sealer.open(totp::SEAL_PURPOSE, &factor.secret_sealed)?;
            if let Some(step) = totp::step_of(&seed, &digits, ctx.now, factor.last_step)? {
                return Ok(Some(SecondProof::Totp { step }));
            }
        }
        Ok(backup_codes::tag(&self.sealer, user, code).map(|tag| SecondProof::Backup { tag }))
    }
}
