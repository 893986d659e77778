//! How someone proved who they are: what ID and access tokens tell about it.
//! Refuses to claim more than happened (O40).

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// The authentication context classes this server knows, weakest first.
pub const ACR_VALUES: &[&str] = &[ACR_PASSWORD];
/// One factor: a password, a mail, or another provider's word.
pub const ACR_PASSWORD: &str = "urn:authz:acr:password";

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

    pub fn by_password(at: Timestamp) -> Self {
        Self {
            at,
            amr: vec!["pwd".to_owned()],
            acr: ACR_PASSWORD.to_owned(),
        }
    }
}
