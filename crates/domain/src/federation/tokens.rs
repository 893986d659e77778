//! What providers gave us to act for people there: sealed at rest, refreshed when it has expired, given back at the end.
//! Refuses to hand out an expired one.

use std::time::Duration;

use model::linked_account::LinkedAccount;
use model::{Ctx, PlainSecret, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use storage::{Script, StorageError};

use super::provider::{UpstreamError, UpstreamTokens};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;

const PURPOSE: &str = "upstream-tokens";
/// Before it expires, so that it does not on its way.
const EARLY: Duration = Duration::from_secs(60);
const LATER: Duration = Duration::from_secs(60);

/// The form that is sealed.
#[derive(Serialize, Deserialize)]
struct Sealed<'a> {
    access: std::borrow::Cow<'a, str>,
    refresh: Option<std::borrow::Cow<'a, str>>,
    expires_at: Option<Timestamp>,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamTokenError {
    #[error("there is no such account")]
    NotFound,
    /// The provider has ended it: its owner has to sign in there again.
    #[error("the provider does not stand by it any more")]
    Ended,
    #[error("the provider is {0}")]
    Upstream(UpstreamError),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StorageError> for UpstreamTokenError {
    fn from(error: StorageError) -> Self {
        Self::Fault(error.into())
    }
}

impl UpstreamTokens {
    fn is_fresh(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|at| now.plus(EARLY) < at)
    }
}

impl Authority {
    pub(super) fn seal_tokens(&self, ctx: &Ctx, tokens: &UpstreamTokens) -> Result<Vec<u8>, Fault> {
        let form = Sealed {
            access: tokens.access.expose().into(),
            refresh: tokens.refresh.as_ref().map(|refresh| refresh.expose().into()),
            expires_at: tokens.expires_at,
        };
        let plain = serde_json::to_vec(&form).map_err(|_| Fault::Sealed("tokens do not serialize"))?;
        let plain = zeroize::Zeroizing::new(plain);
        self.sealer.seal(PURPOSE, &plain, ctx.random.as_ref())
    }

    fn open_tokens(&self, sealed: &[u8]) -> Result<UpstreamTokens, Fault> {
        let plain = self.sealer.open(PURPOSE, sealed)?;
        let form: Sealed<'_> =
            serde_json::from_slice(&plain).map_err(|_| Fault::Sealed("tokens of another version"))?;
        Ok(UpstreamTokens {
            access: PlainSecret::new(&form.access),
            refresh: form.refresh.map(|refresh| PlainSecret::new(&refresh)),
            expires_at: form.expires_at,
        })
    }

    /// An access token of the user's linked account that has not expired.
    ///
    /// # Errors
    /// See [`UpstreamTokenError`].
    pub async fn upstream_access_token(
        &self,
        ctx: &Ctx,
        user: UserId,
        (provider, subject): (&str, &str),
    ) -> Result<PlainSecret, UpstreamTokenError> {
        let account = self.linked_account(user, (provider, subject)).await?;
        let sealed = account.tokens.clone().ok_or(UpstreamTokenError::Ended)?;
        let tokens = self.open_tokens(&sealed)?;
        if tokens.is_fresh(ctx.now) {
            return Ok(tokens.access);
        }
        let refresh = tokens.refresh.ok_or(UpstreamTokenError::Ended)?;
        let upstream = self
            .providers
            .find(provider)
            .ok_or(UpstreamTokenError::NotFound)?;
        match upstream.refresh(&refresh).await {
            Ok(fresh) => {
                let kept = self.seal_tokens(ctx, &fresh)?;
                self.replace_tokens(ctx, &account, (sealed, Some(kept))).await?;
                Ok(fresh.access)
            }
            Err(UpstreamError::Refused(_)) => self.refreshed_elsewhere(ctx, &account, sealed).await,
            Err(error) => Err(UpstreamTokenError::Upstream(error)),
        }
    }

    /// A refresh token works once: another request, or another replica, may have been first.
    async fn refreshed_elsewhere(
        &self,
        ctx: &Ctx,
        account: &LinkedAccount,
        used: Vec<u8>,
    ) -> Result<PlainSecret, UpstreamTokenError> {
        let whose = (account.provider.as_str(), account.subject.as_str());
        let now_there = self.linked_account(account.user_id, whose).await?.tokens;
        match now_there.filter(|sealed| *sealed != used) {
            Some(sealed) => {
                let tokens = self.open_tokens(&sealed)?;
                let fresh = Some(tokens).filter(|tokens| tokens.is_fresh(ctx.now));
                fresh.map(|tokens| tokens.access).ok_or(UpstreamTokenError::Ended)
            }
            None => {
                self.replace_tokens(ctx, account, (used, None)).await?;
                Err(UpstreamTokenError::Ended)
            }
        }
    }

    async fn linked_account(
        &self,
        user: UserId,
        (provider, subject): (&str, &str),
    ) -> Result<LinkedAccount, UpstreamTokenError> {
        let mut reader = self.database.read().await?;
        let found = storage::linked_accounts::find(&mut reader, provider, subject).await?;
        found
            .filter(|account| account.user_id == user)
            .ok_or(UpstreamTokenError::NotFound)
    }

    async fn replace_tokens(
        &self,
        ctx: &Ctx,
        account: &LinkedAccount,
        (old, new): (Vec<u8>, Option<Vec<u8>>),
    ) -> Result<(), Fault> {
        let (account, now) = (account.clone(), ctx.now);
        self.database
            .write::<_, StorageError, _>(move |w| {
                Box::pin(async move {
                    let whose = (account.provider.as_str(), account.subject.as_str());
                    storage::linked_accounts::replace_tokens(w, whose, &old, new.as_deref(), now).await
                })
            })
            .await?;
        Ok(())
    }

    /// The job behind unlinking: ends the tokens at the provider. An expired one is refreshed first, since only a living
    /// one takes its family with it.
    pub(crate) async fn revoke_upstream(
        &self,
        ctx: &Ctx,
        provider: &str,
        sealed: &[u8],
    ) -> Result<(), UpstreamTokenError> {
        let Some(upstream) = self.providers.find(provider) else {
            tracing::warn!(provider, "tokens of a provider that is not configured any more");
            return Ok(());
        };
        let tokens = self.open_tokens(sealed)?;
        if !tokens.is_fresh(ctx.now)
            && let Some(refresh) = &tokens.refresh
        {
            let tokens = match upstream.refresh(refresh).await {
                Ok(fresh) => fresh,
                Err(UpstreamError::Refused(_)) => return Ok(()),
                Err(error) => return Err(UpstreamTokenError::Upstream(error)),
            };
            if upstream.revoke(&tokens).await.is_err() {
                // The refresh token was used up: what is left to do has other tokens.
                self.revoke_later(ctx, provider, &tokens).await?;
            }
            return Ok(());
        }
        upstream
            .revoke(&tokens)
            .await
            .map_err(UpstreamTokenError::Upstream)
    }

    async fn revoke_later(&self, ctx: &Ctx, provider: &str, tokens: &UpstreamTokens) -> Result<(), Fault> {
        let job = Job::RevokeUpstream {
            provider: provider.to_owned(),
            tokens: self.seal_tokens(ctx, tokens)?,
        };
        let mut script = Script::default();
        self.enqueue_at(&mut script, ctx, &job, ctx.now.plus(LATER))
            .await?;
        self.database.apply(script).await?;
        Ok(())
    }
}
