//! A browser comes back from a provider: somebody is signed in, gets an account, or has one more account linked.
//! Refuses to give an existing user to anybody for an address: they sign in first, and add the account themselves.

use std::time::Duration;

use model::authentication::Authentication;
use model::session::Session;
use model::user::{Profile, Role, User};
use model::{ChallengeId, Ctx, PlainSecret, SecretDigest, UserId};
use storage::StorageError;

use super::introduction::{Introduction, Standing};
use super::provider::{Answer, Identity, IdentityProvider, UpstreamError};
use super::state::{Pending, Purpose};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::oauth::authorize::SignedIn as Present;
use crate::people::sign_in::SignIn;
use crate::people::sign_in::{Proof, Proven};
use crate::people::throttle::Counters;
use crate::people::{AskedIn, SignInError};

const LONGEST_NAME: usize = 100;

/// What the browser brought, and where.
pub struct Callback<'a> {
    pub provider: &'a str,
    /// The path of this door, as it was given when the visit began.
    pub callback: &'a str,
    pub state: &'a str,
    pub code: Option<&'a str>,
    /// RFC 6749 §4.1.2.1.
    pub error: Option<&'a str>,
    /// RFC 9207 §2.
    pub issuer: Option<&'a str>,
    /// Digest of the browser's mark.
    pub browser: SecretDigest,
    pub present: Option<Present>,
}

pub enum Finished {
    /// As far as the first factor goes.
    SignedIn {
        sign_in: SignIn,
        purpose: Purpose,
    },
    Linked(UserId),
}

/// What came to nothing, and what it would have been for, when that is known.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub struct Unfinished {
    pub why: FederationError,
    pub purpose: Option<Purpose>,
}

/// Why nobody was signed in and nothing was linked.
#[derive(Debug, thiserror::Error)]
pub enum FederationError {
    #[error("there is no such provider")]
    UnknownProvider,
    /// Unknown, used, of another browser, provider or door: which it was is nobody's business.
    #[error("this visit did not begin here, or has ended")]
    StateInvalid,
    #[error("the visit took too long")]
    StateExpired,
    #[error("they said no at the provider")]
    Denied,
    #[error("the provider is {0}")]
    Upstream(UpstreamError),
    #[error("the provider gives no address")]
    NoEmail,
    #[error("the provider does not say that the address is theirs")]
    EmailUnverified,
    #[error("addresses of this domain may not sign in")]
    DomainNotAllowed,
    #[error("somebody has this address already")]
    EmailTaken,
    #[error("registration is closed")]
    RegistrationClosed,
    #[error("too many attempts, wait {} s", retry_after.as_secs())]
    TooManyAttempts { retry_after: Duration },
    #[error("the account is disabled")]
    Disabled,
    #[error("the address must be confirmed first")]
    EmailNotVerified { challenge: Option<ChallengeId> },
    #[error("the account is linked to another user")]
    LinkedElsewhere,
    /// Whoever wanted to link an account is not signed in any more.
    #[error("sign in first")]
    SignInFirst,
    #[error("something has changed meanwhile; try again")]
    Stale,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for FederationError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl From<SignInError> for FederationError {
    fn from(error: SignInError) -> Self {
        match error {
            // Somebody else got the address or the account between the look and the write.
            SignInError::Fault(Fault::Storage(StorageError::UniqueViolation))
            | SignInError::Stale
            | SignInError::SessionEnded => Self::Stale,
            SignInError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl Authority {
    /// Takes the visit, whatever came of it: it works once.
    ///
    /// # Errors
    /// See [`FederationError`].
    pub async fn finish_federation(&self, ctx: &Ctx, back: Callback<'_>) -> Result<Finished, Unfinished> {
        let early = |why: FederationError| Unfinished { why, purpose: None };
        let taken = self.take_pending(back.state, &back.browser).await;
        let pending = taken.map_err(|fault| early(fault.into()))?;
        let pending = pending
            .filter(|pending| pending.provider == back.provider && pending.callback == back.callback)
            .ok_or_else(|| early(FederationError::StateInvalid))?;
        let purpose = pending.purpose.clone();
        let finished = self.finish_pending(ctx, pending, back).await;
        finished.map_err(|why| Unfinished {
            why,
            purpose: Some(purpose),
        })
    }

    async fn finish_pending(
        &self,
        ctx: &Ctx,
        pending: Pending,
        back: Callback<'_>,
    ) -> Result<Finished, FederationError> {
        if pending.expires_at <= ctx.now {
            return Err(FederationError::StateExpired);
        }
        let provider = self.providers.find(back.provider);
        let provider = provider.ok_or(FederationError::UnknownProvider)?.clone();
        let introduction = self.introduce(ctx, provider.as_ref(), &pending, &back).await?;
        let finished = match pending.purpose {
            Purpose::Link { user, session } => {
                let present = back
                    .present
                    .filter(|present| present.user.id == user && present.session.id == session)
                    .ok_or(FederationError::SignInFirst)?;
                self.link(ctx, introduction, present.user).await?
            }
            purpose => {
                let whom = (back.browser, back.present);
                let sign_in = self.sign_in_introduced(ctx, introduction, whom, &purpose).await?;
                Finished::SignedIn { sign_in, purpose }
            }
        };
        self.ring();
        Ok(finished)
    }

    async fn introduce(
        &self,
        ctx: &Ctx,
        provider: &dyn IdentityProvider,
        pending: &Pending,
        back: &Callback<'_>,
    ) -> Result<Introduction, FederationError> {
        let code = match (back.error, back.code) {
            (Some("access_denied"), _) => return Err(FederationError::Denied),
            (Some(error), _) => {
                let words: String = error.chars().filter(char::is_ascii_graphic).take(64).collect();
                return Err(FederationError::Upstream(UpstreamError::Refused(words)));
            }
            (None, None) => {
                let words = "neither code nor error".to_owned();
                return Err(FederationError::Upstream(UpstreamError::Refused(words)));
            }
            (None, Some(code)) => code,
        };
        let attempt = pending.attempt(&self.settings.issuer, PlainSecret::new(back.state))?;
        let answer = Answer {
            code: PlainSecret::new(code),
            issuer: back.issuer.map(str::to_owned),
        };
        let introduced = provider.introduce(&attempt, &answer).await;
        let (identity, tokens) = introduced.map_err(FederationError::Upstream)?;
        may_enter(&identity, &provider.info().allowed_domains)?;
        Ok(Introduction {
            provider: pending.provider.clone(),
            identity,
            tokens: self.seal_tokens(ctx, &tokens)?,
            standing: Standing::Known,
        })
    }

    /// To somebody who is signed in, in the session that asked for it.
    async fn link(
        &self,
        ctx: &Ctx,
        introduction: Introduction,
        user: User,
    ) -> Result<Finished, FederationError> {
        let introduction = Introduction {
            standing: Standing::Added,
            ..introduction
        };
        if let Some((owner, _)) = self.owner(&introduction).await?
            && owner.id != user.id
        {
            return Err(FederationError::LinkedElsewhere);
        }
        let (authority, at, id) = (self.clone(), ctx.clone(), user.id);
        self.database
            .write::<_, SignInError, _>(move |w| {
                Box::pin(async move { introduction.hold(w, &authority, (&at, &user)).await })
            })
            .await?;
        Ok(Finished::Linked(id))
    }

    async fn sign_in_introduced(
        &self,
        ctx: &Ctx,
        introduction: Introduction,
        (browser, present): (SecretDigest, Option<Present>),
        purpose: &Purpose,
    ) -> Result<SignIn, FederationError> {
        let (user, standing) = match self.owner(&introduction).await? {
            Some(known) => known,
            None => {
                self.newcomer(ctx, &introduction.identity, present.as_ref())
                    .await?
            }
        };
        if user.disabled_at.is_some() {
            return Err(FederationError::Disabled);
        }
        if self.settings.registration.confirm_email && user.email_verified_at.is_none() {
            let asked_in = AskedIn {
                browser: Some(browser),
                flow: Some(purpose.flow().to_owned()).filter(|flow| !flow.is_empty()),
            };
            let challenge = self.ask_to_verify(ctx, &user, asked_in).await.ok();
            return Err(FederationError::EmailNotVerified { challenge });
        }
        let current: Option<Session> = present.map(|present| present.session);
        let proven = Proven {
            authentication: Authentication::by_federation(ctx.now),
            user,
            current,
            by: Proof::Introduced(Box::new(Introduction {
                standing,
                ..introduction
            })),
            flow: Some(purpose.flow().to_owned()),
        };
        Ok(self.begin_session(ctx, proven).await?)
    }

    /// The user the account is linked to.
    async fn owner(&self, introduction: &Introduction) -> Result<Option<(User, Standing)>, FederationError> {
        let mut reader = self.database.read().await?;
        let subject = &introduction.identity.subject;
        let found = storage::linked_accounts::find(&mut reader, &introduction.provider, subject).await?;
        let Some(account) = found else {
            return Ok(None);
        };
        let user = storage::users::find_by_id(&mut reader, account.user_id).await?;
        Ok(user.map(|user| (user, Standing::Known)))
    }

    /// Somebody whose account is linked to nobody: a new user, or the one who sits there with the same proven address.
    async fn newcomer(
        &self,
        ctx: &Ctx,
        identity: &Identity,
        present: Option<&Present>,
    ) -> Result<(User, Standing), FederationError> {
        let given = identity.email.as_ref().ok_or(FederationError::NoEmail)?;
        let email: model::email::Email = given.address.parse().map_err(|_| FederationError::NoEmail)?;
        if !given.verified {
            return Err(FederationError::EmailUnverified);
        }
        let mut reader = self.database.read().await?;
        let holder = storage::users::find_by_email(&mut reader, email.as_str()).await?;
        drop(reader);
        if let Some(holder) = holder {
            let sits_there = present.is_some_and(|present| present.user.id == holder.id);
            return if sits_there && holder.email_verified_at.is_some() {
                Ok((holder, Standing::Added))
            } else {
                Err(FederationError::EmailTaken)
            };
        }
        if !self.settings.registration.open {
            return Err(FederationError::RegistrationClosed);
        }
        let counters = Counters::of_registration(ctx);
        if let Err(retry_after) = self.count_attempt(ctx, &counters).await? {
            return Err(FederationError::TooManyAttempts { retry_after });
        }
        let user = User {
            id: UserId::random(ctx.random.as_ref()),
            username: None,
            email,
            email_verified_at: Some(ctx.now),
            role: Role::User,
            password: None,
            profile: profile(identity),
            disabled_at: None,
            created_at: ctx.now,
            updated_at: ctx.now,
        };
        Ok((user, Standing::New))
    }
}

/// Whether the provider's allowed domains include the proven address; without any, everybody may enter.
fn may_enter(identity: &Identity, domains: &[String]) -> Result<(), FederationError> {
    if domains.is_empty() {
        return Ok(());
    }
    let email = identity.email.as_ref().filter(|email| email.verified);
    let domain = email.and_then(|email| email.address.rsplit_once('@'));
    match domain {
        Some((_, domain)) if domains.iter().any(|allowed| allowed.eq_ignore_ascii_case(domain)) => Ok(()),
        _ => Err(FederationError::DomainNotAllowed),
    }
}

fn profile(identity: &Identity) -> Profile {
    let name = identity.name.as_deref().or(identity.login.as_deref());
    let name = name.map(|name| {
        let plain: String = name.chars().filter(|letter| !letter.is_control()).collect();
        plain.trim().chars().take(LONGEST_NAME).collect::<String>()
    });
    let picture = identity.avatar.clone();
    Profile {
        name: name.filter(|name| !name.is_empty()),
        picture: picture.filter(|picture| picture.starts_with("https://")),
        ..Profile::default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::provider::UpstreamEmail;
    use super::*;

    fn identity(address: &str, verified: bool) -> Identity {
        Identity {
            subject: "1".to_owned(),
            login: Some("ada".to_owned()),
            name: Some(" \u{7}Ada ".to_owned()),
            avatar: Some("http://pictures.test/1".to_owned()),
            email: Some(UpstreamEmail {
                address: address.to_owned(),
                verified,
            }),
        }
    }

    #[test]
    fn only_a_proven_address_of_an_allowed_domain_enters() {
        let domains = ["example.org".to_owned()];
        assert!(may_enter(&identity("ada@elsewhere.test", false), &[]).is_ok());
        assert!(may_enter(&identity("ada@Example.org", true), &domains).is_ok());
        for (address, verified) in [
            ("ada@example.org", false),
            ("ada@evil-example.org", true),
            ("ada@sub.example.org", true),
            ("ada@example.org@evil.test", true),
        ] {
            assert!(
                may_enter(&identity(address, verified), &domains).is_err(),
                "{address}"
            );
        }
    }

    #[test]
    fn what_a_provider_tells_is_cleaned_before_it_is_shown() {
        let made = profile(&identity("ada@example.org", true));
        assert_eq!(made.name.as_deref(), Some("Ada"));
        assert_eq!(made.picture, None);
    }
}
