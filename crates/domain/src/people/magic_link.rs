//! Signing in by a mail: by its link in the browser that asked, or by the code it shows in any other.
//! Refuses to sign in the browser a link happens to be opened in: the link may have been asked for by somebody else.

use model::authentication::Authentication;
use model::challenge::{Challenge, Purpose};
use model::session::Session;
use model::user::User;
use model::{Ctx, SecretDigest};

use super::SignIn;
use super::challenge::ProofError;
use super::sign_in::{PasswordDue, Proof, Proven, SignInError};
use crate::authority::Authority;

/// What is to be done with a link that was opened.
pub enum OpenedLink {
    /// Here it was asked for: a button signs in.
    Here(Box<User>),
    /// It was asked for elsewhere: this is the code to type there.
    Elsewhere { code: String },
}

impl Authority {
    /// What opening the link means in this browser. Consumes nothing.
    ///
    /// # Errors
    /// See [`ProofError`].
    pub async fn open_magic_link(
        &self,
        ctx: &Ctx,
        link: &str,
        browser: &SecretDigest,
    ) -> Result<(OpenedLink, Option<String>), ProofError> {
        let (challenge, user) = self.look_at_link(ctx, &[Purpose::MagicLink], link).await?;
        if !challenge.was_asked_in(browser) {
            let code = self.code_of(&challenge);
            return Ok((OpenedLink::Elsewhere { code }, None));
        }
        Ok((OpenedLink::Here(Box::new(user)), challenge.flow))
    }

    /// Signs in by the link, in the browser that asked for it.
    ///
    /// # Errors
    /// See [`SignInError`].
    pub async fn sign_in_by_link(
        &self,
        ctx: &Ctx,
        (link, browser): (&str, &SecretDigest),
        current: Option<Session>,
    ) -> Result<(SignIn, Option<String>), SignInError> {
        let (challenge, user) = self.look_at_link(ctx, &[Purpose::MagicLink], link).await?;
        if !challenge.was_asked_in(browser) {
            return Err(SignInError::Stale);
        }
        self.sign_in_by_mailbox(ctx, challenge, user, current).await
    }

    /// Signs in by the code that the link has shown in another browser.
    ///
    /// # Errors
    /// See [`SignInError`].
    pub async fn sign_in_by_code(
        &self,
        ctx: &Ctx,
        (id, code, browser): (&str, &str, &SecretDigest),
        current: Option<Session>,
    ) -> Result<(SignIn, Option<String>), SignInError> {
        let (challenge, user) = self.prove_by_code(ctx, &[Purpose::MagicLink], (id, code)).await?;
        if !challenge.was_asked_in(browser) {
            return Err(SignInError::Stale);
        }
        self.sign_in_by_mailbox(ctx, challenge, user, current).await
    }

    pub(super) async fn sign_in_by_mailbox(
        &self,
        ctx: &Ctx,
        challenge: Challenge,
        user: User,
        current: Option<Session>,
    ) -> Result<(SignIn, Option<String>), SignInError> {
        let flow = challenge.flow.clone();
        // A sign-in to an account whose address is not confirmed ends all its sessions, this browser's among them.
        let current =
            current.filter(|session| session.user_id != user.id || user.email_verified_at.is_some());
        let proven = Proven {
            authentication: Authentication::by_mailbox(ctx.now),
            user,
            current,
            by: Proof::Mailbox(Box::new(challenge)),
            flow: flow.clone(),
            password: PasswordDue::No,
        };
        Ok((self.begin_session(ctx, proven).await?, flow))
    }
}
