//! The end of a policy that an account has written.
//! Refuses managed ones, and one in use unless it is to be detached from everybody.

use model::{Ctx, UserId};
use serde_json::json;
use storage::iam_attachments::Holder;
use storage::{StorageError, Writer};

use super::policies::{Policy, policy_of_id};
use super::reach::may_deny;
use super::{IamError, Named, Permit};
use crate::authority::Authority;

impl Authority {
    /// # Errors
    /// See [`IamError`].
    pub async fn delete_policy(
        &self,
        ctx: &Ctx,
        permit: &Permit,
        (id, detach): (&str, bool),
    ) -> Result<(), IamError> {
        let id = id.to_owned();
        let work = self.change_iam(ctx, permit, move |w, change| {
            Box::pin(async move {
                let found = policy_of_id(w, change.managed(), (&change.account, &id)).await?;
                let forbids = may_deny(&found.held());
                let Policy::Custom(policy) = found else {
                    return Err(IamError::Managed);
                };
                let holders = storage::iam_attachments::holders(w, &change.account, &id).await?;
                if !holders.is_empty() && !detach {
                    return Err(IamError::InUse(holders.into_iter().map(told).collect()));
                }
                let affected = users_of(w, &holders).await?;
                change.reach.over_people(w, &affected).await?;
                storage::iam_attachments::delete_of_policy(w, &change.account, &id).await?;
                if !storage::iam_policies::delete(w, &change.account, policy.id).await? {
                    return Err(IamError::Unknown(Named::Policy));
                }
                if forbids {
                    change.reach.over_rights_of(w, &affected).await?;
                }
                let what = ("iam.policy_deleted", policy.id.to_string());
                let detail = json!({ "name": policy.name, "detached": holders.len() });
                change.note_for(w, (what, detail), &affected).await?;
                Ok(())
            })
        });
        work.await
    }
}

fn told((holder, name): (Holder, String)) -> String {
    match holder {
        Holder::User(_) => format!("user/{name}"),
        Holder::Group(_) => format!("group/{name}"),
    }
}

/// Everybody whom the policy binds, each once.
async fn users_of(w: &mut Writer, holders: &[(Holder, String)]) -> Result<Vec<UserId>, StorageError> {
    let mut users = Vec::new();
    for (holder, _) in holders {
        match holder {
            Holder::User(user) => users.push(*user),
            Holder::Group(group) => users.extend(storage::iam_groups::members(w, *group).await?),
        }
    }
    users.sort_unstable();
    users.dedup();
    Ok(users)
}
