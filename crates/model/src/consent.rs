//! What a user has allowed a client, remembered so that they are not asked again.
//! Refuses to widen: a scope that was not on the page is asked for anew.

use oauth::scope::ScopeSet;

use crate::client::ClientId;
use crate::clock::Timestamp;
use crate::id::UserId;

#[derive(Clone, Debug)]
pub struct Consent {
    pub user_id: UserId,
    pub client_id: ClientId,
    pub scopes: ScopeSet,
    pub granted_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Consent {
    pub fn covers(&self, requested: &ScopeSet) -> bool {
        requested.is_subset(&self.scopes)
    }
}
