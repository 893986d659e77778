//! A policy that an account writes itself. It binds nobody until it is attached.
//! Refuses texts that are no policy, and names that are taken.

use model::iam_policy::CustomPolicy;
use model::{Ctx, PolicyId};
use policy::{Document, Lint};
use serde_json::json;

use super::find::parsed;
use super::limits::Counted;
use super::{IamError, Named, Permit};
use crate::authority::Authority;

/// In characters.
const LONGEST_DESCRIPTION: usize = 1000;

/// What somebody wants written.
#[derive(Clone, Debug)]
pub struct NewPolicy {
    pub name: String,
    pub description: String,
    /// JSON.
    pub document: String,
}

impl Authority {
    /// With what in it is most likely not meant.
    ///
    /// # Errors
    /// See [`IamError`].
    pub async fn create_policy(
        &self,
        ctx: &Ctx,
        permit: &Permit,
        new: NewPolicy,
    ) -> Result<(CustomPolicy, Vec<Lint>), IamError> {
        let name = parsed(&new.name, Named::Policy)?;
        let mut managed = self.settings.iam.managed.iter();
        if managed.any(|policy| policy.name.eq_ignore_ascii_case(name.as_str())) {
            return Err(IamError::Taken(Named::Policy));
        }
        if new.description.chars().count() > LONGEST_DESCRIPTION {
            return Err(IamError::Description);
        }
        let document = Document::parse(&new.document).map_err(IamError::Grammar)?;
        let policy = CustomPolicy {
            id: PolicyId::random(ctx.random.as_ref()),
            account_id: permit.account().clone(),
            name,
            description: new.description,
            document: new.document,
            created_at: ctx.now,
        };
        let work = self.change_iam(ctx, permit, move |w, change| {
            Box::pin(async move {
                if !storage::iam_policies::insert(w, &policy).await? {
                    return Err(IamError::Taken(Named::Policy));
                }
                let count = storage::iam_policies::count(w, &change.account).await?;
                change.within(Counted::Policies, (count, |most| most.policies))?;
                let what = ("iam.policy_created", policy.id.to_string());
                change.note(w, what, json!({ "name": policy.name })).await?;
                Ok(policy)
            })
        });
        Ok((work.await?, document.lints()))
    }
}
