//! What is told by mail about money: to the root user, and to members who look after the bills.
//! Refuses mailboxes that nobody has confirmed.

use model::billing::Money;
use model::iam::AccountId;
use model::team::TeamRole;
use model::user::User;
use model::{Ctx, Timestamp};
use serde::{Deserialize, Serialize};
use storage::{StorageError, Writer};

use crate::authority::Authority;
use crate::fault::Fault;
use crate::jobs::Job;
use crate::mail::{Letter, Message};

/// As many members read about one account's bills.
const MOST_MEMBERS: i64 = 200;

/// What has happened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillingNews {
    LowBalance {
        balance: Money,
        limit: Money,
    },
    /// Money will be collected.
    CollectionAhead {
        amount: Money,
        at: Timestamp,
    },
    /// It could not be, and is tried again.
    CollectionFailed {
        amount: Money,
        reason: String,
        next_at: Timestamp,
    },
    /// Every try is used up.
    AutopayPaused {
        amount: Money,
        reason: String,
    },
    /// The bank has ended or stopped the mandate.
    AutopayStopped {
        status: String,
    },
    SubscriptionPending {
        plan: String,
        until: Option<Timestamp>,
    },
    SubscriptionHalted {
        plan: String,
    },
    SubscriptionEnded {
        plan: String,
        until: Option<Timestamp>,
    },
}

impl Authority {
    /// In a write; the caller rings.
    pub(super) async fn tell_readers(
        &self,
        w: &mut Writer,
        ctx: &Ctx,
        account: &AccountId,
        news: BillingNews,
    ) -> Result<(), Fault> {
        let found = storage::accounts::find(w, account).await?;
        let title = found.map_or_else(|| account.to_string(), |account| account.title);
        for reader in readers(w, account).await? {
            let message = Message::Billing {
                account: title.clone(),
                link: format!("{}{}?account={account}", self.settings.issuer, page(&news)),
                news: news.clone(),
            };
            let letter = Letter::to_user(ctx, &reader, message);
            self.enqueue(w, ctx, &Job::Send(letter)).await?;
        }
        Ok(())
    }
}

/// Where something can be done about it.
const fn page(news: &BillingNews) -> &'static str {
    match news {
        BillingNews::LowBalance { .. } => "/account/billing",
        BillingNews::CollectionAhead { .. }
        | BillingNews::CollectionFailed { .. }
        | BillingNews::AutopayPaused { .. }
        | BillingNews::AutopayStopped { .. } => "/account/billing/autopay",
        BillingNews::SubscriptionPending { .. }
        | BillingNews::SubscriptionHalted { .. }
        | BillingNews::SubscriptionEnded { .. } => "/account/billing/plan",
    }
}

async fn readers(w: &mut Writer, account: &AccountId) -> Result<Vec<User>, StorageError> {
    let root = storage::accounts::find_root(w, account).await?;
    let (members, _) = storage::memberships::list(w, account, (MOST_MEMBERS, 0)).await?;
    let mut readers = Vec::new();
    for member in members {
        let membership = member.membership;
        if membership.role != TeamRole::Billing && Some(membership.user_id) != root {
            continue;
        }
        let user = storage::users::find_standing(w, membership.user_id).await?;
        readers.extend(user.filter(|user| user.email_verified_at.is_some()));
    }
    Ok(readers)
}
