//! Turning the second step on and off, and new backup codes.
//! Refuses before its owner has shown that it is them, and to turn off what is on without a code of it.

use model::audit::Actor;
use model::authentication::Authentication;
use model::second_factor::TotpFactor;
use model::session::Session;
use model::{Ctx, SessionId, Timestamp, UserId};
use serde_json::{Value, json};
use storage::{StorageError, Writer};

use super::set_up::SETUP_TTL;
use super::verify::{SecondFactorError, SecondProof};
use super::{BackupCodes, backup_codes, end_trust, totp};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;
use crate::mail::{Event, Letter, Message};
use crate::people::endings::end_all_but;
use crate::people::throttle::Counters;
use crate::people::{SignedIn, Signer};

/// What a user has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SecondFactorState {
    /// Since when there is an app.
    pub totp_since: Option<Timestamp>,
    pub passkeys: usize,
    pub backup_codes_left: i64,
}

impl SecondFactorState {
    /// Whether signing in takes a second step.
    pub const fn is_on(&self) -> bool {
        self.totp_since.is_some() || self.passkeys > 0
    }
}

impl Authority {
    /// # Errors
    /// Storage.
    pub async fn second_factor_state(&self, user: UserId) -> Result<SecondFactorState, Fault> {
        let mut reader = self.database.read().await?;
        let factor = storage::second_factors::find_totp(&mut reader, user).await?;
        Ok(SecondFactorState {
            totp_since: factor.map(|factor| factor.confirmed_at),
            passkeys: storage::passkeys::list_of_user(&mut reader, user).await?.len(),
            backup_codes_left: storage::second_factors::count_codes(&mut reader, user).await?,
        })
    }

    /// The app has shown its first code: it is on from now on, in place of the one before, with fresh backup codes. The
    /// session has two factors now and goes on under a new secret (S01).
    ///
    /// # Errors
    /// See [`SecondFactorError`].
    pub async fn confirm_totp<P: Signer>(
        &self,
        ctx: &Ctx,
        (user, session): (&P, &Session),
        code: &str,
    ) -> Result<(BackupCodes, SignedIn<P>), SecondFactorError> {
        let counters = Counters::of_second_factor(user.id());
        if let Err(retry_after) = self.count_attempt(ctx, &counters).await? {
            return Err(SecondFactorError::TooManyAttempts { retry_after });
        }
        let mut reader = self.database.read().await?;
        let since = ctx.now.minus(SETUP_TTL);
        let sealed = storage::second_factors::find_setup(&mut reader, user.id(), since).await?;
        drop(reader);
        let sealed = sealed.ok_or(SecondFactorError::Over)?;
        let seed = self.sealer.open(totp::SEAL_PURPOSE, &sealed)?;
        let digits = code.replacen(' ', "", 1);
        let step = totp::step_of(&seed, &digits, ctx.now, 0)?.ok_or(SecondFactorError::WrongCode)?;
        let (codes, tags) = backup_codes::generate(ctx, &self.sealer, user.id());
        let factor = TotpFactor {
            user_id: user.id(),
            secret_sealed: sealed.clone(),
            last_step: step,
            confirmed_at: ctx.now,
        };
        let by = Authentication::with_second_factor(ctx.now, session.authentication.amr.clone());
        let mut signed_in = SignedIn::strengthened(&self.settings, ctx, (user, session), by);
        // A setup may have begun without the password: it makes no session fresh that was not (S11).
        signed_in.session.authentication.at = session.authentication.at;
        let (authority, at, user, same) = (self.clone(), ctx.clone(), user.clone(), signed_in.clone());
        self.database
            .write::<_, SecondFactorError, _>(move |w| {
                Box::pin(async move {
                    if !same.renew_session(w, &at).await? {
                        return Err(SecondFactorError::Over);
                    }
                    if !storage::second_factors::take_setup(w, user.id(), &sealed).await? {
                        return Err(SecondFactorError::Over);
                    }
                    storage::second_factors::put_totp(w, &factor).await?;
                    storage::second_factors::replace_codes(w, user.id(), &tags, at.now).await?;
                    end_trust(w, &at, (user.id(), Actor::System)).await?;
                    counters.forgive(w).await?;
                    let what = "An authenticator app was added. From now on signing in takes a code from it.";
                    let note = ("second_factor.enabled", json!({}), what);
                    Ok(authority.note_factor(w, &at, &user, note).await?)
                })
            })
            .await?;
        self.ring();
        Ok((codes, signed_in))
    }

    /// Takes the app away. When nothing but the backup codes is left, they go with it and all other sessions end.
    ///
    /// # Errors
    /// See [`SecondFactorError`].
    pub async fn disable_totp<P: Signer>(
        &self,
        ctx: &Ctx,
        (user, session): (&P, &Session),
        code: &str,
    ) -> Result<(), SecondFactorError> {
        let (proof, counters) = self.prove_second_factor(ctx, user, code).await?;
        let (authority, at, user, keep) = (self.clone(), ctx.clone(), user.clone(), session.id);
        self.database
            .write::<_, SecondFactorError, _>(move |w| {
                Box::pin(async move {
                    let holds = proof.take(w, &at, user.id()).await?
                        && storage::second_factors::delete_totp(w, user.id()).await?;
                    if !holds {
                        return Err(SecondFactorError::WrongCode);
                    }
                    end_trust(w, &at, (user.id(), Actor::System)).await?;
                    counters.forgive(w).await?;
                    let mut what = "The authenticator app was removed.".to_owned();
                    if storage::second_factors::count_factors(w, user.id()).await? == 0 {
                        what.push_str(&authority.end_second_step(w, &at, (user.id(), keep)).await?);
                    }
                    let note = ("second_factor.disabled", json!({}), &*what);
                    Ok(authority.note_factor(w, &at, &user, note).await?)
                })
            })
            .await?;
        self.ring();
        self.catch_up().await?;
        Ok(())
    }

    /// Fresh backup codes; those before stop working.
    ///
    /// # Errors
    /// See [`SecondFactorError`].
    pub async fn renew_backup_codes<P: Signer>(
        &self,
        ctx: &Ctx,
        user: &P,
        code: &str,
    ) -> Result<BackupCodes, SecondFactorError> {
        let (proof, counters) = self.prove_second_factor(ctx, user, code).await?;
        let (codes, tags) = backup_codes::generate(ctx, &self.sealer, user.id());
        let (authority, at, user) = (self.clone(), ctx.clone(), user.clone());
        self.database
            .write::<_, SecondFactorError, _>(move |w| {
                Box::pin(async move {
                    if !proof.take(w, &at, user.id()).await? {
                        return Err(SecondFactorError::WrongCode);
                    }
                    storage::second_factors::replace_codes(w, user.id(), &tags, at.now).await?;
                    counters.forgive(w).await?;
                    let what = "New backup codes were made. Those before do not work any more.";
                    let note = ("backup_codes.renewed", json!({}), what);
                    Ok(authority.note_factor(w, &at, &user, note).await?)
                })
            })
            .await?;
        self.ring();
        Ok(codes)
    }

    /// A code of what is on; counted like those of a sign-in.
    async fn prove_second_factor<P: Signer>(
        &self,
        ctx: &Ctx,
        user: &P,
        code: &str,
    ) -> Result<(SecondProof, Counters), SecondFactorError> {
        let counters = Counters::of_second_factor(user.id());
        if let Err(retry_after) = self.count_attempt(ctx, &counters).await? {
            return Err(SecondFactorError::TooManyAttempts { retry_after });
        }
        let proof = self.judge_code(ctx, user.id(), code).await?;
        Ok((proof.ok_or(SecondFactorError::WrongCode)?, counters))
    }

    /// A code of what is on, used up by showing who it is.
    pub(in crate::people) async fn use_code<P: Signer>(
        &self,
        ctx: &Ctx,
        user: &P,
        code: &str,
    ) -> Result<(), SecondFactorError> {
        if code.is_empty() {
            return Err(SecondFactorError::WrongCode);
        }
        let (proof, counters) = self.prove_second_factor(ctx, user, code).await?;
        let (at, id) = (ctx.clone(), user.id());
        self.database
            .write::<_, SecondFactorError, _>(move |w| {
                Box::pin(async move {
                    if !proof.take(w, &at, id).await? {
                        return Err(SecondFactorError::WrongCode);
                    }
                    Ok(counters.forgive(w).await?)
                })
            })
            .await
    }

    /// After the last second factor went: what hung on it, and what its owner is told.
    pub(in crate::people) async fn end_second_step(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        (user, keep): (UserId, SessionId),
    ) -> Result<String, StorageError> {
        storage::second_factors::replace_codes(w, user, &[], ctx.now).await?;
        end_all_but(w, &self.settings, ctx, (user, Some(keep))).await?;
        let what = " Signing in takes only one step now, and everything that was signed in elsewhere has been signed out.";
        Ok(what.to_owned())
    }

    /// An audit row, and a letter to the owner (L19). The caller rings the bell after the commit.
    pub(in crate::people) async fn note_factor<P: Signer>(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        user: &P,
        (action, detail, what): (&'static str, Value, &str),
    ) -> Result<(), Fault> {
        let happened = Happened {
            actor: Actor::User(user.id()),
            action,
            target: Some(user.id().to_string()),
            detail,
        };
        record(w, ctx, happened).await?;
        // An IAM user has no mailbox to be told in.
        let Some(person) = user.person() else {
            return Ok(());
        };
        let letter = Letter::to_user(
            ctx,
            person,
            Message::SecondFactorChanged {
                what: what.to_owned(),
                event: Event::of(ctx),
            },
        );
        self.enqueue(w, ctx, &Job::Send(letter)).await
    }
}
