//! How many of something an account may have: what its plan says, else what the deployment does.
//! Refuses to count: whoever adds one counts in the write that adds it.

use model::Ctx;
use model::billing::plan::SEATS;
use model::iam::AccountId;
use storage::{Query, StorageError};

use super::Held;
use crate::authority::Authority;

/// The plan of the account has no room for one more.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "the plan of the account allows {limit} of {feature}, and {used} are there; another plan allows more"
)]
pub struct Exceeded {
    pub feature: String,
    pub limit: u64,
    pub used: u64,
    /// The page where another plan is chosen.
    pub upgrade_url: String,
}

impl Held {
    /// The most of what is counted as it stands, where the plan names it.
    pub(crate) fn most(&self, feature: &str) -> Option<u64> {
        let named = self.plan.feature(feature)?;
        let seats = (feature == SEATS).then_some(u64::from(self.licence.binding.seats));
        named.limit.or(seats)
    }
}

impl Authority {
    /// Whether the plan of the account allows one more than `used`; `None` where the plan says nothing of it.
    pub(crate) async fn room_for(
        &self,
        q: &mut impl Query,
        ctx: &Ctx,
        (account, feature, used): (&AccountId, &str, u64),
    ) -> Result<Option<Result<(), Exceeded>>, StorageError> {
        // Most deployments have no plan that names it: nothing is read for that.
        if !self.settings.billing.plans.name(feature) {
            return Ok(None);
        }
        let held = self.held(q, ctx, account).await?;
        let Some(limit) = held.most(feature) else {
            return Ok(None);
        };
        Ok(Some(match used < limit {
            true => Ok(()),
            false => Err(Exceeded {
                feature: feature.to_owned(),
                limit,
                used,
                upgrade_url: self.billing_page(),
            }),
        }))
    }

    /// Where people top up and choose another plan.
    pub fn billing_page(&self) -> String {
        format!("{}/account/billing", self.settings.issuer)
    }
}
