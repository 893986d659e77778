//! What follows when a balance has changed, in the write that changed it.
//! Refuses to look at anything but the two balances: who spent and why is the movement's business.

use model::Ctx;
use model::Timestamp;
use model::iam::AccountId;
use model::revocation::RevocationTarget;
use storage::{StorageError, Writer};

use crate::authority::Authority;
use crate::fault::Fault;
use crate::revocation;

impl Authority {
    /// Facts about what the account may do are read anew everywhere when its wallet became empty or has something again; what
    /// recurs looks whether it runs low.
    pub(crate) async fn crossed(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        account: &AccountId,
        (before, after): (i64, i64),
    ) -> Result<(), StorageError> {
        self.watch_balance(w, ctx, account, (before, after))
            .await
            .map_err(stored)?;
        let floor = -self.settings.billing.overdraft;
        if (before > floor) != (after > floor) {
            let target = RevocationTarget::Account(account.clone(), Timestamp::EPOCH);
            revocation::append(w, &self.settings, ctx, target).await?;
        }
        Ok(())
    }
}

/// Sealing a letter is all that can fail besides.
fn stored(fault: Fault) -> StorageError {
    match fault {
        Fault::Storage(error) => error,
        other => StorageError::Unavailable(other.to_string()),
    }
}
