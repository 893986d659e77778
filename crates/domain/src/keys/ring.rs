//! The keys a running server signs and verifies with, read without locks.
//! Refuses to sign with a key that is not active.

use std::sync::Arc;

use arc_swap::ArcSwap;
use jose::{Algorithm, KeySet, SigningKey};
use model::Timestamp;
use model::signing_key::{KeyState, SigningKeyRecord};

use crate::fault::Fault;
use crate::sealing::Sealer;

pub(super) const SEAL_PURPOSE: &str = "signing-key";

/// The current snapshot; replaced as a whole when keys change.
#[derive(Default)]
pub struct KeyRing(ArcSwap<RingSnapshot>);

#[derive(Default)]
pub struct RingSnapshot {
    signers: Vec<Arc<SigningKey>>,
    verifiers: KeySet,
    /// The key set document (RFC 7517 §5), ready to serve.
    pub jwks: String,
    /// Identifies the snapshot's content: the key ids and which of them sign.
    pub fingerprint: String,
    /// Counts the snapshots: what one of them has verified, a later one may not.
    pub generation: u64,
}

impl RingSnapshot {
    /// The key that signs `algorithm` now.
    ///
    /// # Errors
    /// [`Fault::NoSigningKey`] before keys were loaded.
    pub fn signer(&self, algorithm: Algorithm) -> Result<&SigningKey, Fault> {
        let found = self.signers.iter().find(|key| key.algorithm() == algorithm);
        found.map(AsRef::as_ref).ok_or(Fault::NoSigningKey(algorithm))
    }

    /// Everything published, for verifying our own tokens.
    pub const fn verifiers(&self) -> &KeySet {
        &self.verifiers
    }

    pub fn is_ready(&self) -> bool {
        Algorithm::ALL
            .iter()
            .all(|algorithm| self.signer(*algorithm).is_ok())
    }
}

impl KeyRing {
    pub fn snapshot(&self) -> arc_swap::Guard<Arc<RingSnapshot>> {
        self.0.load()
    }

    /// Replaces the snapshot by what is stored; keeps key objects that did not change.
    pub(super) fn replace(
        &self,
        records: &[SigningKeyRecord],
        sealer: &Sealer,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let fingerprint = fingerprint(records, now);
        let old = self.0.load();
        if old.fingerprint == fingerprint {
            return Ok(());
        }
        let published: Vec<_> = records.iter().filter(|record| record.is_published(now)).collect();
        let public = published
            .iter()
            .filter_map(|record| record.public_jwk.as_object().cloned());
        let verifiers =
            KeySet::from_public_jwks(public).map_err(|_| Fault::Sealed("stored key set is unusable"))?;
        let mut signers = Vec::new();
        for algorithm in Algorithm::ALL {
            if let Some(record) = active(&published, algorithm, now) {
                signers.push(signer(record, &old.signers, sealer)?);
            }
        }
        let jwks = verifiers.to_json().to_string();
        self.0.store(Arc::new(RingSnapshot {
            signers,
            verifiers,
            jwks,
            fingerprint,
            generation: old.generation + 1,
        }));
        Ok(())
    }
}

/// The youngest active key.
pub(super) fn active<'r>(
    records: &[&'r SigningKeyRecord],
    algorithm: Algorithm,
    now: Timestamp,
) -> Option<&'r SigningKeyRecord> {
    let candidates = records
        .iter()
        .filter(|key| key.algorithm == algorithm && key.state(now) == KeyState::Active);
    candidates
        .max_by_key(|key| (key.activates_at, key.kid.clone()))
        .copied()
}

fn signer(
    record: &SigningKeyRecord,
    known: &[Arc<SigningKey>],
    sealer: &Sealer,
) -> Result<Arc<SigningKey>, Fault> {
    if let Some(key) = known.iter().find(|key| key.kid() == record.kid) {
        return Ok(key.clone());
    }
    let private = sealer.open(SEAL_PURPOSE, &record.private_sealed)?;
    Ok(Arc::new(SigningKey::from_private_bytes(
        record.algorithm,
        &private,
    )?))
}

fn fingerprint(records: &[SigningKeyRecord], now: Timestamp) -> String {
    let mut text = String::new();
    for record in records {
        let state = match record.state(now) {
            KeyState::Next => 'n',
            KeyState::Active => 'a',
            KeyState::Retired => 'r',
            KeyState::Removed => 'x',
        };
        text.push_str(&record.kid);
        text.push(state);
    }
    text
}
