//! What a user may have how much of, and has.
//! Refuses to count what is bounded in time only: that is the business of rate limits.

use model::api_key::KeyKind;
use model::{Ctx, Timestamp, UserId};

use crate::authority::Authority;
use crate::fault::Fault;

/// One bounded thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quota {
    pub metric: &'static str,
    pub used: u64,
    pub limit: u64,
    /// When it counts from nothing again, if it does.
    pub resets_at: Option<Timestamp>,
}

impl Quota {
    pub fn remaining(&self) -> u64 {
        self.limit.saturating_sub(self.used)
    }
}

impl Authority {
    /// # Errors
    /// Storage.
    pub async fn quotas(&self, ctx: &Ctx, user: UserId) -> Result<Vec<Quota>, Fault> {
        let keys = self.list_api_keys(ctx, user, &KeyKind::ALL).await?;
        let most = self.settings.api_keys.most_per_user;
        Ok(vec![Quota {
            metric: "api_keys",
            used: u64::try_from(keys.len()).unwrap_or(u64::MAX),
            limit: u64::try_from(most).unwrap_or(u64::MAX),
            resets_at: None,
        }])
    }
}
