//! What time does to keys: the first ones are made, the next one is published ahead, the old one retires.
//! Refuses to let an algorithm be without an active key.

use std::time::Duration;

use jose::{Algorithm, SigningKey};
use model::Ctx;
use model::Timestamp;
use model::audit::Actor;
use model::signing_key::SigningKeyRecord;
use serde_json::json;
use storage::{StorageError, Writer};

use super::ring::{SEAL_PURPOSE, active};
use crate::audit::{Happened, record};
use crate::authority::Authority;
use crate::fault::Fault;

/// Changes to make to the stored keys.
#[derive(Default)]
pub(super) struct Plan {
    pub create: Vec<(Algorithm, Timestamp)>,
    pub update: Vec<SigningKeyRecord>,
}

impl Authority {
    /// Brings the stored keys to what the schedule wants at `ctx.now`, then loads them. Run at start and every few
    /// seconds; replicas may run it side by side.
    ///
    /// # Errors
    /// Storage, or a stored key that no configured master key opens.
    pub async fn keep_keys(&self, ctx: &Ctx) -> Result<(), Fault> {
        let mut reader = self.database.read().await?;
        let records = storage::signing_keys::list(&mut reader, ctx.now).await?;
        drop(reader);
        self.reseal_outdated(ctx, &records).await?;
        let plan = self.schedule(&records, ctx.now);
        if plan.create.is_empty() && plan.update.is_empty() {
            return self.keys.replace(&records, &self.sealer, ctx.now);
        }
        self.carry_out(ctx, plan, Actor::System).await
    }

    /// Seals private keys anew that are still under an older master key, so that that one can be taken away.
    async fn reseal_outdated(&self, ctx: &Ctx, records: &[SigningKeyRecord]) -> Result<(), Fault> {
        let outdated = records
            .iter()
            .filter(|key| !self.sealer.is_current(&key.private_sealed));
        let resealed: Vec<(String, Vec<u8>)> = outdated
            .map(|key| {
                let plain = self.sealer.open(SEAL_PURPOSE, &key.private_sealed)?;
                Ok((
                    key.kid.clone(),
                    self.sealer.seal(SEAL_PURPOSE, &plain, ctx.random.as_ref())?,
                ))
            })
            .collect::<Result<_, Fault>>()?;
        if resealed.is_empty() {
            return Ok(());
        }
        let at = ctx.clone();
        let stored = self.database.write::<_, Fault, _>(move |w| {
            Box::pin(async move {
                for (kid, sealed) in resealed {
                    storage::signing_keys::reseal(w, &kid, &sealed).await?;
                    let (actor, action, detail) = (Actor::System, "signing_key.resealed", json!({}));
                    record(
                        w,
                        &at,
                        Happened {
                            actor,
                            action,
                            target: Some(kid),
                            detail,
                        },
                    )
                    .await?;
                }
                Ok(())
            })
        });
        stored.await
    }

    /// Generates what is missing off the async threads, stores the plan, and loads the result.
    pub(super) async fn carry_out(&self, ctx: &Ctx, plan: Plan, actor: Actor) -> Result<(), Fault> {
        let created = self.generate(ctx, plan.create).await?;
        let (at, mut update, transaction) = (ctx.clone(), plan.update, created.clone());
        self.database
            .write::<_, Fault, _>(move |w| {
                Box::pin(async move {
                    for key in &transaction {
                        storage::signing_keys::insert(w, key).await?;
                        let detail = json!({"algorithm": key.algorithm.as_str(), "signs_from": key.activates_at.to_string()});
                        let (actor, target) = (actor.clone(), Some(key.kid.clone()));
                        record(w, &at, Happened { actor, action: "signing_key.created", target, detail }).await?;
                    }
                    for key in &mut update {
                        outlive_api_keys(w, key).await?;
                        storage::signing_keys::update_life(w, key).await?;
                        let detail = json!({"retired_at": key.retired_at.map(|at| at.to_string())});
                        let (actor, target) = (actor.clone(), Some(key.kid.clone()));
                        record(w, &at, Happened { actor, action: "signing_key.scheduled", target, detail }).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        self.load_keys(ctx.now).await
    }

    pub(super) async fn load_keys(&self, now: Timestamp) -> Result<(), Fault> {
        let mut reader = self.database.read().await?;
        let records = storage::signing_keys::list(&mut reader, now).await?;
        self.keys.replace(&records, &self.sealer, now)
    }

    fn schedule(&self, records: &[SigningKeyRecord], now: Timestamp) -> Plan {
        let all: Vec<_> = records.iter().collect();
        let mut plan = Plan::default();
        for algorithm in Algorithm::ALL {
            let Some(current) = active(&all, algorithm, now) else {
                plan.create.push((algorithm, now));
                continue;
            };
            let rotates_at = current.activates_at.plus(self.settings.keys.rotate_every);
            let ahead = self.settings.keys.publish_ahead;
            let has_next = records
                .iter()
                .any(|key| key.algorithm == algorithm && key.activates_at > now);
            if !has_next && now >= rotates_at.minus(ahead) {
                plan.create.push((algorithm, rotates_at.max(now.plus(ahead))));
            }
            plan.update.extend(self.retire_before(records, current));
        }
        plan
    }

    /// Keys that `current` has taken over from and that do not know it yet.
    fn retire_before(
        &self,
        records: &[SigningKeyRecord],
        current: &SigningKeyRecord,
    ) -> Vec<SigningKeyRecord> {
        let older = records.iter().filter(|key| {
            key.algorithm == current.algorithm
                && key.retired_at.is_none()
                && key.kid != current.kid
                && key.activates_at <= current.activates_at
        });
        older.map(|key| self.retired(key, current.activates_at)).collect()
    }

    /// `key` as it is when it signs nothing more from `at` on.
    pub(super) fn retired(&self, key: &SigningKeyRecord, at: Timestamp) -> SigningKeyRecord {
        let mut key = key.clone();
        key.retired_at = Some(at);
        key.remove_at = Some(at.plus(self.longest_signed_life()));
        key
    }

    /// How long the last thing a key signed can live.
    fn longest_signed_life(&self) -> Duration {
        let tokens = &self.settings.tokens;
        tokens.longest_access_ttl.max(tokens.id_token_ttl) + tokens.leeway
    }

    async fn generate(
        &self,
        ctx: &Ctx,
        wanted: Vec<(Algorithm, Timestamp)>,
    ) -> Result<Vec<SigningKeyRecord>, Fault> {
        // RSA keys take a tenth of a second each: side by side, and not on the async threads.
        let tasks = wanted.into_iter().map(|(algorithm, activates_at)| {
            let key = tokio::task::spawn_blocking(move || SigningKey::generate(algorithm));
            async move {
                let key = key
                    .await
                    .map_err(|_| Fault::Sealed("key generation was cut short"))??;
                let private_sealed =
                    self.sealer
                        .seal(SEAL_PURPOSE, &key.to_private_bytes(), ctx.random.as_ref())?;
                Ok(SigningKeyRecord {
                    kid: key.kid().to_owned(),
                    algorithm,
                    public_jwk: serde_json::Value::Object(key.public_jwk()),
                    private_sealed,
                    created_at: ctx.now,
                    activates_at,
                    retired_at: None,
                    remove_at: None,
                })
            }
        });
        futures::future::try_join_all(tasks).await
    }
}

/// Services verify API keys offline: what signed one is published as long as it lives.
async fn outlive_api_keys(w: &mut Writer, key: &mut SigningKeyRecord) -> Result<(), StorageError> {
    if let Some(remove_at) = key.remove_at {
        let last = storage::api_keys::last_signed_by(w, &key.kid).await?;
        key.remove_at = Some(last.map_or(remove_at, |last| last.max(remove_at)));
    }
    Ok(())
}
