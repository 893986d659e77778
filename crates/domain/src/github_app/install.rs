//! A person goes to GitHub to install the app, and comes back with the number of the installation.
//! Refuses a number that GitHub does not let this very person see.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::audit::Actor;
use model::github_app::{Installation, InstallationId, LinkedInstallation};
use model::{Ctx, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use storage::Writer;
use url::Url;

use super::{GithubApp, GithubAppError, GithubError, PROVIDER};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::federation::UpstreamTokenError;

const PURPOSE: &str = "github-app-install";
/// Somebody has to read what the app may do, and perhaps to ask who owns the organization.
const TTL: Duration = Duration::from_secs(60 * 60);
const LONGEST_STATE: usize = 1024;
const MOST_ACCOUNTS: usize = 10;

#[derive(Serialize, Deserialize)]
struct State {
    user: Option<UserId>,
    expires_at: Timestamp,
}

/// What a browser brought back from GitHub.
pub struct Returned<'a> {
    pub state: Option<&'a str>,
    /// A claim, until GitHub confirms it.
    pub installation: InstallationId,
    /// Who is signed in in this browser.
    pub present: Option<UserId>,
}

impl Authority {
    /// Where the app is installed. Whoever comes back from there within an hour acts for `user`, when that is known.
    ///
    /// # Errors
    /// [`GithubAppError::NotConfigured`] or a fault.
    pub fn github_app_install_url(&self, ctx: &Ctx, user: Option<UserId>) -> Result<Url, GithubAppError> {
        let state = State {
            user,
            expires_at: ctx.now.plus(TTL),
        };
        let plain = serde_json::to_vec(&state).map_err(|_| Fault::Sealed("a state does not serialize"))?;
        let sealed = self.sealer.seal(PURPOSE, &plain, ctx.random.as_ref())?;
        Ok(self.github_app()?.install_url(&URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// Links the installation to the user whom the state names, or who is signed in, once GitHub has confirmed it.
    ///
    /// # Errors
    /// See [`GithubAppError`].
    pub async fn finish_github_app_install(
        &self,
        ctx: &Ctx,
        back: Returned<'_>,
    ) -> Result<LinkedInstallation, GithubAppError> {
        self.github_app()?;
        let named = match back.state {
            Some(state) => self.open_state(ctx, state)?,
            None => None,
        };
        let user = named.or(back.present).ok_or(GithubAppError::SignInFirst)?;
        let installation = self.confirm(ctx, user, back.installation).await?;
        let repositories = self.github_app()?.repositories(installation.id).await;
        let repositories = repositories.unwrap_or_else(|error| {
            tracing::warn!(%error, "the repositories of a new installation are not known yet");
            Vec::new()
        });
        let (id, at) = (installation.id, ctx.clone());
        self.database
            .write::<_, GithubAppError, _>(move |w| {
                Box::pin(async move {
                    if !storage::users::confirm_enabled(w, user).await? {
                        return Err(GithubAppError::SignInFirst);
                    }
                    link(w, &at, (user, &installation)).await?;
                    storage::github_repositories::delete_of_installation(w, id).await?;
                    for repository in &repositories {
                        storage::github_repositories::put(w, id, repository).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        self.github_installation(user, id).await
    }

    fn open_state(&self, ctx: &Ctx, text: &str) -> Result<Option<UserId>, GithubAppError> {
        let invalid = |_| GithubAppError::StateInvalid;
        if text.len() > LONGEST_STATE {
            return Err(GithubAppError::StateInvalid);
        }
        let sealed = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| GithubAppError::StateInvalid)?;
        let plain = self.sealer.open(PURPOSE, &sealed).map_err(invalid)?;
        let state: State = serde_json::from_slice(&plain).map_err(|_| GithubAppError::StateInvalid)?;
        if state.expires_at <= ctx.now {
            return Err(GithubAppError::StateInvalid);
        }
        Ok(state.user)
    }

    /// The installation as one of the user's accounts at GitHub sees it, the active one first.
    pub(super) async fn confirm(
        &self,
        ctx: &Ctx,
        user: UserId,
        id: InstallationId,
    ) -> Result<Installation, GithubAppError> {
        let mut accounts = self.linked_accounts(user).await?;
        accounts.retain(|account| account.provider == PROVIDER);
        accounts.sort_by_key(|account| !account.is_active());
        let mut outcome = GithubAppError::NoGithubAccount;
        for account in accounts.iter().take(MOST_ACCOUNTS) {
            let whose = (PROVIDER, account.subject.as_str());
            match self.see(ctx, (user, whose), id).await {
                Ok(Some(installation)) => return Ok(installation),
                Ok(None) => outcome = GithubAppError::NotFound,
                Err(GithubAppError::AccountEnded) => outcome = GithubAppError::AccountEnded,
                Err(error) => return Err(error),
            }
        }
        Err(outcome)
    }

    async fn see(
        &self,
        ctx: &Ctx,
        (user, whose): (UserId, (&str, &str)),
        id: InstallationId,
    ) -> Result<Option<Installation>, GithubAppError> {
        let token = match self.upstream_access_token(ctx, user, whose).await {
            Ok(token) => token,
            Err(UpstreamTokenError::NotFound | UpstreamTokenError::Ended) => {
                return Err(GithubAppError::AccountEnded);
            }
            Err(UpstreamTokenError::Upstream(error)) => {
                return Err(GithubAppError::Unavailable(error.to_string()));
            }
            Err(UpstreamTokenError::Fault(fault)) => return Err(fault.into()),
        };
        match self.github_app()?.find_visible(&token, id).await {
            Err(GithubError::Refused(words)) => {
                tracing::warn!(words, "GitHub does not take the token of a linked account");
                Err(GithubAppError::AccountEnded)
            }
            seen => Ok(seen?),
        }
    }

    pub(super) fn github_app(&self) -> Result<&dyn GithubApp, GithubAppError> {
        self.providers.github_app().ok_or(GithubAppError::NotConfigured)
    }
}

/// The first one of a user is the active one.
async fn link(
    w: &mut Writer,
    ctx: &Ctx,
    (user, installation): (UserId, &Installation),
) -> Result<(), GithubAppError> {
    storage::github_installations::put(w, installation, None, ctx.now).await?;
    let others = storage::github_installations::list(w, user).await?;
    let active = others.is_empty().then_some(ctx.now);
    let id = installation.id;
    if storage::github_installations::link(w, user, id, (active, ctx.now)).await? {
        let happened = Happened {
            actor: Actor::User(user),
            action: "github_app.installed",
            target: Some(user.to_string()),
            detail: json!({ "installation": id, "account": installation.account }),
        };
        record(w, ctx, happened).await?;
    }
    Ok(())
}
