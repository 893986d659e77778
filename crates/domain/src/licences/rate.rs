//! Counting what is new, rating what is beyond the plan, and debiting it.
//! Refuses to move money before every counter and wallet of the batch is held: two batches never wait for each other.

use model::Ctx;
use model::billing::entitlement::{beyond, charge, refusal};
use model::billing::{Feature, LedgerAccount, Month, MovementKind, Price, Transfer, day};
use model::iam::AccountId;
use model::revocation::RevocationTarget;
use storage::usage::{Counter, Day};
use storage::{StorageError, Writer};

use super::report::News;
use super::{Counted, Held};
use crate::authority::Authority;
use crate::billing::{Draft, Posted};
use crate::revocation;

/// A counter of the batch, held until the write ends.
struct Rated {
    account: AccountId,
    feature: Option<Feature>,
    /// As it was before.
    used: i64,
    /// As it is now.
    counter: Counter,
    quantity: i64,
    delta: i64,
    /// The wallet before.
    balance: i64,
}

impl Authority {
    pub(super) async fn count_usage(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        news: News,
    ) -> Result<Vec<Counted>, StorageError> {
        let month = self.settings.billing.month(ctx.now);
        let mut rated: Vec<Rated> = Vec::with_capacity(news.len());
        let mut held: Option<Held> = None;
        for ((account, metric), quantity) in news {
            let plan = match held.take().filter(|held| held.licence.binding.account == account) {
                Some(held) => held,
                None => self.held(w, ctx, &account).await?,
            };
            let what = (&account, metric.as_str(), quantity);
            rated.push(self.rated(w, (what, month), &plan).await?);
            held = Some(plan);
        }
        // From here on nothing is waited for but the log's head, which is held to the end.
        for one in rated.iter().filter(|one| one.quantity > 0) {
            self.debit(w, ctx, one).await?;
        }
        self.tell_flips(w, ctx, &rated).await?;
        let counted = rated.into_iter().map(|one| Counted {
            account: one.account,
            metric: one.counter.metric,
            used: count(one.counter.used),
            limit: one.feature.and_then(|feature| feature.limit),
            month,
        });
        Ok(counted.collect())
    }

    async fn rated(
        &self,
        w: &mut Writer,
        ((account, metric, quantity), month): ((&AccountId, &str, i64), Month),
        held: &Held,
    ) -> Result<Rated, StorageError> {
        let counter = storage::usage::add(w, (account, metric), month.start, quantity).await?;
        let feature = held.plan.feature(metric).cloned();
        let price = self.settings.billing.prices.find(metric);
        let used = counter.used - quantity;
        let mut rated = Rated {
            account: account.clone(),
            feature,
            used,
            counter,
            quantity,
            delta: 0,
            balance: 0,
        };
        if let Some(price) = price.filter(|_| rated.is_paid()) {
            rated.rate(price).ok_or_else(uncountable)?;
            let currency = self.settings.billing.currency;
            rated.balance = storage::ledger::hold_wallet(w, account, currency).await?.balance;
        }
        Ok(rated)
    }

    async fn debit(&self, w: &mut Writer, ctx: &Ctx, one: &Rated) -> Result<(), StorageError> {
        let day = Day {
            metric: one.counter.metric.clone(),
            day: day(ctx.now, &self.settings.billing.time_zone),
            used: one.quantity,
            charged: one.delta,
        };
        storage::usage::add_day(w, &one.account, &day).await?;
        if one.counter.billable > 0 {
            storage::usage::bill(w, &one.account, &one.counter).await?;
        }
        if one.delta == 0 {
            return Ok(());
        }
        match self.post(w, ctx, draft(one)).await? {
            Posted::New { .. } => Ok(()),
            // The counter was held and moved on: this place in it has never been paid for.
            Posted::Already | Posted::Short { .. } => Err(uncountable()),
        }
    }

    /// Where a use was the last one allowed, what is remembered of the account's entitlements ends. The ledger tells itself
    /// when a wallet becomes empty.
    async fn tell_flips(&self, w: &mut Writer, ctx: &Ctx, rated: &[Rated]) -> Result<(), StorageError> {
        let floor = -self.settings.billing.overdraft;
        let mut flipped: Vec<&AccountId> = rated
            .iter()
            .filter(|one| one.flips(floor))
            .map(|one| &one.account)
            .collect();
        flipped.dedup();
        for account in flipped {
            let target = RevocationTarget::facts_of_account(account.clone());
            revocation::append(w, &self.settings, ctx, target).await?;
        }
        Ok(())
    }
}

impl Rated {
    fn is_paid(&self) -> bool {
        let feature = self.feature.as_ref();
        feature.is_none_or(|feature| feature.included.is_some())
    }

    fn rate(&mut self, price: &Price) -> Option<()> {
        let (before, after) = (count(self.used), count(self.counter.used));
        let billed = count(self.counter.billable);
        let more = beyond(self.feature.as_ref(), (before, after));
        self.delta = charge(price, billed, more)?;
        self.counter.billable = i64::try_from(billed.checked_add(more)?).ok()?;
        self.counter.charged = self.counter.charged.checked_add(self.delta)?;
        Some(())
    }

    /// Whether the next use is refused and this one was not, judged by the wallet as it was before.
    fn flips(&self, floor: i64) -> bool {
        let solvent = self.balance > floor;
        let refuses = |used: i64| refusal(self.feature.as_ref(), count(used), solvent).is_some();
        !refuses(self.used) && refuses(self.counter.used)
    }
}

fn draft(one: &Rated) -> Draft {
    let (account, counter) = (&one.account, &one.counter);
    let transfer = Transfer {
        debit: LedgerAccount::Wallet(account.clone()),
        credit: LedgerAccount::UsageRevenue,
        minor: one.delta,
    };
    let month = counter.period_start.as_seconds();
    Draft {
        account: account.clone(),
        kind: MovementKind::Usage,
        // How far the counter has been paid for: no two movements end at the same place.
        reference: format!("usage:{account}:{}:{month}:{}", counter.metric, counter.billable),
        transfers: vec![transfer],
        description: format!("{}: {}", counter.metric, one.quantity),
        floor: None,
    }
}

fn count(figure: i64) -> u64 {
    u64::try_from(figure).unwrap_or_default()
}

fn uncountable() -> StorageError {
    StorageError::Unavailable("usage: a sum beyond counting".to_owned())
}
