//! Rotation on the operator's word.
//! Refuses to cut off clients by default: the new key is published before it signs.

use jose::Algorithm;
use model::audit::Actor;
use model::signing_key::{KeyState, SigningKeyRecord};
use model::{Ctx, Timestamp};

use super::lifecycle::Plan;
use crate::authority::Authority;
use crate::fault::Fault;
use crate::people::AdministrationError;
use crate::people::administration::require_administrator;

/// When the new key begins to sign.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RotationStart {
    /// After the configured time of publication.
    Ahead,
    /// At once; clients that cache the key set must fetch it again.
    Now,
}

/// What a rotation has set in motion.
#[derive(Clone, Debug)]
pub struct Rotation {
    pub kid: String,
    pub algorithm: Algorithm,
    pub signs_from: Timestamp,
}

impl Authority {
    /// By the operator: rotates the keys of these algorithms. A key already published ahead is brought forward instead of making
    /// another.
    ///
    /// # Errors
    /// Storage or sealing.
    pub async fn rotate_keys(
        &self,
        ctx: &Ctx,
        algorithms: &[Algorithm],
        start: RotationStart,
    ) -> Result<Vec<Rotation>, Fault> {
        self.turn_keys(ctx, (algorithms, start), Actor::Operator).await
    }

    /// The same by an administrator.
    ///
    /// # Errors
    /// Storage or sealing, or somebody who is no administrator.
    pub async fn rotate_keys_by(
        &self,
        ctx: &Ctx,
        which: (&[Algorithm], RotationStart),
        by: Actor,
    ) -> Result<Vec<Rotation>, AdministrationError> {
        require_administrator(&mut self.database.read().await?, &by).await?;
        Ok(self.turn_keys(ctx, which, by).await?)
    }

    async fn turn_keys(
        &self,
        ctx: &Ctx,
        (algorithms, start): (&[Algorithm], RotationStart),
        by: Actor,
    ) -> Result<Vec<Rotation>, Fault> {
        let records = self.list_keys(ctx).await?;
        let mut plan = Plan::default();
        for algorithm in algorithms.iter().copied() {
            let mine: Vec<_> = records.iter().filter(|key| key.algorithm == algorithm).collect();
            let signs_from = match start {
                RotationStart::Now => ctx.now,
                RotationStart::Ahead => ctx.now.plus(self.settings.keys.publish_ahead),
            };
            match mine.iter().find(|key| key.state(ctx.now) == KeyState::Next) {
                Some(next) => plan.update.push(forwarded(next, signs_from)),
                None => plan.create.push((algorithm, signs_from)),
            }
            if start == RotationStart::Now {
                let active = mine.iter().filter(|key| key.state(ctx.now) == KeyState::Active);
                plan.update.extend(active.map(|key| self.retired(key, ctx.now)));
            }
        }
        self.carry_out(ctx, plan, by).await?;
        let records = self.list_keys(ctx).await?;
        Ok(algorithms
            .iter()
            .filter_map(|algorithm| newest(&records, *algorithm))
            .collect())
    }

    /// All published keys.
    ///
    /// # Errors
    /// Storage.
    pub async fn list_keys(&self, ctx: &Ctx) -> Result<Vec<SigningKeyRecord>, Fault> {
        let mut reader = self.database.read().await?;
        Ok(storage::signing_keys::list(&mut reader, ctx.now).await?)
    }
}

pub(super) fn forwarded(next: &SigningKeyRecord, signs_from: Timestamp) -> SigningKeyRecord {
    let mut key = next.clone();
    key.activates_at = key.activates_at.min(signs_from);
    key
}

fn newest(records: &[SigningKeyRecord], algorithm: Algorithm) -> Option<Rotation> {
    let key = records
        .iter()
        .filter(|key| key.algorithm == algorithm)
        .max_by_key(|key| key.activates_at)?;
    Some(Rotation {
        kid: key.kid.clone(),
        algorithm,
        signs_from: key.activates_at,
    })
}
