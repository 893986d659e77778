//! Proving a mailbox: a mail with a link and, where it was asked for, a code to type.
//! Refuses to tell whether anybody has the mailbox: asking writes a job, and the job looks.

use std::time::Duration;

use aws_lc_rs::hmac;
use model::challenge::{Challenge, MOST_GUESSES, Purpose};
use model::email::Email;
use model::user::User;
use model::{ChallengeId, Ctx, JobId, PlainSecret, SecretDigest, UserId};
use oauth::opaque::{self, OpaqueKind};
use serde::{Deserialize, Serialize};
use storage::StorageError;

use super::throttle::Counters;
use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;
use crate::mail::{Letter, Message};

const CODE_PURPOSE: &str = "mail-code";
const CODES: u32 = 1_000_000;

/// What a request has asked for; the job finds out whether there is anybody to send it to.
#[derive(Serialize, Deserialize)]
pub(crate) struct Asking {
    pub challenge: ChallengeId,
    pub purpose: Purpose,
    pub email: Email,
    /// For purposes of somebody who is signed in.
    pub user: Option<UserId>,
    /// Digest of the browser's mark, as hexadecimal bytes.
    pub browser: Option<[u8; 32]>,
    pub flow: Option<String>,
    /// The page of a program that the link leads to, in place of ours.
    #[serde(default)]
    pub page: Option<String>,
}

impl Asking {
    /// That a new account's address is its owner's.
    pub(super) fn to_confirm(ctx: &Ctx, user: &User, asked_in: AskedIn) -> Self {
        Self {
            challenge: ChallengeId::random(ctx.random.as_ref()),
            purpose: Purpose::VerifyEmail,
            email: user.email.clone(),
            user: Some(user.id),
            browser: asked_in.browser.map(|mark| *mark.as_bytes()),
            flow: asked_in.flow,
            page: None,
        }
    }

    /// That the owner of a new account chooses its password.
    pub(super) fn to_invite(ctx: &Ctx, user: &User) -> Self {
        Self {
            purpose: Purpose::Invite,
            ..Self::to_confirm(ctx, user, AskedIn::default())
        }
    }
}

/// Where it was asked: in this browser, on the way of this authorization request.
#[derive(Clone, Default)]
pub struct AskedIn {
    pub browser: Option<SecretDigest>,
    pub flow: Option<String>,
}

/// Why no mail is on its way.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    #[error("this is not an email address")]
    Malformed,
    #[error("too many mails, wait {} s", retry_after.as_secs())]
    TooMany { retry_after: Duration },
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Why a link or code did not work. Which it was is nobody's business.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    #[error("the link or code is wrong, was used or has expired")]
    Invalid,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for ProofError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl Authority {
    /// Asks for a mail to whoever has the mailbox. The same answer, and the same work in line, for every address.
    ///
    /// # Errors
    /// See [`AskError`].
    pub async fn ask_by_mail(
        &self,
        ctx: &Ctx,
        purpose: Purpose,
        email: &str,
        asked_in: AskedIn,
    ) -> Result<ChallengeId, AskError> {
        let email = email.parse().map_err(|_| AskError::Malformed)?;
        self.ask(ctx, purpose, (email, None), asked_in).await
    }

    pub(super) async fn ask(
        &self,
        ctx: &Ctx,
        purpose: Purpose,
        (email, user): (Email, Option<UserId>),
        asked_in: AskedIn,
    ) -> Result<ChallengeId, AskError> {
        let challenge = ChallengeId::random(ctx.random.as_ref());
        let asking = Asking {
            challenge,
            purpose,
            email,
            user,
            browser: asked_in.browser.map(|mark| *mark.as_bytes()),
            flow: asked_in.flow,
            page: None,
        };
        self.submit_asking(ctx, asking).await
    }

    pub(super) async fn submit_asking(&self, ctx: &Ctx, asking: Asking) -> Result<ChallengeId, AskError> {
        let challenge = asking.challenge;
        let counters = Counters::of_mail(ctx, asking.email.as_str());
        if let Err(retry_after) = self.count_attempt(ctx, &counters).await? {
            return Err(AskError::TooMany { retry_after });
        }
        self.submit(ctx, &Job::Ask(asking)).await?;
        Ok(challenge)
    }

    /// The letter for what was asked, if there is anybody to get it.
    pub(crate) async fn answer_asking(&self, ctx: &Ctx, asking: Asking) -> Result<Option<Letter>, Fault> {
        let Some(user) = self.addressee(&asking).await? else {
            return Ok(None);
        };
        let secret = PlainSecret::generate(OpaqueKind::MailLink, ctx.random.as_ref());
        let challenge = Challenge {
            id: asking.challenge,
            purpose: asking.purpose,
            user_id: user.id,
            email: asking.email,
            secret: secret.digest(),
            browser: asking.browser.map(SecretDigest::from_bytes),
            flow: asking.flow,
            attempts: 0,
            created_at: ctx.now,
            expires_at: ctx.now.plus(asking.purpose.ttl()),
            consumed_at: None,
        };
        let letter = Letter {
            id: JobId::random(ctx.random.as_ref()),
            to: challenge.email.clone(),
            user: Some(user.id),
            message: self.message(&challenge, (&secret, asking.page.as_deref())),
        };
        self.database
            .write::<_, StorageError, _>(move |w| {
                Box::pin(async move { storage::challenges::put(w, &challenge).await })
            })
            .await?;
        Ok(Some(letter))
    }

    async fn addressee(&self, asking: &Asking) -> Result<Option<User>, Fault> {
        let mut reader = self.database.read().await?;
        let owner = storage::users::find_by_email(&mut reader, asking.email.as_str()).await?;
        let user = match (asking.purpose, asking.user) {
            (Purpose::ChangeEmail, Some(id)) if owner.is_none() => {
                storage::users::find_by_id(&mut reader, id).await?
            }
            (Purpose::VerifyEmail | Purpose::Invite, Some(id)) => owner.filter(|user| user.id == id),
            (Purpose::MagicLink | Purpose::ResetPassword | Purpose::VerifyEmail, None) => owner,
            _ => None,
        };
        let is_moot =
            |user: &User| asking.purpose == Purpose::VerifyEmail && user.email_verified_at.is_some();
        Ok(user.filter(|user| user.disabled_at.is_none() && !is_moot(user)))
    }

    fn message(&self, challenge: &Challenge, (secret, page): (&PlainSecret, Option<&str>)) -> Message {
        let link = match page {
            Some(page) => with_token(page, secret),
            None => self.mail_link(challenge.purpose, secret),
        };
        let code = self.code_of(challenge);
        match challenge.purpose {
            Purpose::VerifyEmail => Message::VerifyEmail { link, code },
            Purpose::ChangeEmail => Message::ChangeEmail { link, code },
            Purpose::MagicLink => Message::MagicLink { link },
            Purpose::ResetPassword => Message::ResetPassword { link },
            Purpose::Invite => Message::Invited { link },
            Purpose::UndoEmailChange => Message::EmailChanged {
                new: challenge.email.clone(),
                link,
            },
        }
    }

    /// From the configured issuer, whatever host a request has named.
    pub(super) fn mail_link(&self, purpose: Purpose, secret: &PlainSecret) -> String {
        let page = match purpose {
            Purpose::VerifyEmail | Purpose::ChangeEmail => "verify-email",
            Purpose::UndoEmailChange => "undo-email-change",
            Purpose::MagicLink => "login/link",
            Purpose::ResetPassword | Purpose::Invite => "reset-password",
        };
        format!("{}/{page}?token={}", self.settings.issuer, secret.expose())
    }

    /// Six digits that only this server can make for this challenge.
    pub fn code_of(&self, challenge: &Challenge) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.sealer.derive(CODE_PURPOSE).as_slice());
        let tag = hmac::sign(&key, challenge.id.to_string().as_bytes());
        let mut first = [0; 4];
        first.copy_from_slice(tag.as_ref().first_chunk::<4>().unwrap_or(&[0; 4]));
        // 2^32 is no multiple of a million: some codes are likelier by one in four thousand, which helps nobody.
        format!("{:06}", u32::from_be_bytes(first) % CODES)
    }

    /// The open challenge behind a link and its user. Looking consumes nothing: mail scanners look, too.
    ///
    /// # Errors
    /// See [`ProofError`].
    pub async fn look_at_link(
        &self,
        ctx: &Ctx,
        purposes: &[Purpose],
        link: &str,
    ) -> Result<(Challenge, User), ProofError> {
        if opaque::parse(link) != Some(OpaqueKind::MailLink) {
            return Err(ProofError::Invalid);
        }
        let mut reader = self.database.read().await?;
        let found = storage::challenges::find_by_secret(&mut reader, &SecretDigest::of(link)).await?;
        let challenge = found
            .filter(|challenge| challenge.is_open(ctx.now) && purposes.contains(&challenge.purpose))
            .ok_or(ProofError::Invalid)?;
        let user = storage::users::find_by_id(&mut reader, challenge.user_id).await?;
        let user = user.filter(|user| user.disabled_at.is_none());
        Ok((challenge, user.ok_or(ProofError::Invalid)?))
    }

    /// The challenge whose code was typed. A guess is counted before it is judged, so parallel ones can't outrun the count.
    ///
    /// # Errors
    /// See [`ProofError`].
    pub async fn prove_by_code(
        &self,
        ctx: &Ctx,
        purposes: &[Purpose],
        (id, code): (&str, &str),
    ) -> Result<(Challenge, User), ProofError> {
        let id: ChallengeId = id.parse().map_err(|_| ProofError::Invalid)?;
        let guess = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move { storage::challenges::count_guess(w, id, MOST_GUESSES).await })
        });
        let challenge = guess.await?.ok_or(ProofError::Invalid)?;
        let typed: String = code.chars().filter(char::is_ascii_digit).take(7).collect();
        let expected = self.code_of(&challenge);
        let is_right = bool::from(subtle::ConstantTimeEq::ct_eq(
            typed.as_bytes(),
            expected.as_bytes(),
        ));
        if !is_right || !challenge.takes_code(ctx.now) || !purposes.contains(&challenge.purpose) {
            return Err(ProofError::Invalid);
        }
        let mut reader = self.database.read().await?;
        let user = storage::users::find_by_id(&mut reader, challenge.user_id).await?;
        let user = user.filter(|user| user.disabled_at.is_none());
        Ok((challenge, user.ok_or(ProofError::Invalid)?))
    }
}

/// The page with the token in its query.
fn with_token(page: &str, secret: &PlainSecret) -> String {
    let mark = if page.contains('?') { '&' } else { '?' };
    format!("{page}{mark}token={}", secret.expose())
}
