//! The scopes and resource servers an operator has declared.
//! Refuses names nobody declared: an unknown scope or audience can't be granted.

use oauth::scope::{Scope, ScopeSet};
use serde::{Deserialize, Serialize};

use crate::client::AccessTokenFormat;

/// A scope someone may grant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ScopeDefinition {
    pub name: Scope,
    /// What the consent page says it allows.
    pub description: String,
    /// Claims about the user it releases at userinfo.
    pub claims: Vec<String>,
}

/// A resource server: an audience with the scopes it knows (RFC 8707).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ResourceServer {
    pub audience: String,
    pub name: String,
    pub scopes: ScopeSet,
    pub access_token_format: Option<AccessTokenFormat>,
}

/// Everything declared, in the order of declaration.
#[derive(Clone, Default, Debug)]
pub struct Registry {
    pub scopes: Vec<ScopeDefinition>,
    pub resources: Vec<ResourceServer>,
}

impl Registry {
    pub fn scope(&self, name: &str) -> Option<&ScopeDefinition> {
        self.scopes.iter().find(|scope| scope.name.as_str() == name)
    }

    pub fn resource(&self, audience: &str) -> Option<&ResourceServer> {
        self.resources
            .iter()
            .find(|resource| resource.audience == audience)
    }
}
