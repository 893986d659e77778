//! API keys: credentials that people make for programs, all kinds in one model.
//! Refuses to be more than its maker: what a key may do is judged against what its maker may do now.

use std::fmt;
use std::time::Duration;

use ipnet::IpNet;
use oauth::permission::PermissionSet;
use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::id::{AccessTokenId, UserId};
use crate::secret::SecretDigest;

mod limits;
mod overlap;

pub use limits::{
    AddressError, Addresses, KeyLife, KeyLifeError, KeyName, KeyNameError, Repositories, RepositoryError,
};
pub use overlap::{KeyOverlap, KeyOverlapError};

/// Keys share their ids with access tokens, so that `jti` means one thing everywhere.
pub type ApiKeyId = AccessTokenId;

/// Which surface a key is made for; it decides the form of its text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// `ecloud_` and a signed JWT: can be verified offline.
    Token,
    /// `ch_live_`.
    Api,
    /// `ci_`, for repositories.
    Cli,
    /// For services of the operator.
    Service,
    /// For administration.
    Admin,
}

impl KeyKind {
    pub const ALL: [Self; 5] = [Self::Token, Self::Api, Self::Cli, Self::Service, Self::Admin];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Api => "api",
            Self::Cli => "cli",
            Self::Service => "service",
            Self::Admin => "admin",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether only administrators make keys of this kind.
    pub const fn is_for_administrators(self) -> bool {
        matches!(self, Self::Service | Self::Admin)
    }

    /// The built-in client of the surface that such keys are made at.
    pub const fn client_id(self) -> &'static str {
        match self {
            Self::Token => "first-party.tokens",
            Self::Api | Self::Admin => "first-party.v1",
            Self::Cli | Self::Service => "first-party.console",
        }
    }
}

impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A key as it is stored; its text was shown once.
#[derive(Clone)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub kind: KeyKind,
    /// Who made it and whom it speaks for.
    pub user_id: UserId,
    pub secret: SecretDigest,
    /// The first characters of its text.
    pub prefix: String,
    pub name: KeyName,
    /// As asked for; what of it counts is judged at each use.
    pub permissions: PermissionSet,
    pub repositories: Repositories,
    /// From where it may be used.
    pub addresses: Addresses,
    /// Requests a minute, where it has a figure of its own.
    pub rate_limit: Option<u32>,
    /// The key of ours that has signed it, when it is a JWT.
    pub signing_kid: Option<String>,
    pub created_at: Timestamp,
    /// [`Timestamp::FAR_FUTURE`] for never.
    pub expires_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    /// The key that was made to take its place.
    pub replaced_by: Option<ApiKeyId>,
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// When it ends by itself, if it does.
    pub fn expiry(&self) -> Option<Timestamp> {
        (self.expires_at < Timestamp::FAR_FUTURE).then_some(self.expires_at)
    }

    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// For how long it was made.
    pub fn life(&self) -> KeyLife {
        match self.expiry() {
            None => KeyLife::Never,
            Some(expiry) => KeyLife::For(expiry.since(self.created_at)),
        }
    }
}

/// Why a key ended before its time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyEnd {
    /// By its owner, or whoever holds it.
    Revoked,
    /// With the account of its owner.
    OwnerGone,
    /// It was found in a public place.
    Leaked,
}

impl KeyEnd {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::OwnerGone => "owner_gone",
            Self::Leaked => "leaked",
        }
    }
}

/// Which networks a key may be used from.
pub fn allows(addresses: &[IpNet], address: std::net::IpAddr) -> bool {
    let address = address.to_canonical();
    addresses.is_empty() || addresses.iter().any(|network| network.contains(&address))
}

/// A day, in which lives are counted.
pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);
