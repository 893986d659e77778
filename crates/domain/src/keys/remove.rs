//! A signing key taken away at once, because somebody else may have it.
//! Refuses to leave its algorithm without a key: another one signs from the same moment on.

use jose::Algorithm;
use model::Ctx;
use model::audit::Actor;
use model::signing_key::{KeyState, SigningKeyRecord};
use serde_json::json;

use super::lifecycle::Plan;
use super::rotate::forwarded;
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;
use crate::people::AdministrationError;
use crate::people::administration::require_administrator;

impl Authority {
    /// Nothing that the key has signed is believed here any more. Other replicas follow within seconds; services that verify
    /// offline when they fetch the key set again. False when no such key is published.
    ///
    /// # Errors
    /// Storage or sealing, or somebody who is no administrator.
    pub async fn remove_signing_key(
        &self,
        ctx: &Ctx,
        kid: &str,
        by: Actor,
    ) -> Result<bool, AdministrationError> {
        require_administrator(&mut self.database.read().await?, &by).await?;
        let records = self.list_keys(ctx).await?;
        let Some(key) = records.iter().find(|key| key.kid == kid) else {
            return Ok(false);
        };
        // First the successor: from here on there are two, and then one.
        if key.state(ctx.now) == KeyState::Active {
            let plan = successor(&records, key, ctx);
            self.carry_out(ctx, plan, by.clone()).await?;
        }
        let (mut gone, at) = (key.clone(), ctx.clone());
        gone.retired_at = Some(gone.retired_at.map_or(ctx.now, |at| at.min(ctx.now)));
        gone.remove_at = Some(ctx.now);
        let work = self.database.write::<_, AdministrationError, _>(move |w| {
            Box::pin(async move {
                require_administrator(w, &by).await?;
                storage::signing_keys::update_life(w, &gone).await?;
                let happened = Happened {
                    actor: by,
                    action: "signing_key.removed",
                    target: Some(gone.kid.clone()),
                    detail: json!({ "algorithm": gone.algorithm.as_str() }),
                };
                Ok(record(w, &at, happened).await?)
            })
        });
        work.await?;
        self.load_keys(ctx.now).await?;
        Ok(true)
    }

    /// How many live API keys were signed with this key, and end with it.
    ///
    /// # Errors
    /// Storage.
    pub async fn count_keys_signed_with(&self, ctx: &Ctx, kid: &str) -> Result<i64, Fault> {
        let mut reader = self.database.read().await?;
        Ok(storage::api_keys::count_signed_with(&mut reader, kid, ctx.now).await?)
    }
}

/// The key published ahead, at once; else a new one.
fn successor(records: &[SigningKeyRecord], key: &SigningKeyRecord, ctx: &Ctx) -> Plan {
    let algorithm: Algorithm = key.algorithm;
    let mut others = records
        .iter()
        .filter(|other| other.algorithm == algorithm && other.kid != key.kid);
    let mut plan = Plan::default();
    match others.find(|other| matches!(other.state(ctx.now), KeyState::Next | KeyState::Active)) {
        Some(other) => plan.update.push(forwarded(other, ctx.now)),
        None => plan.create.push((algorithm, ctx.now)),
    }
    plan
}
