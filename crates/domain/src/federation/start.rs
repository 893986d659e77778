//! Sending a browser to a provider.
//! Refuses providers that are not configured.

use model::{Ctx, PlainSecret, SecretDigest};
use url::Url;

use super::provider::{Attempt, UpstreamError};
use super::state::{Pending, Purpose};
use crate::authority::Authority;
use crate::fault::Fault;

pub struct Start<'a> {
    pub provider: &'a str,
    /// The path of the door it comes back to, below the issuer.
    pub callback: &'a str,
    /// Where it comes back to instead, as a program wants it: one of the pages that are allowed.
    pub page: Option<&'a str>,
    pub purpose: Purpose,
    /// Whether the person is asked at the provider as whom to go on.
    pub choose_account: bool,
    /// Digest of the browser's mark.
    pub browser: SecretDigest,
}

/// Why the browser stays.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("there is no such provider")]
    UnknownProvider,
    /// Not one of those that were configured.
    #[error("the browser may not come back there")]
    PageNotAllowed,
    #[error("the provider is {0}")]
    Upstream(#[from] UpstreamError),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Authority {
    /// Where to send the browser; it has ten minutes to come back.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start_federation(&self, ctx: &Ctx, start: Start<'_>) -> Result<Url, StartError> {
        Ok(self.start_visit(ctx, start).await?.0)
    }

    /// The same, with the `state` for a program that compares it itself.
    ///
    /// # Errors
    /// See [`StartError`].
    pub async fn start_visit(&self, ctx: &Ctx, start: Start<'_>) -> Result<(Url, PlainSecret), StartError> {
        let provider = self
            .providers
            .find(start.provider)
            .ok_or(StartError::UnknownProvider)?;
        if start.page.is_some_and(|page| !self.settings.may_return_to(page)) {
            return Err(StartError::PageNotAllowed);
        }
        let (pending, state) = Pending::new(ctx, &start);
        let attempt = Attempt {
            choose_account: start.choose_account,
            ..pending.attempt(&self.settings.issuer, state.clone())?
        };
        let url = provider.authorization_url(&attempt).await?;
        self.keep_pending(ctx, &pending, (&state, &start.browser)).await?;
        Ok((url, state))
    }
}
