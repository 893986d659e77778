//! Who is in a group.
//! Refuses to put anybody into a group that gives more than the caller has, and to take out of one what it forbids.

use model::Ctx;
use model::iam::IamUser;
use model::iam_policy::Group;
use serde_json::json;
use storage::iam_attachments::Holder;
use storage::{StorageError, Writer};

use super::change::Change;
use super::find::{group_named, user_named};
use super::limits::Counted;
use super::{IamError, Permit};
use crate::authority::Authority;

impl Authority {
    /// Putting somebody in who is in it already changes nothing.
    ///
    /// # Errors
    /// See [`IamError`].
    pub async fn add_to_group(
        &self,
        ctx: &Ctx,
        permit: &Permit,
        (group, user): (&str, &str),
    ) -> Result<(), IamError> {
        let (group, user) = (group.to_owned(), user.to_owned());
        let work = self.change_iam(ctx, permit, move |w, change| {
            Box::pin(async move {
                let (group, user) = change.pair(w, (&group, &user)).await?;
                change.reach.over_policies_of(w, Holder::Group(group.id)).await?;
                let both = (group.id, user.id);
                if !storage::iam_groups::add_member(w, both, change.ctx.now).await? {
                    return Ok(());
                }
                let count = storage::iam_groups::count_of_user(w, user.id).await?;
                change.within(Counted::GroupsOfUser, (count, |most| most.groups_of_user))?;
                change.note_member(w, "iam.group_joined", (&group, &user)).await?;
                Ok(())
            })
        });
        work.await
    }

    /// # Errors
    /// See [`IamError`].
    pub async fn remove_from_group(
        &self,
        ctx: &Ctx,
        permit: &Permit,
        (group, user): (&str, &str),
    ) -> Result<(), IamError> {
        let (group, user) = (group.to_owned(), user.to_owned());
        let work = self.change_iam(ctx, permit, move |w, change| {
            Box::pin(async move {
                let (group, user) = change.pair(w, (&group, &user)).await?;
                let denied = change.reach.denies(w, Holder::Group(group.id)).await?;
                if !storage::iam_groups::remove_member(w, group.id, user.id).await? {
                    return Err(IamError::NotInGroup);
                }
                if denied {
                    change.reach.over_rights_of(w, &[user.id]).await?;
                }
                change.note_member(w, "iam.group_left", (&group, &user)).await?;
                Ok(())
            })
        });
        work.await
    }
}

impl Change {
    /// A group and a user of the account, whom the caller may touch.
    async fn pair(&self, w: &mut Writer, (group, user): (&str, &str)) -> Result<(Group, IamUser), IamError> {
        let group = group_named(w, &self.account, group).await?;
        let user = user_named(w, &self.account, user).await?;
        self.reach.over_people(w, &[user.id]).await?;
        Ok((group, user))
    }

    async fn note_member(
        &self,
        w: &mut Writer,
        action: &'static str,
        (group, user): (&Group, &IamUser),
    ) -> Result<(), StorageError> {
        let what = (action, user.id.to_string());
        let detail = json!({ "group": group.name, "username": user.name });
        self.note_for(w, (what, detail), &[user.id]).await
    }
}
