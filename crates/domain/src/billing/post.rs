//! Writing a movement into the ledger: the only way anything moves.
//! Refuses to move twice for one reason, and to take a wallet below its floor unless the draft allows it.

use model::Ctx;
use model::billing::{Movement, MovementId, MovementKind, Transfer};
use model::iam::AccountId;
use storage::{StorageError, Writer};

use crate::authority::Authority;

/// A movement that is to be.
#[derive(Clone, Debug)]
pub struct Draft {
    pub account: AccountId,
    pub kind: MovementKind,
    /// What it is about: nothing moves twice for the same.
    pub reference: String,
    /// At least one, the first of them what the movement is about; all in the deployment's currency. No wallet but that of
    /// `account` may be among them.
    pub transfers: Vec<Transfer>,
    pub description: String,
    /// The wallet may not go below this by it; no floor for what has been used already.
    pub floor: Option<i64>,
}

/// What became of a draft.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Posted {
    /// It is written; the wallet's balance before and after.
    New { id: MovementId, before: i64, after: i64 },
    /// It was there already, and nothing was written.
    Already,
    /// The wallet has too little, and nothing was written.
    Short { balance: i64 },
}

impl Authority {
    /// Adds a movement to the write. Whoever writes calls [`Authority::catch_up`] and rings for jobs after the commit.
    ///
    /// # Errors
    /// Storage; also sums that can't be counted, and a wallet of another currency.
    pub async fn post(&self, w: &mut Writer, ctx: &Ctx, draft: Draft) -> Result<Posted, StorageError> {
        let currency = self.settings.billing.currency;
        let wallet = storage::ledger::hold_wallet(w, &draft.account, currency).await?;
        if wallet.currency != currency {
            return Err(uncountable("a wallet of another currency"));
        }
        if storage::ledger::is_known(w, &draft.reference).await? {
            return Ok(Posted::Already);
        }
        let floor = draft.floor;
        let movement = Movement {
            id: MovementId::random(ctx.random.as_ref()),
            account: draft.account,
            kind: draft.kind,
            reference: draft.reference,
            currency,
            transfers: draft.transfers,
            description: draft.description,
            at: ctx.now,
            day: self.settings.billing.day(ctx.now),
        };
        let change = movement.wallet_change();
        let change = change.ok_or_else(|| uncountable("a sum beyond counting"))?;
        let after = wallet.balance.checked_add(change);
        let after = after.ok_or_else(|| uncountable("a balance beyond counting"))?;
        if change < 0 && floor.is_some_and(|floor| after < floor) {
            return Ok(Posted::Short {
                balance: wallet.balance,
            });
        }
        storage::ledger::insert(w, &movement, &wallet, after).await?;
        self.crossed(w, ctx, &movement.account, (wallet.balance, after))
            .await?;
        Ok(Posted::New {
            id: movement.id,
            before: wallet.balance,
            after,
        })
    }
}

fn uncountable(why: &str) -> StorageError {
    StorageError::Unavailable(format!("ledger: {why}"))
}
