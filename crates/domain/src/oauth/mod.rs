//! OAuth 2 and OpenID Connect: from the authorization request to the end of the last token.
//! Refuses to know HTTP: requests come parsed, answers go out typed.

mod account;
pub mod authenticate_client;
pub mod authorize;
pub mod check;
pub mod consent;
pub mod first_party;
pub mod flow;
pub mod id_token_hint;
pub mod introspect;
mod issue;
mod known_tokens;
pub mod logout;
pub mod proof;
pub mod revoke;
mod scopes;

mod standing;
pub mod token;
pub mod userinfo;

pub use first_party::{FirstParty, RefreshError, Renewal, is_first_party};
pub(crate) use issue::{AccessKeyOrder, ExchangeOrder};
pub use known_tokens::KnownToken;
pub(crate) use known_tokens::KnownTokens;
pub(crate) use standing::ACCESS_TOKEN_TYPE;
pub use standing::TokenFacts;

pub(crate) use scopes::IDENTITY as IDENTITY_SCOPES;

/// Whether a scope is one of the standard ones about the user, which need no declaration.
pub fn is_identity_scope(name: &str) -> bool {
    scopes::IDENTITY.contains(&name)
}
