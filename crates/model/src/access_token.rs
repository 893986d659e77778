//! Opaque access tokens as stored.
//! Refuses to hold JWTs: those carry their facts themselves and leave no row.

use oauth::confirmation::Confirmation;
use oauth::scope::ScopeSet;

use crate::client::ClientId;
use crate::clock::Timestamp;
use crate::iam::AccountId;
use crate::id::{AccessTokenId, GrantId, SessionId, UserId};
use crate::secret::SecretDigest;

#[derive(Clone)]
pub struct OpaqueAccessToken {
    pub digest: SecretDigest,
    pub id: AccessTokenId,
    pub client_id: ClientId,
    /// Absent for client credentials.
    pub grant_id: Option<GrantId>,
    pub session_id: Option<SessionId>,
    pub user_id: Option<UserId>,
    /// The account it acts in, for the tokens of those signed in with us.
    pub account_id: Option<AccountId>,
    pub scopes: ScopeSet,
    pub audience: Vec<String>,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
    /// The key whose holder alone may use it.
    pub confirmation: Confirmation,
}
