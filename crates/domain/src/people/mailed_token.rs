//! Signing in at a program by a mail: with the token of its link, or with the code that the link shows when it is opened.
//! Refuses what a browser has asked for: that signs in that browser and nothing else.

use std::time::Duration;

use model::challenge::Purpose;
use model::{ChallengeId, Ctx};

use super::SignIn;
use super::challenge::{AskError, Asking};
use super::sign_in::SignInError;
use crate::authority::Authority;
use crate::fault::Fault;

/// Why no link is on its way.
#[derive(Debug, thiserror::Error)]
pub enum AskLinkError {
    #[error("this is not an email address")]
    Malformed,
    /// Not one of those that were configured.
    #[error("the link may not lead there")]
    PageNotAllowed,
    #[error("too many mails, wait {} s", retry_after.as_secs())]
    TooMany { retry_after: Duration },
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<AskError> for AskLinkError {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Malformed => Self::Malformed,
            AskError::TooMany { retry_after } => Self::TooMany { retry_after },
            AskError::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// What the reader of the mail gives to the program.
#[derive(Clone, Copy)]
pub enum MailProof<'a> {
    Token(&'a str),
    /// What was asked for, and its six digits.
    Code {
        challenge: &'a str,
        code: &'a str,
    },
}

impl Authority {
    /// Asks for a link to whoever has the mailbox; `page`: where it leads, if not to ours. The same answer, and the same
    /// work in line, for every address.
    ///
    /// # Errors
    /// See [`AskLinkError`].
    pub async fn ask_for_token(
        &self,
        ctx: &Ctx,
        email: &str,
        page: Option<&str>,
    ) -> Result<ChallengeId, AskLinkError> {
        let email = email.parse().map_err(|_| AskLinkError::Malformed)?;
        if page.is_some_and(|page| !self.settings.may_return_to(page)) {
            return Err(AskLinkError::PageNotAllowed);
        }
        let asking = Asking {
            challenge: ChallengeId::random(ctx.random.as_ref()),
            purpose: Purpose::MagicLink,
            email,
            user: None,
            browser: None,
            flow: None,
            page: page.map(str::to_owned),
        };
        Ok(self.submit_asking(ctx, asking).await?)
    }

    /// Signs in by what was in the mail, once.
    ///
    /// # Errors
    /// See [`SignInError`].
    pub async fn sign_in_by_mail(&self, ctx: &Ctx, proof: MailProof<'_>) -> Result<SignIn, SignInError> {
        let wanted = [Purpose::MagicLink];
        let (challenge, user) = match proof {
            MailProof::Token(token) => self.look_at_link(ctx, &wanted, token).await?,
            MailProof::Code { challenge, code } => {
                self.prove_by_code(ctx, &wanted, (challenge, code)).await?
            }
        };
        if challenge.browser.is_some() {
            return Err(SignInError::Stale);
        }
        let (sign_in, _) = self.sign_in_by_mailbox(ctx, challenge, user, None).await?;
        Ok(sign_in)
    }
}
