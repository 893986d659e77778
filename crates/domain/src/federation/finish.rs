//! A browser comes back from a provider: somebody is signed in, gets an account, or has one more account linked.
//! Refuses an answer that was not asked for in this browser, at this door, of this provider.

use model::authentication::Authentication;
use model::session::Session;
use model::user::User;
use model::{Ctx, PlainSecret, SecretDigest, SessionId, UserId};

use super::introduction::{Introduction, Standing};
use super::provider::{Answer, Identity, IdentityProvider, UpstreamError};
use super::state::{Pending, Purpose};
use super::unfinished::{FederationError, Unfinished};
use crate::authority::Authority;
use crate::oauth::authorize::SignedIn as Present;
use crate::people::sign_in::SignIn;
use crate::people::sign_in::{PasswordDue, Proof, Proven};
use crate::people::{AskedIn, SignInError};

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

    pub(super) async fn finish_pending(
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
            Purpose::Add { user, session } => {
                let user = self.signed_in_still(ctx, (user, session)).await?;
                self.link(ctx, introduction, user).await?
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

    /// The user, as long as the session that the visit began in goes on.
    async fn signed_in_still(
        &self,
        ctx: &Ctx,
        (user, session): (UserId, SessionId),
    ) -> Result<User, FederationError> {
        let mut reader = self.database.read().await?;
        let session = storage::sessions::find_by_id(&mut reader, session).await?;
        let is_live = session.is_some_and(|session| session.user_id == user && session.is_live(ctx.now));
        let user = storage::users::find_by_id(&mut reader, user).await?;
        user.filter(|user| is_live && user.disabled_at.is_none())
            .ok_or(FederationError::SignInFirst)
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
            password: PasswordDue::No,
        };
        Ok(self.begin_session(ctx, proven).await?)
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

#[cfg(test)]
mod tests {
    use super::super::provider::UpstreamEmail;
    use super::*;

    fn identity(address: &str, verified: bool) -> Identity {
        Identity {
            subject: "1".to_owned(),
            login: None,
            name: None,
            avatar: None,
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
}
