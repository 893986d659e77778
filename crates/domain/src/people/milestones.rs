//! The introductions a user has been through.
//! Refuses nothing: reaching a milestone again changes nothing.

use model::milestone::Milestone;
use model::{Ctx, UserId};
use storage::StorageError;

use crate::authority::Authority;
use crate::fault::Fault;

/// Which introductions are behind the user.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Introduced {
    pub onboarding: bool,
    pub tour: bool,
}

impl Authority {
    /// # Errors
    /// Storage.
    pub async fn milestones(&self, user: UserId) -> Result<Introduced, Fault> {
        let mut reader = self.database.read().await?;
        let reached = storage::milestones::list(&mut reader, user).await?;
        let has = |wanted| reached.iter().any(|(milestone, _)| *milestone == wanted);
        Ok(Introduced {
            onboarding: has(Milestone::Onboarding),
            tour: has(Milestone::Tour),
        })
    }

    /// Notes that the user has been through it; the first time stands.
    ///
    /// # Errors
    /// Storage.
    pub async fn reach_milestone(&self, ctx: &Ctx, user: UserId, milestone: Milestone) -> Result<(), Fault> {
        let now = ctx.now;
        let work = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move {
                if storage::users::confirm_enabled(w, user).await? {
                    storage::milestones::reach(w, user, milestone, now).await?;
                }
                Ok(())
            })
        });
        Ok(work.await?)
    }
}
