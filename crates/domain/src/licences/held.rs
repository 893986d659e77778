//! The licence that an account has at this moment, with its plan.
//! Refuses what has ended, and plans that are not configured any more: then it is the default plan.

use model::Ctx;
use model::Timestamp;
use model::billing::{Licence, Plan};
use model::iam::AccountId;
use storage::{Query, StorageError};

use crate::authority::Authority;
use crate::fault::Fault;

/// What an account has.
#[derive(Clone, Debug)]
pub struct Held {
    pub licence: Licence,
    pub plan: Plan,
}

impl Held {
    /// When it ends by itself.
    pub const fn ends_at(&self) -> Option<Timestamp> {
        self.licence.binding.valid_until
    }
}

impl Authority {
    /// What the account has now: everybody has something.
    ///
    /// # Errors
    /// Storage.
    pub async fn licence_of(&self, ctx: &Ctx, account: &AccountId) -> Result<Held, Fault> {
        let mut reader = self.database.read().await?;
        Ok(self.held(&mut reader, ctx, account).await?)
    }

    /// The name of the plan that a person's own account has.
    ///
    /// # Errors
    /// Storage.
    pub async fn plan_of(&self, ctx: &Ctx, user: model::UserId) -> Result<String, Fault> {
        let mut reader = self.database.read().await?;
        let Some(account) = storage::accounts::find_of_root(&mut reader, user).await? else {
            return Ok(self.settings.billing.plans.default_plan().id.clone());
        };
        Ok(self.held(&mut reader, ctx, &account).await?.plan.id)
    }

    /// The same within what is read or written already.
    pub(crate) async fn held(
        &self,
        q: &mut impl Query,
        ctx: &Ctx,
        account: &AccountId,
    ) -> Result<Held, StorageError> {
        let plans = &self.settings.billing.plans;
        let found = storage::licences::find(q, account).await?;
        if let Some(licence) = found.filter(|licence| licence.gives_at(ctx.now))
            && let Some(plan) = plans.find(&licence.binding.plan)
        {
            let plan = plan.clone();
            return Ok(Held { licence, plan });
        }
        let plan = plans.default_plan().clone();
        let made_at = storage::licences::account_made_at(q, account).await?;
        let licence = Licence::by_default(account.clone(), &plan, made_at.unwrap_or(ctx.now));
        Ok(Held { licence, plan })
    }
}
