//! Who tells what was used: a proxy, a service, or a program for its own account.
//! Refuses to be made by anybody else, and to speak for accounts that are not its own without being trusted with all.

use model::iam::AccountId;

use crate::clients::KnownClient;
use crate::oauth::TokenFacts;

/// Whoever reports. Keys of reports are its own: two reporters may use the same ones.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reporter {
    pub(super) name: String,
    /// The only account it speaks for; none: for all.
    pub(super) only: Option<AccountId>,
}

impl Reporter {
    /// A proxy speaks for every account; nothing for a client that is none.
    pub fn proxy(client: &KnownClient) -> Option<Self> {
        client.settings.proxy.then(|| Self {
            name: format!("client:{}", client.id),
            only: None,
        })
    }

    /// The operator's own hand: tests and the command line. Speaks for every account.
    pub fn operator(name: &str) -> Self {
        Self {
            name: format!("operator:{name}"),
            only: None,
        }
    }

    /// Whoever has a service key is trusted with every account.
    pub fn service(token: &TokenFacts) -> Self {
        Self {
            name: name(token),
            only: None,
        }
    }

    /// A credential that speaks for the account it acts in.
    pub fn of_account(token: &TokenFacts, account: AccountId) -> Self {
        Self {
            name: name(token),
            only: Some(account),
        }
    }
}

/// A token that a key was exchanged for is the same reporter as the key; a key that replaces another is a new one.
fn name(token: &TokenFacts) -> String {
    match token.key_id {
        Some(key) => format!("key:{key}"),
        None => format!("{}:{}", token.client_id, token.subject()),
    }
}
