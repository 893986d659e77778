//! A mail that asks its reader to prove that the mailbox is theirs, by a link or by a code typed where it was asked for.
//! Refuses a second use, and more than a few guesses of the code.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::email::Email;
use crate::id::{ChallengeId, UserId};
use crate::secret::SecretDigest;

/// How often a code may be typed wrong.
pub const MOST_GUESSES: i64 = 5;
/// How long a code may be typed; a link may work longer.
pub const CODE_TTL: Duration = Duration::from_secs(10 * 60);

/// What proving the mailbox is good for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// The address of an account is confirmed.
    VerifyEmail,
    /// An account gets this address in place of its own.
    ChangeEmail,
    /// The old address takes a change back.
    UndoEmailChange,
    /// Signing in without a password.
    MagicLink,
    /// A new password in place of a forgotten one.
    ResetPassword,
    /// The first password of an account that somebody else has made.
    Invite,
}

impl Purpose {
    const ALL: [Self; 6] = [
        Self::VerifyEmail,
        Self::ChangeEmail,
        Self::UndoEmailChange,
        Self::MagicLink,
        Self::ResetPassword,
        Self::Invite,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ChangeEmail => "change_email",
            Self::UndoEmailChange => "undo_email_change",
            Self::MagicLink => "magic_link",
            Self::ResetPassword => "reset_password",
            Self::Invite => "invite",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == text)
    }

    /// How long the link works.
    pub const fn ttl(self) -> Duration {
        const MINUTE: u64 = 60;
        const DAY: u64 = 24 * 60 * MINUTE;
        Duration::from_secs(match self {
            Self::VerifyEmail | Self::ChangeEmail => DAY,
            Self::UndoEmailChange | Self::Invite => 7 * DAY,
            Self::MagicLink => 15 * MINUTE,
            Self::ResetPassword => 30 * MINUTE,
        })
    }
}

#[derive(Clone)]
pub struct Challenge {
    pub id: ChallengeId,
    pub purpose: Purpose,
    pub user_id: UserId,
    pub email: Email,
    /// Of the link.
    pub secret: SecretDigest,
    /// The mark of the browser that asked.
    pub browser: Option<SecretDigest>,
    /// The sealed authorization request that was on its way.
    pub flow: Option<String>,
    pub attempts: i64,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub consumed_at: Option<Timestamp>,
}

impl Challenge {
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.consumed_at.is_none() && now < self.expires_at
    }

    /// Whether the code may still be typed; `attempts` counts the one that is being judged.
    pub fn takes_code(&self, now: Timestamp) -> bool {
        self.is_open(now) && self.attempts <= MOST_GUESSES && now < self.created_at.plus(CODE_TTL)
    }

    pub fn was_asked_in(&self, browser: &SecretDigest) -> bool {
        self.browser.as_ref() == Some(browser)
    }
}
