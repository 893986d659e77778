//! The public keys that checkpoints were signed with: kept, sealed, as long as there are checkpoints.
//! Refuses a key that somebody has put into the table by hand: only this server can seal one.

use jose::{KeySet, SigningKey};
use model::Ctx;
use serde_json::{Map, Value};
use storage::{StorageError, audit_checkpoints};

use crate::authority::Authority;
use crate::fault::Fault;

const PURPOSE: &str = "audit-key";

impl Authority {
    /// The public half of a key that is about to sign, sealed.
    pub(super) fn sealed_audit_key(&self, ctx: &Ctx, key: &SigningKey) -> Result<Vec<u8>, Fault> {
        let jwk = Value::Object(key.public_jwk()).to_string();
        self.sealer.seal(PURPOSE, jwk.as_bytes(), ctx.random.as_ref())
    }

    /// Every key that has signed a checkpoint, as JWKs.
    ///
    /// # Errors
    /// Storage, or a key that this server has not sealed.
    pub async fn audit_keys(&self) -> Result<Vec<Map<String, Value>>, Fault> {
        let mut reader = self.database.read().await?;
        let stored = audit_checkpoints::list_keys(&mut reader).await?;
        drop(reader);
        stored
            .iter()
            .map(|(kid, sealed)| self.open_audit_key(kid, sealed))
            .collect()
    }

    pub(super) async fn audit_key_set(&self) -> Result<KeySet, Fault> {
        let keys = self.audit_keys().await?;
        KeySet::from_public_jwks(keys).map_err(|_| Fault::Sealed("the keys of the audit log are unusable"))
    }

    fn open_audit_key(&self, kid: &str, sealed: &[u8]) -> Result<Map<String, Value>, Fault> {
        let plain = self.sealer.open(PURPOSE, sealed)?;
        let jwk: Map<String, Value> = serde_json::from_slice(&plain)
            .map_err(|_| Fault::Sealed("a key of the audit log can't be read"))?;
        match jwk.get("kid").and_then(Value::as_str) == Some(kid) {
            true => Ok(jwk),
            false => Err(Fault::Sealed("a key of the audit log has another name")),
        }
    }

    /// Seals the keys anew that are still under an older master key, so that that one can be taken away.
    pub(super) async fn reseal_audit_keys(&self, ctx: &Ctx) -> Result<(), Fault> {
        let mut reader = self.database.read().await?;
        let stored = audit_checkpoints::list_keys(&mut reader).await?;
        drop(reader);
        let outdated = stored
            .iter()
            .filter(|(_, sealed)| !self.sealer.is_current(sealed));
        let resealed: Vec<(String, Vec<u8>)> = outdated
            .map(|(kid, sealed)| {
                let plain = self.sealer.open(PURPOSE, sealed)?;
                Ok((
                    kid.clone(),
                    self.sealer.seal(PURPOSE, &plain, ctx.random.as_ref())?,
                ))
            })
            .collect::<Result<_, Fault>>()?;
        if resealed.is_empty() {
            return Ok(());
        }
        let work = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move {
                for (kid, sealed) in resealed {
                    audit_checkpoints::reseal_key(w, &kid, &sealed).await?;
                }
                Ok(())
            })
        });
        Ok(work.await?)
    }
}
