//! What an account may use by its plan, and how much of it is left.
//! Refuses by default: a feature that the plan does not name is not granted.

use model::Ctx;
use model::Timestamp;
use model::billing::Entitlement;
use model::billing::entitlement::refusal;
use model::billing::plan::{API_KEYS, IAM_USERS, SEATS};
use model::iam::AccountId;
use storage::{Query, StorageError};

use super::Held;
use crate::authority::Authority;
use crate::fault::Fault;

const COUNTED: [&str; 3] = [API_KEYS, SEATS, IAM_USERS];

/// An entitlement, for whoever remembers it: a word of the log about the account ends it, and the clock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Allowance {
    pub entitlement: Entitlement,
    /// From then on the clock may have changed it.
    pub until: Option<Timestamp>,
    /// Where more is to be had.
    pub billing_page: String,
}

impl Authority {
    /// Whether the account may use (one more of) the feature now.
    ///
    /// # Errors
    /// Storage.
    pub async fn entitlement(
        &self,
        ctx: &Ctx,
        account: &AccountId,
        feature: &str,
    ) -> Result<Entitlement, Fault> {
        let mut reader = self.database.read().await?;
        let held = self.held(&mut reader, ctx, account).await?;
        Ok(self.entitled(&mut reader, ctx, (account, &held, feature)).await?)
    }

    /// The same for everything that the plan names and that is counted anyway.
    ///
    /// # Errors
    /// Storage.
    pub async fn entitlements(&self, ctx: &Ctx, account: &AccountId) -> Result<Vec<Entitlement>, Fault> {
        let mut reader = self.database.read().await?;
        let held = self.held(&mut reader, ctx, account).await?;
        let mut all = Vec::new();
        for feature in names(&held) {
            all.push(self.entitled(&mut reader, ctx, (account, &held, feature)).await?);
        }
        Ok(all)
    }

    /// The same for whoever will remember the answer. `account`: that of a credential, if it acts in one.
    ///
    /// # Errors
    /// Storage.
    pub(crate) async fn allowance(
        &self,
        ctx: &Ctx,
        account: Option<&AccountId>,
        feature: &str,
    ) -> Result<Allowance, Fault> {
        let Some(account) = account else {
            return Ok(Allowance {
                entitlement: Entitlement::of_nobody(feature),
                until: None,
                billing_page: self.billing_page(),
            });
        };
        let mut reader = self.database.read().await?;
        let held = self.held(&mut reader, ctx, account).await?;
        let entitlement = self.entitled(&mut reader, ctx, (account, &held, feature)).await?;
        let reset = entitlement.resets_at.filter(|_| !entitlement.granted);
        Ok(Allowance {
            until: [held.ends_at(), reset].into_iter().flatten().min(),
            entitlement,
            billing_page: self.billing_page(),
        })
    }

    pub(crate) async fn entitled(
        &self,
        q: &mut impl Query,
        ctx: &Ctx,
        (account, held, name): (&AccountId, &Held, &str),
    ) -> Result<Entitlement, StorageError> {
        if is_counted(name) {
            return self.counted(q, ctx, (account, held, name)).await;
        }
        let month = self.settings.billing.month(ctx.now);
        let feature = held.plan.feature(name);
        let counter = storage::usage::find(q, (account, name), month.start).await?;
        let (used, billed) = counter.map_or((0, 0), |counter| (counter.used, counter.billable));
        let [used, billed] = [used, billed].map(|units| u64::try_from(units).unwrap_or_default());
        let included = feature.and_then(|feature| feature.included);
        let money = match included {
            Some(_) => self.available(q, account).await?,
            None => 0,
        };
        let price = included.and(self.settings.billing.prices.find(name));
        let reason = refusal(feature, used, money > 0);
        let limit = feature.and_then(|feature| feature.limit);
        let resets = limit.is_some() || included.is_some();
        Ok(Entitlement {
            feature: name.to_owned(),
            granted: reason.is_none(),
            limit,
            included,
            used,
            paid_for: price.and_then(|price| price.begun_with(money, billed)),
            reason,
            resets_at: resets.then_some(month.end),
        })
    }

    /// What is there until somebody takes it away.
    async fn counted(
        &self,
        q: &mut impl Query,
        ctx: &Ctx,
        (account, held, name): (&AccountId, &Held, &str),
    ) -> Result<Entitlement, StorageError> {
        let (used, default) = match name {
            SEATS => (storage::memberships::count(q, account).await?, None),
            IAM_USERS => {
                let most = self.settings.iam.users;
                (storage::iam_users::count(q, account).await?, Some(most))
            }
            _ => {
                let most = u64::try_from(self.settings.api_keys.most_per_user).ok();
                (self.count_keys_of_root(q, ctx, account).await?, most)
            }
        };
        let used = u64::try_from(used).unwrap_or_default();
        let limit = held.most(name).or(default);
        let full = limit.is_some_and(|limit| used >= limit);
        Ok(Entitlement {
            feature: name.to_owned(),
            granted: !full,
            limit,
            included: None,
            used,
            paid_for: None,
            reason: full.then_some(model::billing::Reason::LimitReached),
            resets_at: None,
        })
    }

    async fn count_keys_of_root(
        &self,
        q: &mut impl Query,
        ctx: &Ctx,
        account: &AccountId,
    ) -> Result<i64, StorageError> {
        match storage::accounts::find_root(q, account).await? {
            Some(root) => storage::api_keys::count_live(q, root, ctx.now).await,
            None => Ok(0),
        }
    }

    /// What the wallet can still pay, down to its floor.
    async fn available(&self, q: &mut impl Query, account: &AccountId) -> Result<i64, StorageError> {
        let wallet = storage::ledger::find_wallet(q, account).await?;
        let balance = wallet.map_or(0, |wallet| wallet.balance);
        Ok(balance.saturating_add(self.settings.billing.overdraft))
    }
}

/// Whether it is counted as it stands, and not reported.
pub(super) fn is_counted(name: &str) -> bool {
    COUNTED.contains(&name)
}

/// In the plan's order, then what is counted whether or not it is named.
fn names(held: &Held) -> impl Iterator<Item = &str> {
    let named = held.plan.features.iter().map(|feature| feature.name.as_str());
    let counted = COUNTED.into_iter();
    named.chain(counted.filter(|name| held.plan.feature(name).is_none()))
}
