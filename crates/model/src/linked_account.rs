//! Accounts at other providers that sign a user in.
//! Refuses to know them by anything but the provider's own name for them: addresses and logins change hands.

use crate::clock::Timestamp;
use crate::id::UserId;

#[derive(Clone)]
pub struct LinkedAccount {
    pub provider: String,
    /// What the provider calls the account for ever.
    pub subject: String,
    pub user_id: UserId,
    pub login: Option<String>,
    pub name: Option<String>,
    pub avatar: Option<String>,
    pub email: Option<String>,
    /// Since when it is the one of its provider that is used where one has to be chosen.
    pub active_since: Option<Timestamp>,
    /// Sealed.
    pub tokens: Option<Vec<u8>>,
    pub linked_at: Timestamp,
    pub updated_at: Timestamp,
}

impl LinkedAccount {
    pub const fn is_active(&self) -> bool {
        self.active_since.is_some()
    }

    pub fn is(&self, provider: &str, subject: &str) -> bool {
        self.provider == provider && self.subject == subject
    }

    /// What its owner knows it by.
    pub fn display_name(&self) -> &str {
        let named = self.login.as_deref().or(self.email.as_deref());
        named.or(self.name.as_deref()).unwrap_or(&self.subject)
    }
}
