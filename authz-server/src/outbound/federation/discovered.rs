//! What a provider's discovery document and key set say, kept for an hour.
//! Refuses a document of another issuer, and endpoints less protected than the issuer.

use std::time::Duration;

use domain::federation::UpstreamError;
use model::Timestamp;
use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
    CoreSubjectIdentifierType,
};
use openidconnect::{AdditionalProviderMetadata, DiscoveryError, IssuerUrl, ProviderMetadata};
use serde::{Deserialize, Serialize};
use url::Url;

use super::Outside;

const FRESH: Duration = Duration::from_secs(60 * 60);
/// How soon a signature by an unknown key is reason to look again.
const SOON: Duration = Duration::from_secs(60);

/// Members that the library has no names for.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Further {
    /// RFC 9207 §3.
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    /// RFC 8414 §2.
    revocation_endpoint: Option<Url>,
}

impl AdditionalProviderMetadata for Further {}

pub(super) type Metadata = ProviderMetadata<
    Further,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

pub(super) struct Discovered {
    pub metadata: Metadata,
    at: Timestamp,
}

impl Discovered {
    /// # Errors
    /// When the provider is out of reach, or its document is not its own.
    pub(super) async fn fetch(
        issuer: &IssuerUrl,
        outside: &Outside,
        now: Timestamp,
    ) -> Result<Self, UpstreamError> {
        let send = |request| outside.clone().send(request);
        let metadata = Metadata::discover_async(issuer.clone(), &send).await;
        let metadata = metadata.map_err(|error| match error {
            DiscoveryError::Validation(words) => UpstreamError::Untrusted(words),
            DiscoveryError::Request(error) => error.into(),
            DiscoveryError::Response(status, ..) => {
                UpstreamError::Unavailable(format!("discovery: {status}"))
            }
            _ => UpstreamError::Unavailable("discovery: no document of its kind".to_owned()),
        })?;
        let discovered = Self { metadata, at: now };
        discovered.check_endpoints(issuer)?;
        Ok(discovered)
    }

    fn check_endpoints(&self, issuer: &IssuerUrl) -> Result<(), UpstreamError> {
        let metadata = &self.metadata;
        let endpoints = [
            Some(metadata.authorization_endpoint().url()),
            metadata.token_endpoint().map(openidconnect::TokenUrl::url),
            metadata.userinfo_endpoint().map(openidconnect::UserInfoUrl::url),
            Some(metadata.jwks_uri().url()),
            self.revocation_endpoint(),
        ];
        let plain_allowed = issuer.url().scheme() == "http";
        let odd = |url: &&Url| url.scheme() != "https" && !(plain_allowed && url.scheme() == "http");
        match endpoints.into_iter().flatten().find(odd) {
            Some(url) => Err(UpstreamError::Untrusted(format!("{url} is not https"))),
            None => Ok(()),
        }
    }

    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        now < self.at.plus(FRESH)
    }

    /// Whether keys may have been added since.
    pub(super) fn may_be_outdated(&self, now: Timestamp) -> bool {
        self.at.plus(SOON) <= now
    }

    pub(super) fn revocation_endpoint(&self) -> Option<&Url> {
        self.metadata.additional_metadata().revocation_endpoint.as_ref()
    }

    /// RFC 9207 §2.4: what the answer names must be the issuer, and must be there when the provider says it always is.
    pub(super) fn check_issuer(&self, named: Option<&str>) -> Result<(), UpstreamError> {
        let further = self.metadata.additional_metadata();
        let is_own = match named {
            Some(named) => named == self.metadata.issuer().as_str(),
            None => !further.authorization_response_iss_parameter_supported,
        };
        if is_own {
            Ok(())
        } else {
            Err(UpstreamError::Untrusted(
                "the answer names another issuer".to_owned(),
            ))
        }
    }
}
