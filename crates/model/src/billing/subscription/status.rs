//! The states of a subscription, what may follow on each, and what its owner may ask for in it.
//! Refuses to leave a final state and to go back to the beginning.

use std::fmt;

/// As the gateway names them.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SubscriptionStatus {
    /// Its owner has still to authorise it.
    Created,
    /// Authorised, not yet paid.
    Authenticated,
    Active,
    /// A collection failed and is tried again.
    Pending,
    /// All tries failed.
    Halted,
    Paused,
    Cancelled,
    /// All its periods are over.
    Completed,
    /// It was never authorised.
    Expired,
}

/// What an owner may ask for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SubscriptionCommand {
    /// Another plan or quantity.
    Change,
    Pause,
    Resume,
    Cancel,
}

/// What can't be in the state that it is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not in this state: {0}")]
pub struct SubscriptionRefusal(pub SubscriptionStatus);

impl SubscriptionStatus {
    pub const ALL: [Self; 9] = [
        Self::Created,
        Self::Authenticated,
        Self::Active,
        Self::Pending,
        Self::Halted,
        Self::Paused,
        Self::Cancelled,
        Self::Completed,
        Self::Expired,
    ];

    pub const fn as_str(self) -> &'static str {
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

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    pub const fn is_final(self) -> bool {
        matches!(self, Self::Cancelled | Self::Completed | Self::Expired)
    }

    /// Whether its next news are waited for: somebody has to act, or money is on its way.
    pub const fn waits(self) -> bool {
        matches!(self, Self::Created | Self::Authenticated | Self::Pending)
    }

    /// How far it has come, for news of the same second.
    pub(super) const fn rank(self) -> u8 {
        match self {
            Self::Created => 0,
            Self::Authenticated => 1,
            Self::Active => 2,
            Self::Pending => 3,
            Self::Halted => 4,
            Self::Paused => 5,
            Self::Cancelled => 6,
            Self::Completed => 7,
            Self::Expired => 8,
        }
    }

    /// The state that the gateway tells of, if it can follow on this one. News may be lost: it can have come far at once.
    ///
    /// # Errors
    /// What can't follow.
    pub const fn after(self, told: Self) -> Result<Self, SubscriptionRefusal> {
        let refused = Err(SubscriptionRefusal(self));
        if self.is_final() {
            return if self.rank() == told.rank() {
                Ok(self)
            } else {
                refused
            };
        }
        match told {
            Self::Created | Self::Authenticated if told.rank() < self.rank() => refused,
            // Only what nobody has authorised expires.
            Self::Expired if self.rank() > Self::Created.rank() => refused,
            told => Ok(told),
        }
    }

    /// Whether its owner may ask for this now.
    ///
    /// # Errors
    /// When not.
    pub const fn allows(self, command: SubscriptionCommand) -> Result<(), SubscriptionRefusal> {
        use SubscriptionCommand as C;
        let may = match command {
            C::Change => matches!(self, Self::Authenticated | Self::Active),
            C::Pause => matches!(self, Self::Active),
            C::Resume => matches!(self, Self::Paused),
            C::Cancel => !self.is_final(),
        };
        if may {
            Ok(())
        } else {
            Err(SubscriptionRefusal(self))
        }
    }
}

impl fmt::Display for SubscriptionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl SubscriptionCommand {
    pub const ALL: [Self; 4] = [Self::Change, Self::Pause, Self::Resume, Self::Cancel];
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row a state, each column what is told, in the order of `ALL`.
    const TABLE: [&str; 9] = [
        "yyyyyyyyy", // created
        "nyyyyyyyn", // authenticated
        "nnyyyyyyn", // active
        "nnyyyyyyn", // pending
        "nnyyyyyyn", // halted
        "nnyyyyyyn", // paused
        "nnnnnnynn", // cancelled
        "nnnnnnnyn", // completed
        "nnnnnnnny", // expired
    ];

    #[test]
    fn every_state_after_every_state() {
        for (from, row) in SubscriptionStatus::ALL.into_iter().zip(TABLE) {
            for (told, expected) in SubscriptionStatus::ALL.into_iter().zip(row.chars()) {
                let expected = match expected {
                    'y' => Ok(told),
                    _ => Err(SubscriptionRefusal(from)),
                };
                assert_eq!(from.after(told), expected, "{from} {told}");
            }
        }
    }

    /// In the order of `ALL`: change, pause, resume, cancel.
    const COMMANDS: [&str; 9] = [
        "nnny", "ynny", "yyny", "nnny", "nnny", "nnyy", "nnnn", "nnnn", "nnnn",
    ];

    #[test]
    fn every_command_in_every_state() {
        for (status, row) in SubscriptionStatus::ALL.into_iter().zip(COMMANDS) {
            for (command, expected) in SubscriptionCommand::ALL.into_iter().zip(row.chars()) {
                assert_eq!(
                    status.allows(command).is_ok(),
                    expected == 'y',
                    "{status} {command:?}"
                );
            }
        }
    }

    #[test]
    fn every_state_reads_back() {
        for status in SubscriptionStatus::ALL {
            assert_eq!(SubscriptionStatus::from_name(status.as_str()), Some(status));
        }
    }
}
