//! Somebody who may do one thing to the team of one account.
//! Refuses to be made by anything but a look at what they are there.

use model::iam::AccountId;
use model::revocation::RevocationTarget;
use model::team::TeamRole;
use model::{Ctx, UserId};
use storage::{StorageError, Writer};

use crate::authority::Authority;
use crate::fault::Fault;
use crate::revocation::ending;
use crate::settings::Settings;

/// Proof that somebody may do what they ask for.
pub struct Seated {
    account: AccountId,
    user: UserId,
}

impl Seated {
    pub const fn account(&self) -> &AccountId {
        &self.account
    }

    pub const fn user(&self) -> UserId {
        self.user
    }
}

impl Authority {
    /// For somebody signed in at our pages; nothing when their role does not let them, or they do not work there.
    ///
    /// # Errors
    /// Storage.
    pub async fn seat(
        &self,
        _ctx: &Ctx,
        (user, account): (UserId, &AccountId),
        action: &'static str,
    ) -> Result<Option<Seated>, Fault> {
        let mut reader = self.database.read().await?;
        let own = storage::memberships::find_of_user(&mut reader, account.as_str(), user).await?;
        let may = own.is_some_and(|own| match own.role {
            TeamRole::Owner | TeamRole::Admin => true,
            TeamRole::Member | TeamRole::Billing | TeamRole::Viewer => action == "team:ListMembers",
        });
        Ok(may.then(|| Seated {
            account: account.clone(),
            user,
        }))
    }
}

/// What is remembered about the user is read anew, everywhere; nothing that was issued ends. The caller catches up.
pub(super) async fn note_change(
    w: &mut Writer,
    settings: &Settings,
    ctx: &Ctx,
    user: UserId,
) -> Result<(), StorageError> {
    let revocation = ending(settings, RevocationTarget::facts_of(user), ctx.now);
    storage::revocations::append(w, &revocation, ctx.now)
        .await
        .map(drop)
}
