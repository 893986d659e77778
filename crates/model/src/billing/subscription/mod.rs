//! A subscription to a plan: what the gateway tells of it, and what that gives its account.
//! Refuses to believe old news, and to count money that has not come as a paid period.

mod status;

pub use status::{SubscriptionCommand, SubscriptionRefusal, SubscriptionStatus};

use std::time::Duration;

use crate::clock::Timestamp;
use crate::iam::AccountId;

use super::LicenceStatus;

/// As far as two clocks may be apart.
const SKEW: Duration = Duration::from_secs(60);

/// What it is to be with the next period.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Coming {
    /// The id of one of our plans.
    pub plan: String,
    pub quantity: u32,
    pub at: Timestamp,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subscription {
    /// The gateway's.
    pub id: String,
    pub account: AccountId,
    /// The id of one of our plans.
    pub plan: String,
    pub quantity: u32,
    pub status: SubscriptionStatus,
    pub current_start: Option<Timestamp>,
    pub current_end: Option<Timestamp>,
    /// When the gateway collects next.
    pub charge_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub paid_count: u32,
    /// The end of the last period that was paid for.
    pub paid_until: Option<Timestamp>,
    /// How many of its payments are in the books.
    pub booked_count: u32,
    /// Where its owner authorises it.
    pub short_url: Option<String>,
    /// Whether it ends with the period that runs.
    pub cancel_at_end: bool,
    /// The change that waits.
    pub coming: Option<Coming>,
    /// When the latest news of it happened, in whole seconds.
    pub told_at: Timestamp,
    pub created_at: Timestamp,
}

/// How the gateway says that a subscription is, or was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Snapshot {
    pub status: SubscriptionStatus,
    /// The id of one of our plans.
    pub plan: String,
    pub quantity: u32,
    pub current_start: Option<Timestamp>,
    pub current_end: Option<Timestamp>,
    pub charge_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub paid_count: u32,
    /// It ends with the period that runs.
    pub ends: bool,
    /// When a change is made that waits.
    pub change_at: Option<Timestamp>,
    /// To which plan of ours and how many seats, where that is told.
    pub coming: Option<(String, u32)>,
    /// When it was so.
    pub at: Timestamp,
    /// It is the answer to a question, and nothing has been told since that was asked; else it was told by an event.
    pub asked: bool,
}

/// What news have changed.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Heard {
    pub changed: bool,
    /// Which of two things came first can't be told, or a change waits and nobody has said which: the gateway should be asked.
    pub doubtful: bool,
}

impl Subscription {
    /// Takes the news. Any order and any number of the same news end alike.
    pub fn hear(&mut self, news: &Snapshot) -> Heard {
        let was = self.clone();
        self.count_paid(news);
        let at = Timestamp::from_seconds(news.at.as_seconds());
        // Answers are dated by our own clock, events by the gateway's.
        let close = at <= self.told_at && self.told_at <= at.plus(SKEW);
        let tie = close && !news.asked && news.status != self.status;
        let newer = news.asked
            || match at.cmp(&self.told_at) {
                std::cmp::Ordering::Less => news.status.is_final(),
                std::cmp::Ordering::Equal => self.progress(news),
                std::cmp::Ordering::Greater => true,
            };
        if newer && let Ok(status) = self.status.after(news.status) {
            self.status = status;
            self.told_at = self.told_at.max(at);
            self.plan.clone_from(&news.plan);
            self.quantity = news.quantity;
            self.current_start = news.current_start;
            self.current_end = news.current_end;
            self.charge_at = news.charge_at;
            self.ended_at = news.ended_at.or(status.is_final().then_some(at));
            self.cancel_at_end |= news.ends;
            self.coming = self.comes(news);
        }
        let unknown = news.change_at.is_some() && self.coming.is_none();
        Heard {
            changed: was != *self,
            doubtful: (tie || unknown) && !self.status.is_final(),
        }
    }

    fn comes(&self, news: &Snapshot) -> Option<Coming> {
        let at = news.change_at.filter(|_| !self.status.is_final())?;
        let known = || self.coming.as_ref().map(|one| (one.plan.clone(), one.quantity));
        let (plan, quantity) = news.coming.clone().or_else(known)?;
        Some(Coming { plan, quantity, at })
    }

    /// A paid period stays paid, however old the news of it are.
    pub fn count_paid(&mut self, news: &Snapshot) {
        self.paid_count = self.paid_count.max(news.paid_count);
        if news.status == SubscriptionStatus::Active && news.paid_count > 0 {
            self.paid_until = self.paid_until.max(news.current_end);
        }
    }

    fn progress(&self, news: &Snapshot) -> bool {
        let seen = (self.status.rank(), self.current_end, self.quantity);
        let told = (news.status.rank(), news.current_end, news.quantity);
        told >= seen
    }

    /// What its account has by it: how, and until when; nothing while nothing was paid. `grace`: how long a renewal that is
    /// late or failed is waited for.
    pub fn gives(&self, now: Timestamp, grace: Duration) -> Option<(LicenceStatus, Timestamp)> {
        let paid_until = self.paid_until?;
        let later = paid_until.plus(grace);
        use SubscriptionStatus as S;
        Some(match self.status {
            S::Active if !self.cancel_at_end => (LicenceStatus::Active, later),
            S::Pending => (LicenceStatus::PastDue, later),
            _ if now < paid_until => (LicenceStatus::Active, paid_until),
            S::Paused => (LicenceStatus::Paused, paid_until),
            S::Active => (LicenceStatus::Expired, paid_until),
            S::Halted | S::Cancelled | S::Completed | S::Expired | S::Created | S::Authenticated => {
                (LicenceStatus::Cancelled, paid_until)
            }
        })
    }
}

#[cfg(test)]
mod tests;
