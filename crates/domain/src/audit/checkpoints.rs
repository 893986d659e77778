//! Signing how far each chain has come, from time to time.
//! Refuses to sign twice for the same number, whichever replica is faster.

use model::Ctx;
use model::audit::ChainHash;
use model::audit::checkpoint::{Checkpoint, Purpose};
use storage::audit_chains::Chain;
use storage::audit_checkpoints::StoredCheckpoint;
use storage::{StorageError, Writer, audit_chains, audit_checkpoints};

use crate::authority::Authority;
use crate::fault::Fault;

/// So many chains are looked at in one go.
const CHAINS: i64 = 200;

/// A signed statement with the key that it takes to check it.
pub(super) struct SignedCheckpoint {
    pub jws: String,
    kid: String,
    jwk_sealed: Vec<u8>,
}

impl SignedCheckpoint {
    /// The key is kept with the first thing that it has signed.
    pub async fn keep_key(&self, w: &mut Writer) -> Result<(), StorageError> {
        audit_checkpoints::insert_key(w, &self.kid, &self.jwk_sealed).await
    }
}

impl Authority {
    /// Signs for every chain that has at least `fewest` entries after its last checkpoint; returns how many those were.
    ///
    /// # Errors
    /// Storage, or no key.
    pub async fn sign_checkpoints(&self, ctx: &Ctx, fewest: i64) -> Result<u64, Fault> {
        self.reseal_audit_keys(ctx).await?;
        let (mut signed, mut after) = (0, String::new());
        loop {
            let mut reader = self.database.read().await?;
            let chains = audit_chains::list_unsigned(&mut reader, &after, (fewest.max(1), CHAINS)).await?;
            drop(reader);
            let Some(last) = chains.last() else {
                return Ok(signed);
            };
            after.clone_from(&last.account);
            for chain in chains {
                signed += u64::from(self.sign_checkpoint(ctx, chain).await?);
            }
        }
    }

    async fn sign_checkpoint(&self, ctx: &Ctx, chain: Chain) -> Result<bool, Fault> {
        let (before, number) = (chain.checkpoint.0, chain.checkpoint.0.saturating_add(1));
        let checkpoint = self.statement(Purpose::Interval, &chain.account, (number, chain.seq, chain.hash));
        let signed = self.sign_statement(ctx, &checkpoint)?;
        let (account, seq, hash) = (chain.account, chain.seq, chain.hash);
        let stored = StoredCheckpoint {
            number,
            seq,
            jws: signed.jws.clone(),
        };
        let owner = account.clone();
        let work = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move {
                if !audit_chains::signed(w, &owner, before, (number, seq)).await? {
                    return Ok(false);
                }
                signed.keep_key(w).await?;
                audit_checkpoints::insert(w, &owner, &stored).await?;
                Ok(true)
            })
        });
        let done = work.await?;
        if done {
            // Whoever keeps logs elsewhere has it there, too: what is removed here with its checkpoint is found by that.
            tracing::info!(account, seq, %hash, number, "audit checkpoint");
        }
        Ok(done)
    }

    pub(super) fn statement(
        &self,
        purpose: Purpose,
        account: &str,
        (number, seq, hash): (i64, i64, ChainHash),
    ) -> Checkpoint {
        Checkpoint {
            purpose,
            account: account.to_owned(),
            number,
            seq,
            hash,
            iat: self.clock.now().as_seconds(),
            export: None,
        }
    }

    pub(super) fn sign_statement(
        &self,
        ctx: &Ctx,
        checkpoint: &Checkpoint,
    ) -> Result<SignedCheckpoint, Fault> {
        let ring = self.keys.snapshot();
        let key = ring.signer(self.settings.keys.default_algorithm)?;
        Ok(SignedCheckpoint {
            jws: checkpoint.sign(key)?,
            kid: key.kid().to_owned(),
            jwk_sealed: self.sealed_audit_key(ctx, key)?,
        })
    }
}
