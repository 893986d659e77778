//! An invitation: for one mailbox, into one account, as one role, for a while.
//! Refuses to tell the whole address to whoever has the link.

use super::{InvitationId, TeamRole};
use crate::clock::Timestamp;
use crate::email::Email;
use crate::iam::AccountId;
use crate::id::UserId;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Invitation {
    pub id: InvitationId,
    pub account_id: AccountId,
    pub email: Email,
    pub role: TeamRole,
    pub invited_by: UserId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub accepted_at: Option<Timestamp>,
    /// Withdrawn, or replaced by a newer one.
    pub revoked_at: Option<Timestamp>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum InvitationState {
    Open,
    Accepted,
    Revoked,
    Expired,
}

impl Invitation {
    pub fn state(&self, now: Timestamp) -> InvitationState {
        match (self.accepted_at, self.revoked_at) {
            (Some(_), _) => InvitationState::Accepted,
            (None, Some(_)) => InvitationState::Revoked,
            (None, None) if now >= self.expires_at => InvitationState::Expired,
            (None, None) => InvitationState::Open,
        }
    }
}

/// Enough for its owner to recognise the address: the first letter and the host.
pub fn address_hint(email: &Email) -> String {
    let (local, host) = email.as_str().rsplit_once('@').unwrap_or_default();
    let first: String = local.chars().take(1).collect();
    format!("{first}…@{host}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SystemRandom;
    use std::time::Duration;

    #[test]
    fn a_hint_names_the_host_and_one_letter() {
        for (address, hint) in [
            ("grace@example.org", "g…@example.org"),
            ("g@example.org", "g…@example.org"),
            ("é.b@example.org", "é…@example.org"),
        ] {
            assert_eq!(address_hint(&address.parse().unwrap()), hint);
        }
    }

    #[test]
    fn what_ended_it_first_is_what_it_says() {
        let start = Timestamp::from_micros(1_000_000);
        let open = Invitation {
            id: InvitationId::random(&SystemRandom),
            account_id: "123456789012".parse().unwrap(),
            email: "grace@example.org".parse().unwrap(),
            role: TeamRole::Member,
            invited_by: UserId::random(&SystemRandom),
            created_at: start,
            expires_at: start.plus(Duration::from_secs(10)),
            accepted_at: None,
            revoked_at: None,
        };
        assert_eq!(open.state(start), InvitationState::Open);
        assert_eq!(open.state(open.expires_at), InvitationState::Expired);
        let accepted = Invitation {
            accepted_at: Some(start),
            ..open.clone()
        };
        assert_eq!(accepted.state(open.expires_at), InvitationState::Accepted);
        let revoked = Invitation {
            revoked_at: Some(start),
            ..open
        };
        assert_eq!(revoked.state(start), InvitationState::Revoked);
    }
}
