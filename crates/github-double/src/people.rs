//! People, organizations and repositories as a test describes them.
//! Holds no credentials: signing in is a click.

use serde::{Deserialize, Serialize};

/// Somebody who can sign in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The number that never changes; 0 asks for a free one.
    #[serde(default)]
    pub id: u64,
    /// The name in addresses, which can change hands.
    pub login: String,
    /// The display name.
    #[serde(default)]
    pub name: Option<String>,
    /// Addresses; the primary one should be verified, or the person gets no token.
    #[serde(default)]
    pub emails: Vec<Email>,
}

/// An address of a person.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Email {
    /// The address.
    pub email: String,
    /// Whether it is the main one.
    #[serde(default)]
    pub primary: bool,
    /// Whether the person has proved to own it.
    #[serde(default)]
    pub verified: bool,
    /// Whether the profile shows it.
    #[serde(default)]
    pub public: bool,
}

/// An owner of repositories that is not a person.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Organization {
    /// The number that never changes; 0 asks for a free one.
    #[serde(default)]
    pub id: u64,
    /// The name in addresses.
    pub login: String,
    /// Logins of the people who belong to it.
    #[serde(default)]
    pub members: Vec<String>,
}

/// A repository.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repository {
    /// The number that never changes; 0 asks for a free one.
    #[serde(default)]
    pub id: u64,
    /// The login of its owner.
    pub owner: String,
    /// The name below the owner.
    pub name: String,
    /// Whether only some can see it.
    #[serde(default)]
    pub private: bool,
}

impl Person {
    /// A person with a verified primary address `<login>@example.com`.
    #[must_use]
    pub fn new(login: &str) -> Self {
        Self {
            id: 0,
            login: login.to_owned(),
            name: None,
            emails: vec![Email::primary(&format!("{login}@example.com"))],
        }
    }

    /// Gives the person a display name.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// Replaces the addresses.
    #[must_use]
    pub fn with_emails(mut self, emails: impl IntoIterator<Item = Email>) -> Self {
        self.emails = emails.into_iter().collect();
        self
    }

    pub(crate) fn primary_is_verified(&self) -> bool {
        self.emails.iter().any(|email| email.primary && email.verified)
    }

    pub(crate) fn public_email(&self) -> Option<&str> {
        let shown = self.emails.iter().find(|email| email.public)?;
        Some(&shown.email)
    }
}

impl Email {
    /// A verified primary address that the profile does not show.
    #[must_use]
    pub fn primary(email: &str) -> Self {
        Self {
            email: email.to_owned(),
            primary: true,
            verified: true,
            public: false,
        }
    }

    /// A verified further address.
    #[must_use]
    pub fn secondary(email: &str) -> Self {
        Self {
            primary: false,
            ..Self::primary(email)
        }
    }

    /// The same address before the person has proved to own it.
    #[must_use]
    pub fn unverified(mut self) -> Self {
        self.verified = false;
        self
    }

    /// The same address, shown in the profile.
    #[must_use]
    pub fn shown(mut self) -> Self {
        self.public = true;
        self
    }
}

impl Organization {
    /// An organization with these members.
    #[must_use]
    pub fn new<'a>(login: &str, members: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            id: 0,
            login: login.to_owned(),
            members: members.into_iter().map(str::to_owned).collect(),
        }
    }
}

impl Repository {
    /// A private repository.
    #[must_use]
    pub fn new(owner: &str, name: &str) -> Self {
        Self {
            id: 0,
            owner: owner.to_owned(),
            name: name.to_owned(),
            private: true,
        }
    }
}
