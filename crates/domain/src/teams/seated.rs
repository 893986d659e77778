//! Somebody who may do one thing to the team of one account.
//! Refuses to be made by anything but the authorizer's word.

use model::audit::Actor;
use model::iam::AccountId;
use model::revocation::RevocationTarget;
use model::{Ctx, UserId};
use storage::{StorageError, Writer};

use crate::authority::Authority;
use crate::fault::Fault;
use crate::iam::{Permit, PermitError};
use crate::revocation;
use crate::settings::Settings;

/// Proof that somebody may do what they ask for.
pub struct Seated {
    account: AccountId,
    user: UserId,
}

impl Seated {
    /// What the authorizer has allowed to a caller; nothing for a program that acts for nobody.
    pub fn permitted(permit: &Permit) -> Option<Self> {
        let Actor::User(user) = permit.actor() else {
            return None;
        };
        let account = permit.account().clone();
        Some(Self { account, user })
    }

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
        ctx: &Ctx,
        (user, account): (UserId, &AccountId),
        action: &'static str,
    ) -> Result<Option<Seated>, Fault> {
        let resource = format!("arn:authz:team::{account}:*");
        match self.permit_here(ctx, (user, account), action, &resource).await {
            Ok(permit) => Ok(Seated::permitted(&permit)),
            Err(PermitError::Fault(fault)) => Err(fault),
            Err(_) => Ok(None),
        }
    }
}

/// What is remembered about the user is read anew, everywhere; nothing that was issued ends. The caller catches up.
pub(super) async fn note_change(
    w: &mut Writer,
    settings: &Settings,
    ctx: &Ctx,
    user: UserId,
) -> Result<(), StorageError> {
    revocation::append(w, settings, ctx, RevocationTarget::facts_of(user)).await
}
