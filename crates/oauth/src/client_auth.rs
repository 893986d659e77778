//! Client authentication as it is presented (RFC 6749 §2.3, RFC 7521 §4.2): who, by which method, with what.
//! Refuses two methods at once, ids that differ, and loose encodings; verifies nothing itself.

use crate::error::OAuthError;
use crate::params::{self, Params};
use crate::secret::SecretText;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The one assertion type (RFC 7523 §2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The longest client id in bytes.
pub const MAX_CLIENT_ID_LEN: usize = 255;

const MAX_BASIC_LEN: usize = 8 * 1024;

/// How a client authenticates; the registered names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthMethod {
    /// A public client: it only says who it is.
    None,
    /// Id and secret in the `Authorization` header.
    ClientSecretBasic,
    /// Id and secret in the body.
    ClientSecretPost,
    /// A JWT signed with the client's own key.
    PrivateKeyJwt,
    /// A certificate that an authority signed, with the client's name in it (RFC 8705 §2.1).
    TlsClientAuth,
    /// A certificate that the client registered (RFC 8705 §2.2).
    SelfSignedTlsClientAuth,
}

impl ClientAuthMethod {
    /// The registered name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::TlsClientAuth => "tls_client_auth",
            Self::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
        }
    }

    /// Whether a certificate of the connection is the proof.
    #[must_use]
    pub const fn is_by_certificate(self) -> bool {
        matches!(self, Self::TlsClientAuth | Self::SelfSignedTlsClientAuth)
    }

    /// The method with this registered name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [
            Self::None,
            Self::ClientSecretBasic,
            Self::ClientSecretPost,
            Self::PrivateKeyJwt,
            Self::TlsClientAuth,
            Self::SelfSignedTlsClientAuth,
        ]
        .into_iter()
        .find(|method| method.as_str() == name)
    }
}

/// Why nothing usable was presented; clients see `invalid_client` each time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClientAuthError {
    /// No client id anywhere.
    #[error("no client presented")]
    Missing,
    /// Something is not encoded as it must be.
    #[error("malformed client credentials")]
    Malformed,
    /// More than one method (RFC 6749 §2.3).
    #[error("more than one client authentication method")]
    SeveralMethods,
    /// Header, body and assertion name different clients.
    #[error("client ids differ")]
    DifferingIds,
}

impl From<ClientAuthError> for OAuthError {
    fn from(_: ClientAuthError) -> Self {
        Self::invalid_client()
    }
}

/// What a client presented to prove itself.
#[derive(Clone)]
pub enum ClientCredential {
    /// Nothing.
    None,
    /// A secret in the header.
    Basic(SecretText),
    /// A secret in the body.
    Post(SecretText),
    /// A signed assertion, not verified yet; its `iss` and `sub` were seen to equal the client id.
    Assertion(SecretText),
}

/// A client as it presented itself; nothing is verified yet.
#[derive(Clone)]
pub struct PresentedClient {
    /// Who it says it is.
    pub client_id: String,
    /// With what it wants to prove that.
    pub credential: ClientCredential,
}

impl PresentedClient {
    /// Reads the credentials of a request from its `Authorization` value and its body parameters.
    pub fn extract(authorization: Option<&[u8]>, params: &Params) -> Result<Self, ClientAuthError> {
        let assertion = assertion(params)?;
        let secret = params.get("client_secret");
        let presented = match (authorization, secret, assertion) {
            (Some(header), None, None) => basic(header)?,
            (None, Some(secret), None) => {
                let client_id = params
                    .get("client_id")
                    .ok_or(ClientAuthError::Missing)?
                    .to_owned();
                Self {
                    client_id,
                    credential: ClientCredential::Post(secret.into()),
                }
            }
            (None, None, Some(assertion)) => {
                let client_id = issuer_of(assertion)?;
                Self {
                    client_id,
                    credential: ClientCredential::Assertion(assertion.into()),
                }
            }
            (None, None, None) => {
                let client_id = params
                    .get("client_id")
                    .ok_or(ClientAuthError::Missing)?
                    .to_owned();
                Self {
                    client_id,
                    credential: ClientCredential::None,
                }
            }
            _ => return Err(ClientAuthError::SeveralMethods),
        };
        presented.checked(params)
    }

    /// The method by which it wants to prove itself, as far as the request itself tells: a certificate is shown whether or not
    /// it is meant as a proof, so with nothing else the method is the registered one (RFC 8705 §2).
    #[must_use]
    pub const fn method(&self) -> ClientAuthMethod {
        match self.credential {
            ClientCredential::None => ClientAuthMethod::None,
            ClientCredential::Basic(_) => ClientAuthMethod::ClientSecretBasic,
            ClientCredential::Post(_) => ClientAuthMethod::ClientSecretPost,
            ClientCredential::Assertion(_) => ClientAuthMethod::PrivateKeyJwt,
        }
    }

    fn checked(self, params: &Params) -> Result<Self, ClientAuthError> {
        if !is_client_id(&self.client_id) {
            return Err(ClientAuthError::Malformed);
        }
        // RFC 7521 §4.2, RFC 6749 §3.2.1: a client_id beside other credentials must name the same client
        match params.get("client_id") {
            Some(named) if named != self.client_id => Err(ClientAuthError::DifferingIds),
            _ => Ok(self),
        }
    }
}

/// Whether the text may be a client id: 1 to 255 visible ASCII characters.
#[must_use]
pub fn is_client_id(text: &str) -> bool {
    (1..=MAX_CLIENT_ID_LEN).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Reads one `Basic` header value (RFC 7617, with both halves form-encoded by RFC 6749 §2.3.1).
fn basic(header: &[u8]) -> Result<PresentedClient, ClientAuthError> {
    let malformed = ClientAuthError::Malformed;
    if header.len() > MAX_BASIC_LEN {
        return Err(malformed);
    }
    let (scheme, encoded) = header.split_at_checked(b"Basic ".len()).ok_or(malformed)?;
    if !scheme.eq_ignore_ascii_case(b"Basic ") {
        return Err(malformed);
    }
    let decoded = Zeroizing::new(STANDARD.decode(encoded).map_err(|_| malformed)?);
    let colon = decoded.iter().position(|byte| *byte == b':').ok_or(malformed)?;
    let client_id = params::decode(&decoded[..colon]).map_err(|_| malformed)?;
    let secret = params::decode(&decoded[colon + 1..]).map_err(|_| malformed)?;
    if secret.is_empty() {
        return Err(malformed);
    }
    Ok(PresentedClient {
        client_id: client_id.to_string(),
        credential: ClientCredential::Basic(secret.into()),
    })
}

fn assertion(params: &Params) -> Result<Option<&str>, ClientAuthError> {
    match (
        params.get("client_assertion_type"),
        params.get("client_assertion"),
    ) {
        (None, None) => Ok(None),
        (Some(ASSERTION_TYPE), Some(assertion)) => Ok(Some(assertion)),
        _ => Err(ClientAuthError::Malformed),
    }
}

/// The client that an assertion names, unverified (RFC 7523 §3: `iss` and `sub` are the client id).
fn issuer_of(assertion: &str) -> Result<String, ClientAuthError> {
    #[derive(Deserialize)]
    struct Named {
        iss: String,
        sub: String,
    }
    let malformed = ClientAuthError::Malformed;
    let mut parts = assertion.split('.');
    let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(malformed);
    };
    let payload = URL_SAFE_NO_PAD.decode(payload).map_err(|_| malformed)?;
    let named: Named = serde_json::from_slice(&payload).map_err(|_| malformed)?;
    if named.iss == named.sub {
        Ok(named.iss)
    } else {
        Err(ClientAuthError::DifferingIds)
    }
}

#[cfg(test)]
mod tests;
