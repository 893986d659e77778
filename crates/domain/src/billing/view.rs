//! What an account sees of its books: the overview, and the movements one by one.
//! Refuses nothing itself: whoever asks brings a permit for `billing:View`.

use model::Ctx;
use model::billing::{LedgerEntry, Money, MovementKind, Overview};
use model::iam::AccountId;
use storage::{Reader, StorageError};

use crate::authority::Authority;
use crate::fault::Fault;
use crate::iam::Permit;

const PORTION: i64 = 500;

/// The balance, and what led to it.
#[derive(Clone, Debug)]
pub struct BillingOverview {
    pub balance: Money,
    pub overview: Overview,
}

/// Which movements.
pub type Kind = Option<MovementKind>;

/// All movements of an account, or those of a kind, in portions.
pub struct TransactionExport {
    authority: Authority,
    account: AccountId,
    kind: Kind,
    /// The next one's place.
    from: i64,
}

impl Authority {
    /// # Errors
    /// Storage.
    pub async fn billing_overview(&self, ctx: &Ctx, permit: &Permit) -> Result<BillingOverview, Fault> {
        let mut reader = self.database.read().await?;
        Ok(self.overview_of(&mut reader, ctx, permit.account()).await?)
    }

    pub(super) async fn overview_of(
        &self,
        reader: &mut Reader,
        ctx: &Ctx,
        account: &AccountId,
    ) -> Result<BillingOverview, StorageError> {
        let settings = &self.settings.billing;
        let today = settings.day(ctx.now);
        let wallet = storage::ledger::find_wallet(reader, account).await?;
        let days = storage::ledger::list_days(reader, account, Overview::since(today)).await?;
        let balance = wallet.map_or(0, |wallet| wallet.balance);
        Ok(BillingOverview {
            balance: Money::new(balance, settings.currency),
            overview: Overview::of(today, balance, &days),
        })
    }

    /// A part of the movements, by offset and limit, the newest first, and how many there are. What is added meanwhile shifts no part.
    ///
    /// # Errors
    /// Storage.
    pub async fn list_transactions(
        &self,
        permit: &Permit,
        kind: Kind,
        part: (i64, i64),
    ) -> Result<(Vec<LedgerEntry>, i64), Fault> {
        let mut reader = self.database.read().await?;
        Ok(part_of(&mut reader, permit.account(), (kind, part)).await?)
    }

    /// All of what there is now, the newest first.
    ///
    /// # Errors
    /// Storage.
    pub async fn export_transactions(&self, permit: &Permit, kind: Kind) -> Result<TransactionExport, Fault> {
        self.transactions_of(permit.account(), kind).await
    }

    pub(crate) async fn transactions_of(
        &self,
        account: &AccountId,
        kind: Kind,
    ) -> Result<TransactionExport, Fault> {
        let mut reader = self.database.read().await?;
        let from = count(&mut reader, account, kind).await?;
        Ok(TransactionExport {
            authority: self.clone(),
            account: account.clone(),
            kind,
            from,
        })
    }
}

pub(super) async fn part_of(
    reader: &mut Reader,
    account: &AccountId,
    (kind, (offset, limit)): (Kind, (i64, i64)),
) -> Result<(Vec<LedgerEntry>, i64), StorageError> {
    let total = count(reader, account, kind).await?;
    let part = (total.saturating_sub(offset), limit);
    let entries = storage::ledger::list(reader, account, kind, part).await?;
    Ok((entries, total))
}

async fn count(reader: &mut Reader, account: &AccountId, kind: Kind) -> Result<i64, StorageError> {
    match kind {
        Some(kind) => storage::ledger::count_of_kind(reader, account, kind).await,
        None => {
            let wallet = storage::ledger::find_wallet(reader, account).await?;
            Ok(wallet.map_or(0, |wallet| wallet.movements))
        }
    }
}

impl TransactionExport {
    /// How many are still to come.
    pub const fn left(&self) -> i64 {
        self.from
    }

    /// The next ones; none when all were had.
    ///
    /// # Errors
    /// Storage.
    pub async fn next(&mut self) -> Result<Vec<LedgerEntry>, Fault> {
        let mut reader = self.authority.database.read().await?;
        let part = (self.from, PORTION);
        let entries = storage::ledger::list(&mut reader, &self.account, self.kind, part).await?;
        self.from -= i64::try_from(entries.len()).unwrap_or(self.from);
        Ok(entries)
    }
}
