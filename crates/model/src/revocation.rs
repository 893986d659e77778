//! What a revocation ends and for how long that must be remembered.
//! Refuses to be undone: there is no event that revives.

use crate::api_key::ApiKeyId;
use crate::client::ClientId;
use crate::clock::Timestamp;
use crate::iam::AccountId;
use crate::id::{AccessTokenId, GrantId, SessionId, UserId};

/// The thing that ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RevocationTarget {
    Token(AccessTokenId),
    Session(SessionId),
    Grant(GrantId),
    /// This API key as it was known up to here, and what it was exchanged for up to the instant.
    Key(ApiKeyId, Timestamp),
    /// Everything of a user issued up to the instant.
    Subject(UserId, Timestamp),
    /// Everything issued to a client up to the instant.
    Client(ClientId, Timestamp),
    /// Everything that was issued in an account up to the instant.
    Account(AccountId, Timestamp),
}

impl RevocationTarget {
    /// Everything remembered about the user's keys is read anew; nothing that was issued ends.
    pub const fn facts_of(user: UserId) -> Self {
        Self::Subject(user, Timestamp::EPOCH)
    }

    /// Everything remembered about what the account may do is read anew; nothing that was issued ends.
    pub const fn facts_of_account(account: AccountId) -> Self {
        Self::Account(account, Timestamp::EPOCH)
    }
}

/// A revocation about to be written; its position is given by the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Revocation {
    pub target: RevocationTarget,
    /// After this the last thing it kills has expired, and it may be forgotten.
    pub until: Timestamp,
}
