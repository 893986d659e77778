//! Wire types and pure rules of OAuth 2 and OpenID Connect, one noun per module.
//! Refuses I/O, clocks and randomness: callers hand in bytes and instants.

pub mod acr;
pub mod api_key;
pub mod authorization;
pub mod authorization_response;
pub mod bearer;
pub mod challenge;
pub mod claims;
pub mod claims_request;
pub mod client_auth;
pub mod client_cert;
pub mod confirmation;
pub mod dpop;
pub mod error;
pub mod introspection;
pub mod logout;
pub mod metadata;
pub mod opaque;
pub mod params;
pub mod permission;
pub mod pkce;
pub mod prompt;
pub mod redirect_uri;
pub mod registration;
pub mod resource;
pub mod resource_metadata;
pub mod response;
pub mod revocation;
pub mod revocation_index;
pub mod revocation_rule;
pub mod revocations;
pub mod scope;
pub mod secret;
pub mod step_up;
pub mod token;
pub mod token_exchange;
