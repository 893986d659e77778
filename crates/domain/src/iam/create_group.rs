//! A new group. Nobody is in it, and it has no policies.
//! Refuses a name that another group of the account has, whatever its case.

use model::iam_policy::Group;
use model::{Ctx, GroupId};
use serde_json::json;

use super::find::parsed;
use super::limits::Counted;
use super::{IamError, Named, Permit};
use crate::authority::Authority;

impl Authority {
    /// # Errors
    /// See [`IamError`].
    pub async fn create_group(&self, ctx: &Ctx, permit: &Permit, name: &str) -> Result<Group, IamError> {
        let group = Group {
            id: GroupId::random(ctx.random.as_ref()),
            account_id: permit.account().clone(),
            name: parsed(name, Named::Group)?,
            created_at: ctx.now,
        };
        let work = self.change_iam(ctx, permit, move |w, change| {
            Box::pin(async move {
                if !storage::iam_groups::insert(w, &group).await? {
                    return Err(IamError::Taken(Named::Group));
                }
                let count = storage::iam_groups::count(w, &change.account).await?;
                change.within(Counted::Groups, (count, |most| most.groups))?;
                let what = ("iam.group_created", group.id.to_string());
                change.note(w, what, json!({ "name": group.name })).await?;
                Ok(group)
            })
        });
        work.await
    }
}
