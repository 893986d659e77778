//! The installations of a user: which there are, which one is used, and ending one.
//! Refuses to end for an organization what only a member of it asks for.

use model::audit::Actor;
use model::github_app::{InstallationId, LinkedInstallation};
use model::{Ctx, UserId};
use serde_json::json;
use storage::{StorageError, Writer};

use super::{GithubAppError, PROVIDER};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;

impl Authority {
    /// The user's installations with what they reach, oldest first.
    ///
    /// # Errors
    /// Storage.
    pub async fn github_installations(&self, user: UserId) -> Result<Vec<LinkedInstallation>, Fault> {
        let mut reader = self.database.read().await?;
        let mut all = storage::github_installations::list(&mut reader, user).await?;
        for linked in &mut all {
            let id = linked.installation.id;
            linked.repositories = storage::github_repositories::list(&mut reader, id).await?;
        }
        Ok(all)
    }

    /// # Errors
    /// [`GithubAppError::NotFound`] when the user has none of this number.
    pub(super) async fn github_installation(
        &self,
        user: UserId,
        id: InstallationId,
    ) -> Result<LinkedInstallation, GithubAppError> {
        let mut reader = self.database.read().await?;
        let found = storage::github_installations::find(&mut reader, user, id).await?;
        let mut linked = found.ok_or(GithubAppError::NotFound)?;
        linked.repositories = storage::github_repositories::list(&mut reader, id).await?;
        Ok(linked)
    }

    /// Makes one the active installation of the user.
    ///
    /// # Errors
    /// [`GithubAppError::NotFound`] when the user has none of this number.
    pub async fn activate_github_installation(
        &self,
        ctx: &Ctx,
        user: UserId,
        id: InstallationId,
    ) -> Result<LinkedInstallation, GithubAppError> {
        let at = ctx.clone();
        self.database
            .write::<_, GithubAppError, _>(move |w| {
                Box::pin(async move {
                    let is_there = storage::users::confirm_enabled(w, user).await?
                        && storage::github_installations::find(w, user, id).await?.is_some();
                    if !is_there {
                        return Err(GithubAppError::NotFound);
                    }
                    storage::github_installations::activate(w, user, id, at.now).await?;
                    note(w, &at, (user, id, "github_app.activated")).await?;
                    Ok(())
                })
            })
            .await?;
        self.github_installation(user, id).await
    }

    /// Ends the installation at GitHub, then here, for everybody who has it.
    ///
    /// # Errors
    /// See [`GithubAppError`]; when GitHub does not end it, it stays here, too.
    pub async fn uninstall_github_app(
        &self,
        ctx: &Ctx,
        user: UserId,
        id: InstallationId,
    ) -> Result<(), GithubAppError> {
        let linked = self.github_installation(user, id).await?;
        let accounts = self.linked_accounts(user).await?;
        let own = accounts.iter().filter(|account| account.provider == PROVIDER);
        let mut numbers = own.filter_map(|account| account.subject.parse().ok());
        if !numbers.any(|number| linked.is_of(number)) {
            return Err(GithubAppError::NotAllowed);
        }
        self.github_app()?.uninstall(id).await?;
        let at = ctx.clone();
        self.database
            .write::<_, StorageError, _>(move |w| {
                Box::pin(async move {
                    // GitHub may have told us first.
                    storage::github_installations::delete(w, id).await?;
                    note(w, &at, (user, id, "github_app.uninstalled")).await
                })
            })
            .await?;
        Ok(())
    }
}

async fn note(
    w: &mut Writer,
    ctx: &Ctx,
    (user, id, action): (UserId, InstallationId, &'static str),
) -> Result<(), StorageError> {
    let happened = Happened {
        actor: Actor::User(user),
        action,
        target: Some(user.to_string()),
        detail: json!({ "installation": id }),
    };
    record(w, ctx, happened).await
}
