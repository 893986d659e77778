//! Licences: which plan an account has, why, and until when.
//! Refuses to outlast its end: what is past `valid_until` is expired, whatever was written.

use crate::clock::Timestamp;
use crate::iam::AccountId;
use crate::id::{Id, Kind};

use super::Plan;

#[derive(Debug)]
pub struct LicenceKind;
impl Kind for LicenceKind {
    const PREFIX: &'static str = "lic";
}
pub type LicenceId = Id<LicenceKind>;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LicenceStatus {
    Active,
    /// A payment failed and is tried again: it still gives what the plan has.
    PastDue,
    /// It gives nothing until it is resumed.
    Paused,
    Cancelled,
    /// Its end has come.
    Expired,
}

impl LicenceStatus {
    pub const ALL: [Self; 5] = [
        Self::Active,
        Self::PastDue,
        Self::Paused,
        Self::Cancelled,
        Self::Expired,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Whether the account has what the plan has.
    pub const fn gives(self) -> bool {
        matches!(self, Self::Active | Self::PastDue)
    }
}

/// Who has bound the plan to the account.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum LicenceSource {
    /// Nobody: the default plan.
    Default,
    /// An operator, by hand.
    Admin,
    /// A subscription, by the gateway's id of it.
    Subscription(String),
}

/// What the account's licence is to be from now on, instead of what it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Binding {
    pub account: AccountId,
    /// The plan's id; one that is configured.
    pub plan: String,
    pub seats: u32,
    pub status: LicenceStatus,
    /// None: until it is bound anew.
    pub valid_until: Option<Timestamp>,
    pub source: LicenceSource,
}

/// What binds an account to a plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Licence {
    /// None for the default one, which nobody has written.
    pub id: Option<LicenceId>,
    pub binding: Binding,
    pub valid_from: Timestamp,
}

impl Licence {
    /// What an account has that nobody has bound to anything, from when it was made.
    pub fn by_default(account: AccountId, plan: &Plan, made_at: Timestamp) -> Self {
        Self {
            id: None,
            binding: Binding {
                account,
                plan: plan.id.clone(),
                seats: plan.seats,
                status: LicenceStatus::Active,
                valid_until: None,
                source: LicenceSource::Default,
            },
            valid_from: made_at,
        }
    }

    pub fn status_at(&self, now: Timestamp) -> LicenceStatus {
        let over = self.binding.valid_until.is_some_and(|until| until <= now);
        match self.binding.status {
            given if over && given.gives() => LicenceStatus::Expired,
            other => other,
        }
    }

    /// Whether the account has its plan at `now`; else it has the default one.
    pub fn gives_at(&self, now: Timestamp) -> bool {
        self.status_at(now).gives()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::{Currency, Prices};

    #[test]
    fn a_licence_ends_by_the_clock_without_anybody_writing_it() {
        let account: AccountId = "123456789012".parse().unwrap();
        let plan = Plan::built_in("free", Currency::INR, &Prices::default());
        let mut licence = Licence::by_default(account, &plan, Timestamp::EPOCH);
        assert!(licence.gives_at(Timestamp::FAR_FUTURE));
        let end = Timestamp::from_seconds(100);
        licence.binding.valid_until = Some(end);
        licence.binding.status = LicenceStatus::PastDue;
        assert!(licence.gives_at(Timestamp::from_seconds(99)));
        assert_eq!(licence.status_at(end), LicenceStatus::Expired);
        licence.binding.status = LicenceStatus::Cancelled;
        assert_eq!(licence.status_at(end), LicenceStatus::Cancelled);
    }

    #[test]
    fn every_status_reads_back() {
        for status in LicenceStatus::ALL {
            assert_eq!(LicenceStatus::from_name(status.as_str()), Some(status));
        }
    }
}
