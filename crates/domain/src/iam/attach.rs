//! Which policies users and groups have.
//! Refuses to give what the caller does not have, and to take away what forbids them something (P07).

use model::iam::AccountId;
use model::{Ctx, UserId};
use serde_json::json;
use storage::iam_attachments::{Attached, Holder};
use storage::{Query, StorageError, Writer};

use super::change::Change;
use super::find::{group_named, user_named};
use super::limits::Counted;
use super::policies::policy_of_id;
use super::reach::may_deny;
use super::{IamError, Permit};
use crate::authority::Authority;

/// Whom a policy is attached to, by name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Whom {
    User(String),
    Group(String),
}

impl Whom {
    async fn find(&self, q: &mut impl Query, account: &AccountId) -> Result<Holder, IamError> {
        match self {
            Self::User(name) => Ok(Holder::User(user_named(q, account, name).await?.id)),
            Self::Group(name) => Ok(Holder::Group(group_named(q, account, name).await?.id)),
        }
    }

    /// As the audit log says it.
    fn told(&self) -> String {
        match self {
            Self::User(name) => format!("user/{name}"),
            Self::Group(name) => format!("group/{name}"),
        }
    }
}

/// A policy that somebody has, with what there is to tell of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attachment {
    pub policy_id: String,
    pub name: String,
    pub managed: bool,
    pub attached_at: model::Timestamp,
}

impl Authority {
    /// Attaching what is attached already changes nothing.
    ///
    /// # Errors
    /// See [`IamError`].
    pub async fn attach_policy(
        &self,
        ctx: &Ctx,
        permit: &Permit,
        (whom, id): (Whom, &str),
    ) -> Result<(), IamError> {
        let id = id.to_owned();
        let work = self.change_iam(ctx, permit, move |w, change| {
            Box::pin(async move {
                let holder = whom.find(w, &change.account).await?;
                let policy = policy_of_id(w, change.managed(), (&change.account, &id)).await?;
                let bound = bound(w, holder).await?;
                change.reach.over_people(w, &bound).await?;
                change.reach.over_policy(&policy)?;
                if !storage::iam_attachments::insert(w, &change.account, (holder, &id), change.ctx.now)
                    .await?
                {
                    return Ok(());
                }
                let count = storage::iam_attachments::count(w, holder).await?;
                change.within(Counted::Attachments, (count, |most| most.attachments))?;
                let what = ("iam.policy_attached", id.clone());
                let detail = json!({ "policy": policy.name(), "to": whom.told() });
                change.note_for(w, (what, detail), &bound).await?;
                Ok(())
            })
        });
        work.await
    }

    /// # Errors
    /// See [`IamError`].
    pub async fn detach_policy(
        &self,
        ctx: &Ctx,
        permit: &Permit,
        (whom, id): (Whom, &str),
    ) -> Result<(), IamError> {
        let id = id.to_owned();
        let work = self.change_iam(ctx, permit, move |w, change| {
            Box::pin(async move {
                let holder = whom.find(w, &change.account).await?;
                let (name, forbids) = change.told_of(w, &id).await?;
                let bound = bound(w, holder).await?;
                change.reach.over_people(w, &bound).await?;
                if !storage::iam_attachments::delete(w, holder, &id).await? {
                    return Err(IamError::NotAttached);
                }
                if forbids {
                    change.reach.over_rights_of(w, &bound).await?;
                }
                let what = ("iam.policy_detached", id.clone());
                let detail = json!({ "policy": name, "from": whom.told() });
                change.note_for(w, (what, detail), &bound).await?;
                Ok(())
            })
        });
        work.await
    }

    /// What the user or group itself has, in the order in which it came.
    ///
    /// # Errors
    /// [`IamError::Unknown`], and storage.
    pub async fn list_attachments(&self, permit: &Permit, whom: &Whom) -> Result<Vec<Attachment>, IamError> {
        let mut reader = self.database.read().await?;
        let holder = whom.find(&mut reader, permit.account()).await?;
        let attached = storage::iam_attachments::list(&mut reader, holder).await?;
        Ok(attached.into_iter().map(told).collect())
    }
}

fn told(attached: Attached) -> Attachment {
    let custom = attached.custom.map(|(name, _)| name);
    Attachment {
        managed: custom.is_none(),
        name: custom.unwrap_or_else(|| attached.policy_id.clone()),
        policy_id: attached.policy_id,
        attached_at: attached.attached_at,
    }
}

impl Change {
    /// The name of a policy, and whether taking it away could give somebody more than before. One that there is no more can be
    /// detached, too.
    async fn told_of(&self, w: &mut Writer, id: &str) -> Result<(String, bool), IamError> {
        match policy_of_id(w, self.managed(), (&self.account, id)).await {
            Ok(policy) => Ok((policy.name().to_owned(), may_deny(&policy.held()))),
            Err(IamError::Unknown(_)) => Ok((id.to_owned(), true)),
            Err(other) => Err(other),
        }
    }
}

/// Whose rights hang on what the holder has.
async fn bound(w: &mut Writer, holder: Holder) -> Result<Vec<UserId>, StorageError> {
    match holder {
        Holder::User(user) => Ok(vec![user]),
        Holder::Group(group) => storage::iam_groups::members(w, group).await,
    }
}
