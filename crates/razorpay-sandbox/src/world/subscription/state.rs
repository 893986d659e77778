//! The states of a subscription and what each allows.
//! Decides nothing about money.

use serde::{Deserialize, Serialize};

use crate::problem::Problem;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SubscriptionStatus {
    Created,
    Authenticated,
    Active,
    Pending,
    Halted,
    Paused,
    Cancelled,
    Completed,
    Expired,
}

impl SubscriptionStatus {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Authenticated => "authenticated",
            Self::Active => "active",
            Self::Pending => "pending",
            Self::Halted => "halted",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
            Self::Expired => "expired",
        }
    }

    /// Nothing leads out of it.
    pub(crate) const fn is_final(self) -> bool {
        matches!(self, Self::Cancelled | Self::Completed | Self::Expired)
    }

    /// Whether its instrument is charged by itself when a period begins.
    pub(crate) const fn is_charged(self) -> bool {
        matches!(self, Self::Authenticated | Self::Active | Self::Pending)
    }

    fn demand(self, fits: bool, what: &str) -> Result<(), Problem> {
        let description = || format!("Subscription cannot be {what} in {} state.", self.word());
        fits.then_some(()).ok_or_else(|| Problem::state(description()))
    }

    pub(super) fn may_be_authenticated(self) -> Result<(), Problem> {
        self.demand(matches!(self, Self::Created), "authenticated")
    }

    pub(super) fn may_be_cancelled(self) -> Result<(), Problem> {
        if self.is_final() {
            let description = format!("Subscription is not cancellable in {} status.", self.word());
            return Err(Problem::state(description));
        }
        Ok(())
    }

    pub(super) fn may_be_paused(self) -> Result<(), Problem> {
        self.demand(matches!(self, Self::Active), "paused")
    }

    pub(super) fn may_be_resumed(self) -> Result<(), Problem> {
        self.demand(matches!(self, Self::Paused), "resumed")
    }

    pub(super) fn may_be_changed(self) -> Result<(), Problem> {
        self.demand(matches!(self, Self::Authenticated | Self::Active), "updated")
    }

    pub(super) fn may_be_paid(self) -> Result<(), Problem> {
        self.demand(matches!(self, Self::Pending | Self::Halted), "charged")
    }
}

#[cfg(test)]
mod tests {
    use super::SubscriptionStatus::*;

    #[test]
    fn each_state_allows_what_it_allows() {
        let all = [
            Created,
            Authenticated,
            Active,
            Pending,
            Halted,
            Paused,
            Cancelled,
            Completed,
            Expired,
        ];
        let allowed = |judge: fn(super::SubscriptionStatus) -> bool| -> Vec<_> {
            all.into_iter().filter(|status| judge(*status)).collect()
        };
        assert_eq!(allowed(|status| status.may_be_authenticated().is_ok()), [Created]);
        assert_eq!(allowed(|status| status.may_be_paused().is_ok()), [Active]);
        assert_eq!(allowed(|status| status.may_be_resumed().is_ok()), [Paused]);
        assert_eq!(allowed(|status| status.may_be_paid().is_ok()), [Pending, Halted]);
        assert_eq!(
            allowed(|status| status.may_be_changed().is_ok()),
            [Authenticated, Active]
        );
        assert_eq!(
            allowed(|status| status.may_be_cancelled().is_err()),
            [Cancelled, Completed, Expired]
        );
    }
}
