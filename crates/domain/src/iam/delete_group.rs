//! The end of a group: everybody who was in it loses what it gave them, at once.
//! Refuses where that would leave somebody with more than the caller has.

use model::Ctx;
use serde_json::json;
use storage::iam_attachments::Holder;

use super::find::group_named;
use super::{IamError, Permit};
use crate::authority::Authority;

impl Authority {
    /// # Errors
    /// See [`IamError`].
    pub async fn delete_group(&self, ctx: &Ctx, permit: &Permit, name: &str) -> Result<(), IamError> {
        let name = name.to_owned();
        let work = self.change_iam(ctx, permit, move |w, change| {
            Box::pin(async move {
                let group = group_named(w, &change.account, &name).await?;
                let members = storage::iam_groups::members(w, group.id).await?;
                change.reach.over_people(w, &members).await?;
                let holder = Holder::Group(group.id);
                let denied = change.reach.denies(w, holder).await?;
                storage::iam_attachments::delete_of(w, holder).await?;
                storage::iam_groups::delete(w, group.id).await?;
                if denied {
                    change.reach.over_rights_of(w, &members).await?;
                }
                let what = ("iam.group_deleted", group.id.to_string());
                let detail = json!({ "name": group.name, "members": members.len() });
                change.note_for(w, (what, detail), &members).await?;
                Ok(())
            })
        });
        work.await
    }
}
