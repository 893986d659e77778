//! The end of a visit that a program has begun: it brings code and state from wherever the browser was sent back to.
//! Refuses visits that were not begun in the same browser, or were begun for something else than signing in.

use model::{Ctx, SecretDigest};

use super::finish::{Callback, Finished};
use super::state::Purpose;
use super::unfinished::FederationError;
use crate::authority::Authority;
use crate::people::SignIn;

/// What the program brings.
pub struct Return<'a> {
    pub state: &'a str,
    pub code: &'a str,
    /// RFC 9207 §2.
    pub issuer: Option<&'a str>,
    /// Digest of the browser's mark.
    pub browser: SecretDigest,
}

impl Authority {
    /// Takes the visit, whatever came of it: it works once.
    ///
    /// # Errors
    /// See [`FederationError`].
    pub async fn finish_federation_over_program(
        &self,
        ctx: &Ctx,
        back: Return<'_>,
    ) -> Result<SignIn, FederationError> {
        let pending = self.take_pending(back.state, &back.browser).await?;
        let pending = pending
            .filter(|pending| matches!(pending.purpose, Purpose::SignIn { flow: None }))
            .ok_or(FederationError::StateInvalid)?;
        let (provider, door) = (pending.provider.clone(), pending.callback.clone());
        let back = Callback {
            provider: &provider,
            callback: &door,
            state: back.state,
            code: Some(back.code),
            error: None,
            issuer: back.issuer,
            browser: back.browser,
            present: None,
        };
        match self.finish_pending(ctx, pending, back).await? {
            Finished::SignedIn { sign_in, .. } => Ok(sign_in),
            Finished::Linked(_) => Err(FederationError::StateInvalid),
        }
    }
}
