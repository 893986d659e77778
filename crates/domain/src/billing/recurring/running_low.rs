//! A wallet runs low: its people are told, and its mandate collects, both in the write that moved the balance.
//! Refuses to tell twice of one crossing, and to collect twice at a time, too often, or for an account that is leaving.

use std::time::Duration;

use model::Ctx;
use model::billing::{
    Collection, CollectionId, CollectionState, Mandate, MandateStatus, Money, OrderPurpose, OrderState,
    PaymentOrder,
};
use model::iam::AccountId;
use storage::{StorageError, Writer};

use super::BillingNews;
use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;

const DAY: Duration = Duration::from_secs(86_400);

impl Authority {
    /// What a changed balance means for what recurs.
    pub(crate) async fn watch_balance(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        account: &AccountId,
        (before, after): (i64, i64),
    ) -> Result<(), Fault> {
        if after < before {
            self.tell_low(w, ctx, account, (before, after)).await?;
        }
        self.collect_if_below(w, ctx, account, after).await
    }

    /// Once for each crossing: a balance that is below already has been told of.
    async fn tell_low(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        account: &AccountId,
        (before, after): (i64, i64),
    ) -> Result<(), Fault> {
        let own = storage::low_balances::find(w, account).await?;
        let limit = own.unwrap_or(self.settings.billing.recurring.low_balance);
        if before < limit || after >= limit {
            return Ok(());
        }
        let money = |minor| Money::new(minor, self.settings.billing.currency);
        let news = BillingNews::LowBalance {
            balance: money(after),
            limit: money(limit),
        };
        self.tell_readers(w, ctx, account, news).await
    }

    /// Looks at the wallet as it is.
    pub(super) async fn collect_if_low(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        account: &AccountId,
    ) -> Result<(), Fault> {
        let wallet = storage::ledger::find_wallet(w, account).await?;
        let balance = wallet.map_or(0, |wallet| wallet.balance);
        self.collect_if_below(w, ctx, account, balance).await
    }

    async fn collect_if_below(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        account: &AccountId,
        balance: i64,
    ) -> Result<(), Fault> {
        let found = storage::mandates::find_living(w, account).await?;
        let collects = |mandate: &Mandate| {
            mandate.status == MandateStatus::Active
                && mandate.token.is_some()
                && balance < mandate.terms.threshold
        };
        let Some(mandate) = found.filter(collects) else {
            return Ok(());
        };
        let since = ctx.now.minus(DAY);
        let begun = storage::collections::count_since(w, &mandate.id.to_string(), since).await?;
        if begun >= i64::from(self.settings.billing.recurring.collections_per_day) {
            tracing::info!(%account, begun, "a wallet is low, and has been filled up as often as it may be");
            return Ok(());
        }
        if is_leaving(w, account).await? {
            return Ok(());
        }
        self.begin_collection(w, ctx, &mandate).await
    }

    /// The database lets one be open at a time.
    async fn begin_collection(&self, w: &mut Writer, ctx: &Ctx, mandate: &Mandate) -> Result<(), Fault> {
        let notice = self.settings.billing.recurring.notice;
        let collection = due(ctx, mandate, notice);
        if !storage::collections::insert(w, &collection).await? {
            return Ok(());
        }
        storage::payment_orders::insert(w, &order_of(&collection)).await?;
        let job = Job::Collect {
            collection: collection.id,
        };
        self.enqueue_at(w, ctx, &job, collection.next_at).await?;
        if notice.is_zero() {
            return Ok(());
        }
        let news = BillingNews::CollectionAhead {
            amount: collection.amount,
            at: collection.next_at,
        };
        self.tell_readers(w, ctx, &mandate.account, news).await
    }
}

/// Whether the account's root user has asked for its end.
pub(super) async fn is_leaving(w: &mut Writer, account: &AccountId) -> Result<bool, StorageError> {
    let Some(root) = storage::accounts::find_root(w, account).await? else {
        return Ok(true);
    };
    Ok(storage::account_deletions::find(w, root).await?.is_some())
}

fn due(ctx: &Ctx, mandate: &Mandate, notice: Duration) -> Collection {
    Collection {
        id: CollectionId::random(ctx.random.as_ref()),
        mandate: mandate.id,
        account: mandate.account.clone(),
        amount: Money::new(mandate.terms.amount.min(mandate.terms.most), mandate.currency),
        state: CollectionState::Open,
        payment: None,
        failures: 0,
        next_at: ctx.now.plus(notice),
        created_at: ctx.now,
        settled_at: None,
    }
}

/// What the gateway will be asked for under the same name.
fn order_of(collection: &Collection) -> PaymentOrder {
    PaymentOrder {
        id: collection.id,
        gateway_id: None,
        account: collection.account.clone(),
        purpose: OrderPurpose::Autopay,
        amount: collection.amount,
        state: OrderState::Opening,
        created_at: collection.created_at,
        paid_at: None,
        payment: None,
        looks: 0,
    }
}
