//! How someone proved who they are: what ID and access tokens tell about it.
//! Refuses to claim more than happened (O40).

pub use oauth::acr::{KNOWN as ACR_VALUES, MFA as ACR_MFA, PASSWORD as ACR_PASSWORD, satisfies};
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// The event behind a session: when, by which methods (RFC 8176), to which class.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Authentication {
    pub at: Timestamp,
    pub amr: Vec<String>,
    pub acr: String,
}

impl Authentication {
    /// By a link or code from the mailbox of the account.
    pub fn by_mailbox(at: Timestamp) -> Self {
        Self {
            at,
            amr: vec!["otp".to_owned()],
            acr: ACR_PASSWORD.to_owned(),
        }
    }

    /// At another provider. How it knew them is its own affair.
    pub fn by_federation(at: Timestamp) -> Self {
        Self {
            at,
            amr: vec!["fed".to_owned()],
            acr: ACR_PASSWORD.to_owned(),
        }
    }

    /// What was proven first, and then a code.
    pub fn with_second_factor(at: Timestamp, first: Vec<String>) -> Self {
        Self::of_two_factors(at, first, &["otp", "mfa"])
    }

    /// A passkey that has verified its user: what one has, and what one knows or is. `first` is what was proven before it,
    /// if anything.
    pub fn with_passkey(at: Timestamp, first: Vec<String>) -> Self {
        Self::of_two_factors(at, first, &["pop", "user", "mfa"])
    }

    fn of_two_factors(at: Timestamp, mut amr: Vec<String>, methods: &[&str]) -> Self {
        for method in methods {
            if !amr.iter().any(|known| known == method) {
                amr.push((*method).to_owned());
            }
        }
        Self {
            at,
            amr,
            acr: ACR_MFA.to_owned(),
        }
    }

    pub fn by_password(at: Timestamp) -> Self {
        Self {
            at,
            amr: vec!["pwd".to_owned()],
            acr: ACR_PASSWORD.to_owned(),
        }
    }
}
