//! Removing what is older than it has to be kept, from the front of each chain.
//! Refuses to leave a hole: a signature vouches for the hash that the first entry kept has before it.

use model::audit::checkpoint::Purpose;
use model::{Ctx, Timestamp};
use storage::audit_chains::Chain;
use storage::{StorageError, audit_chains, audit_checkpoints, audit_entries};

use crate::authority::Authority;
use crate::fault::Fault;

const CHAINS: i64 = 200;
/// So many entries go in one transaction.
const PORTION: i64 = 1000;

impl Authority {
    /// Removes entries older than the retention; returns how many those were.
    ///
    /// # Errors
    /// Storage, or no key; what was removed before stays removed.
    pub async fn prune_audit_log(&self, ctx: &Ctx) -> Result<u64, Fault> {
        let before = ctx.now.minus(self.settings.audit_retention);
        let (mut removed, mut after) = (0, String::new());
        loop {
            let mut reader = self.database.read().await?;
            let chains = audit_chains::list_after(&mut reader, &after, CHAINS).await?;
            drop(reader);
            let Some(last) = chains.last() else {
                return Ok(removed);
            };
            after.clone_from(&last.account);
            for chain in chains {
                removed += self.prune_chain(ctx, &chain.account, before).await?;
            }
        }
    }

    async fn prune_chain(&self, ctx: &Ctx, account: &str, before: Timestamp) -> Result<u64, Fault> {
        let mut removed = 0;
        loop {
            let mut reader = self.database.read().await?;
            let chain = audit_chains::find(&mut reader, account).await?;
            let last = audit_entries::last_before(&mut reader, account, before).await?;
            let (Some(chain), Some(last)) = (chain, last) else {
                return Ok(removed);
            };
            let last = last.min(chain.first.0.saturating_add(PORTION - 1));
            let hash = audit_entries::hash_at(&mut reader, account, last).await?;
            drop(reader);
            let Some(hash) = hash else {
                // Somebody has tampered with it: what is left is evidence.
                tracing::error!(account, seq = last, "the audit log has a hole and is not pruned");
                return Ok(removed);
            };
            match self.cut(ctx, &chain, (last, hash)).await? {
                0 => return Ok(removed),
                rows => removed += rows,
            }
        }
    }

    async fn cut(
        &self,
        ctx: &Ctx,
        chain: &Chain,
        (last, hash): (i64, model::audit::ChainHash),
    ) -> Result<u64, Fault> {
        let number = chain.pruned_times.saturating_add(1);
        let statement = self.statement(Purpose::Pruned, &chain.account, (number, last, hash));
        let signed = self.sign_statement(ctx, &statement)?;
        let chain = chain.clone();
        let work = self.database.write::<_, StorageError, _>(move |w| {
            Box::pin(async move {
                let account = &chain.account;
                let held = audit_chains::hold(w, account).await?;
                if held.first != chain.first {
                    return Ok(0);
                }
                let erased = audit_entries::count_erased(w, account, last).await?;
                let first = (last.saturating_add(1), hash);
                if !audit_chains::pruned(w, &chain, first, (&signed.jws, erased)).await? {
                    return Ok(0);
                }
                signed.keep_key(w).await?;
                audit_checkpoints::delete_before(w, account, last).await?;
                audit_entries::delete_up_to(w, account, last).await
            })
        });
        Ok(work.await?)
    }
}
