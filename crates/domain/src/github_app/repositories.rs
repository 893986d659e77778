//! What the active installation reaches, asked of GitHub anew.
//! Refuses to go on for somebody who does not see the installation any more.

use model::github_app::InstallationId;
use model::{Ctx, UserId};
use storage::StorageError;

use super::GithubAppError;
use crate::authority::Authority;

impl Authority {
    /// Replaces the repositories of the user's active installation by what it reaches now; returns how many there are.
    ///
    /// # Errors
    /// See [`GithubAppError`].
    pub async fn sync_github_repositories(&self, ctx: &Ctx, user: UserId) -> Result<usize, GithubAppError> {
        self.github_app()?;
        let id = self.active_installation(user).await?;
        let installation = match self.confirm(ctx, user, id).await {
            Err(GithubAppError::NotFound) => {
                self.forget_link(user, id).await?;
                return Err(GithubAppError::NotFound);
            }
            confirmed => confirmed?,
        };
        let repositories = self.github_app()?.repositories(id).await?;
        let (count, now) = (repositories.len(), ctx.now);
        self.database
            .write::<_, GithubAppError, _>(move |w| {
                Box::pin(async move {
                    // Holds the row until commit: nothing is added to what GitHub has ended meanwhile.
                    let selection = installation.selection;
                    if !storage::github_installations::select_repositories(w, id, selection, now).await? {
                        return Err(GithubAppError::NotFound);
                    }
                    storage::github_installations::put(w, &installation, None, now).await?;
                    storage::github_repositories::delete_of_installation(w, id).await?;
                    for repository in &repositories {
                        storage::github_repositories::put(w, id, repository).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        Ok(count)
    }

    async fn active_installation(&self, user: UserId) -> Result<InstallationId, GithubAppError> {
        let mut reader = self.database.read().await?;
        let all = storage::github_installations::list(&mut reader, user).await?;
        let active = all.iter().find(|linked| linked.is_active());
        active
            .map(|linked| linked.installation.id)
            .ok_or(GithubAppError::NoneActive)
    }

    async fn forget_link(&self, user: UserId, id: InstallationId) -> Result<(), StorageError> {
        self.database
            .write::<_, StorageError, _>(move |w| {
                Box::pin(async move { storage::github_installations::unlink(w, user, id).await.map(drop) })
            })
            .await
    }
}
