//! A grant: one authorization of a client by a user; the family of a code, its refresh tokens and access tokens.
//! Refuses to come back: an ended grant stays ended.

use oauth::claims_request::ClaimsRequest;
use oauth::scope::ScopeSet;

use crate::authentication::Authentication;
use crate::client::ClientId;
use crate::clock::Timestamp;
use crate::iam::AccountId;
use crate::id::{GrantId, SessionId, UserId};

#[derive(Clone, Debug)]
pub struct Grant {
    pub id: GrantId,
    pub user_id: UserId,
    pub client_id: ClientId,
    /// The session it was given in.
    pub session_id: SessionId,
    /// With `offline_access` it outlives that session (OIDC Core §11).
    pub offline: bool,
    pub scopes: ScopeSet,
    /// Audiences granted with `resource` (RFC 8707); empty: the client's default.
    pub resources: Vec<String>,
    pub claims: Option<ClaimsRequest>,
    pub nonce: Option<String>,
    pub authentication: Authentication,
    /// The account that was chosen at the sign-in; none: the user's own.
    pub account_id: Option<AccountId>,
    pub created_at: Timestamp,
    /// The absolute end of the refresh chain (O17).
    pub expires_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

impl Grant {
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.expires_at
    }

    /// The session whose end takes the grant along; none for an offline grant.
    pub fn bound_session(&self) -> Option<SessionId> {
        (!self.offline).then_some(self.session_id)
    }
}

/// Why a grant ended; kept for the operator.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GrantEnd {
    CodeReplayed,
    RefreshTokenReplayed,
    Revoked,
    ConsentWithdrawn,
    SessionEnded,
    /// The password or the address was changed.
    CredentialChanged,
    RoleChanged,
    UserDisabled,
    UserErased,
    ClientDeleted,
    /// The user works in the account no more.
    MembershipEnded,
    AccountEnded,
}

impl GrantEnd {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CodeReplayed => "code_replayed",
            Self::RefreshTokenReplayed => "refresh_token_replayed",
            Self::Revoked => "revoked",
            Self::ConsentWithdrawn => "consent_withdrawn",
            Self::SessionEnded => "session_ended",
            Self::CredentialChanged => "credential_changed",
            Self::RoleChanged => "role_changed",
            Self::UserDisabled => "user_disabled",
            Self::UserErased => "user_erased",
            Self::ClientDeleted => "client_deleted",
            Self::MembershipEnded => "membership_ended",
            Self::AccountEnded => "account_ended",
        }
    }
}
