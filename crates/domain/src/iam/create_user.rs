//! A new IAM user, with password, groups and policies at once: all of it or nothing.
//! Refuses what goes beyond the maker's own rights (P07).

use model::billing::plan::IAM_USERS;
use model::iam::IamUser;
use model::{Ctx, PlainSecret, UserId};
use serde_json::json;
use storage::Writer;
use storage::iam_attachments::Holder;

use super::change::Change;
use super::find::{group_named, parsed};
use super::limits::Counted;
use super::policies::policy_of_id;
use super::users::UserCard;
use super::{IamError, Named, Permit};
use crate::authority::Authority;

/// Who is to be made.
pub struct NewIamUser {
    pub username: String,
    pub password: Option<PlainSecret>,
    /// Whether the password signs in.
    pub console_access: bool,
    pub require_change: bool,
    /// Names.
    pub groups: Vec<String>,
    /// Ids.
    pub policies: Vec<String>,
}

impl Authority {
    /// # Errors
    /// See [`IamError`].
    pub async fn create_iam_user(
        &self,
        ctx: &Ctx,
        permit: &Permit,
        new: NewIamUser,
    ) -> Result<UserCard, IamError> {
        let name = parsed(&new.username, Named::User)?;
        let id = UserId::random(ctx.random.as_ref());
        let mut user = IamUser::new(id, permit.account().clone(), name, ctx.now);
        if let Some(password) = &new.password {
            if !permit.has_session() {
                return Err(IamError::SessionRequired);
            }
            let rules = self.password_rules(permit.account()).await?;
            let judged = self.judged_iam_password(ctx, &user, (&rules, password));
            user.password = Some(judged.await?);
            user.password_set_at = Some(ctx.now);
            user.change_required_at = new.require_change.then_some(ctx.now);
        }
        user.console_since = new.console_access.then_some(ctx.now);
        let work = self.change_iam(ctx, permit, move |w, change| {
            Box::pin(async move {
                if !storage::iam_users::insert(w, &user).await? {
                    return Err(IamError::Taken(Named::User));
                }
                let count = storage::iam_users::count(w, &change.account).await?;
                let count = u64::try_from(count).unwrap_or_default();
                change.has_room_for_user(w, count).await?;
                let groups = change.join_all(w, user.id, &new.groups).await?;
                change.attach_all(w, user.id, &new.policies).await?;
                let what = ("iam.user_created", user.id.to_string());
                let detail = json!({ "username": user.name, "groups": groups, "policies": new.policies });
                change.note(w, what, detail).await?;
                Ok(UserCard {
                    user,
                    groups,
                    second_factor: false,
                })
            })
        });
        work.await
    }
}

impl Change {
    /// What the plan says of users, else what the deployment does. `count`: with the new one.
    async fn has_room_for_user(&self, w: &mut Writer, count: u64) -> Result<(), IamError> {
        let before = count.saturating_sub(1);
        let asked = (&self.account, IAM_USERS, before);
        match self.authority.room_for(w, &self.ctx, asked).await? {
            Some(room) => Ok(room?),
            None => self.within(Counted::Users, (count, |most| most.users)),
        }
    }

    async fn join_all(
        &self,
        w: &mut Writer,
        user: UserId,
        groups: &[String],
    ) -> Result<Vec<String>, IamError> {
        let mut names = Vec::new();
        for name in groups {
            let group = group_named(w, &self.account, name).await?;
            self.reach.over_policies_of(w, Holder::Group(group.id)).await?;
            if storage::iam_groups::add_member(w, (group.id, user), self.ctx.now).await? {
                names.push(group.name.to_string());
            }
        }
        let count = u64::try_from(names.len()).unwrap_or(u64::MAX);
        self.within(Counted::GroupsOfUser, (count, |most| most.groups_of_user))?;
        Ok(names)
    }

    async fn attach_all(&self, w: &mut Writer, user: UserId, policies: &[String]) -> Result<(), IamError> {
        let holder = Holder::User(user);
        for id in policies {
            let policy = policy_of_id(w, self.managed(), (&self.account, id)).await?;
            self.reach.over_policy(&policy)?;
            storage::iam_attachments::insert(w, &self.account, (holder, id), self.ctx.now).await?;
        }
        let count = storage::iam_attachments::count(w, holder).await?;
        self.within(Counted::Attachments, (count, |most| most.attachments))
    }
}
