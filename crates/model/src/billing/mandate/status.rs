//! The states of a mandate and what leads from one to another.
//! Refuses to leave a final state.

use std::fmt;

/// Who has stopped it for a time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Pause {
    Owner,
    /// Nothing could be collected, and every try is used up.
    Failures,
    /// The customer, at their bank.
    Gateway,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MandateStatus {
    /// It waits for its first payment.
    Created,
    Active,
    Paused(Pause),
    Cancelled,
    /// The bank has refused it.
    Failed,
    /// Its payment never came, or its time is over.
    Expired,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum MandateEvent {
    /// The gateway may collect.
    Confirmed,
    /// The customer has stopped it at their bank.
    PausedAtGateway,
    Rejected,
    /// By its owner here, or by the customer at their bank.
    Cancelled,
    Expired,
    /// By its owner.
    Pause,
    /// By its owner.
    Resume,
    /// The last try of a collection failed.
    GiveUp,
}

/// What can't be in the state that it is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not in this state: {0}")]
pub struct MandateRefusal(pub MandateStatus);

impl MandateStatus {
    pub const ALL: [Self; 8] = [
        Self::Created,
        Self::Active,
        Self::Paused(Pause::Owner),
        Self::Paused(Pause::Failures),
        Self::Paused(Pause::Gateway),
        Self::Cancelled,
        Self::Failed,
        Self::Expired,
    ];

    /// What its owner is told.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Active => "active",
            Self::Paused(_) => "paused",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }

    /// What is kept: it tells pauses apart.
    pub const fn as_kept(self) -> &'static str {
        match self {
            Self::Paused(Pause::Owner) => "paused_by_owner",
            Self::Paused(Pause::Failures) => "paused_by_failures",
            Self::Paused(Pause::Gateway) => "paused_by_gateway",
            other => other.as_str(),
        }
    }

    pub fn from_kept(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_kept() == name)
    }

    pub const fn is_final(self) -> bool {
        matches!(self, Self::Cancelled | Self::Failed | Self::Expired)
    }

    /// The state that follows. What has happened already changes nothing and is no error.
    ///
    /// # Errors
    /// What can't be in this state.
    pub const fn after(self, event: MandateEvent) -> Result<Self, MandateRefusal> {
        use MandateEvent as E;
        Ok(match (self, event) {
            (Self::Cancelled, E::Cancelled) | (Self::Failed, E::Rejected) | (Self::Expired, E::Expired) => {
                self
            }
            (Self::Cancelled | Self::Failed | Self::Expired, _) => return Err(MandateRefusal(self)),
            (_, E::Cancelled) => Self::Cancelled,
            (_, E::Rejected) => Self::Failed,
            (_, E::Expired) => Self::Expired,
            (Self::Created | Self::Active | Self::Paused(Pause::Gateway), E::Confirmed) => Self::Active,
            // A confirmation has been lost.
            (Self::Created | Self::Active, E::PausedAtGateway) => Self::Paused(Pause::Gateway),
            (Self::Created, _) => return Err(MandateRefusal(self)),
            (Self::Active, E::Pause) => Self::Paused(Pause::Owner),
            (Self::Active, E::GiveUp) => Self::Paused(Pause::Failures),
            (Self::Active | Self::Paused(Pause::Owner | Pause::Failures), E::Resume) => Self::Active,
            (Self::Paused(Pause::Gateway), E::Resume) => return Err(MandateRefusal(self)),
            (Self::Paused(_), _) => self,
        })
    }
}

impl fmt::Display for MandateStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl MandateEvent {
    pub const ALL: [Self; 8] = [
        Self::Confirmed,
        Self::PausedAtGateway,
        Self::Rejected,
        Self::Cancelled,
        Self::Expired,
        Self::Pause,
        Self::Resume,
        Self::GiveUp,
    ];

    /// Whether nothing comes after it.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Rejected | Self::Cancelled | Self::Expired)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row a state, each column an event in the order of `ALL`; a dash is a refusal.
    const TABLE: [(&str, [&str; 8]); 8] = [
        (
            "created",
            [
                "active",
                "gateway",
                "failed",
                "cancelled",
                "expired",
                "-",
                "-",
                "-",
            ],
        ),
        (
            "active",
            [
                "active",
                "gateway",
                "failed",
                "cancelled",
                "expired",
                "owner",
                "active",
                "failures",
            ],
        ),
        (
            "owner",
            [
                "owner",
                "owner",
                "failed",
                "cancelled",
                "expired",
                "owner",
                "active",
                "owner",
            ],
        ),
        (
            "failures",
            [
                "failures",
                "failures",
                "failed",
                "cancelled",
                "expired",
                "failures",
                "active",
                "failures",
            ],
        ),
        (
            "gateway",
            [
                "active",
                "gateway",
                "failed",
                "cancelled",
                "expired",
                "gateway",
                "-",
                "gateway",
            ],
        ),
        ("cancelled", ["-", "-", "-", "cancelled", "-", "-", "-", "-"]),
        ("failed", ["-", "-", "failed", "-", "-", "-", "-", "-"]),
        ("expired", ["-", "-", "-", "-", "expired", "-", "-", "-"]),
    ];

    fn short(status: MandateStatus) -> &'static str {
        let kept = status.as_kept();
        kept.strip_prefix("paused_by_").unwrap_or(kept)
    }

    #[test]
    fn every_event_in_every_state() {
        for (status, (name, row)) in MandateStatus::ALL.into_iter().zip(TABLE) {
            assert_eq!(short(status), name);
            for (event, expected) in MandateEvent::ALL.into_iter().zip(row) {
                let found = status.after(event).map_or("-", short);
                assert_eq!(found, expected, "{status:?} {event:?}");
            }
        }
    }

    #[test]
    fn what_is_final_stays_whatever_comes() {
        for status in MandateStatus::ALL.into_iter().filter(|status| status.is_final()) {
            for event in MandateEvent::ALL {
                assert!(status.after(event).is_ok_and(|next| next == status) || status.after(event).is_err());
            }
        }
    }

    #[test]
    fn every_state_reads_back() {
        for status in MandateStatus::ALL {
            assert_eq!(MandateStatus::from_kept(status.as_kept()), Some(status));
        }
    }
}
