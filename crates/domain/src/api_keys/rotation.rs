//! How old the oldest key of a user is, and whether it is time for another.
//! Refuses to end anything: this only tells.

use std::time::Duration;

use model::api_key::{DAY, KeyKind};
use model::{Ctx, Timestamp, UserId};

use crate::authority::Authority;
use crate::fault::Fault;

/// When keys are to be replaced, in days of their age.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RotationThresholds {
    /// How many days before they have to be.
    pub warning_days: u32,
    pub required_days: u32,
}

/// Where a user stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RotationStatus {
    pub thresholds: RotationThresholds,
    /// Since when the oldest live key is there; none without keys.
    pub last_rotated_at: Option<Timestamp>,
    /// Nothing is left when it is overdue.
    pub days_until_required: u32,
}

impl RotationStatus {
    pub fn is_required(&self) -> bool {
        self.last_rotated_at.is_some() && self.days_until_required == 0
    }

    pub fn is_recommended(&self) -> bool {
        self.last_rotated_at.is_some() && self.days_until_required <= self.thresholds.warning_days
    }
}

impl Authority {
    /// By the oldest live key of any kind.
    ///
    /// # Errors
    /// Storage.
    pub async fn rotation_status(&self, ctx: &Ctx, user: UserId) -> Result<RotationStatus, Fault> {
        let thresholds = self.settings.api_keys.rotation;
        let keys = self.list_api_keys(ctx, user, &KeyKind::ALL).await?;
        let oldest = keys.iter().map(|key| key.created_at).min();
        let age = oldest.map_or(Duration::ZERO, |oldest| ctx.now.since(oldest));
        let days = u32::try_from(age.as_secs() / DAY.as_secs()).unwrap_or(u32::MAX);
        Ok(RotationStatus {
            thresholds,
            last_rotated_at: oldest,
            days_until_required: thresholds.required_days.saturating_sub(days),
        })
    }
}
