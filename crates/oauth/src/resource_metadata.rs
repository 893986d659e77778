//! Metadata of a protected resource (RFC 9728): the document, and where it stands.
//! Refuses resources whose metadata would have no address of its own: other schemes, queries, fragments, users.

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// What is put between host and path (RFC 9728 §3).
pub const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// The longest resource identifier in bytes.
pub const MAX_LEN: usize = 1024;

/// What a client must know to ask for a token that is good here (RFC 9728 §2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceMetadata {
    /// The resource, byte for byte as the audience of its tokens.
    pub resource: String,
    /// Issuers of tokens that are taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorization_servers: Vec<String>,
    /// Scopes that may be asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes_supported: Vec<String>,
    /// How a bearer token may be sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bearer_methods_supported: Vec<String>,
    /// A name for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_name: Option<String>,
    /// A page for developers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_documentation: Option<String>,
}

/// Why a resource can have no metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ResourceError {
    /// Not an absolute http or https URL in its normal spelling.
    #[error("not an absolute URL in its normal spelling")]
    Malformed,
    /// Plain http to a host that is not this machine.
    #[error("http is allowed on loopback hosts only")]
    Insecure,
    /// It has a query, a fragment or a user.
    #[error("a resource with metadata has no query, fragment or user")]
    Extra,
}

/// A resource identifier that can have metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceUrl {
    text: String,
    origin_len: usize,
    host: String,
}

impl ResourceUrl {
    /// Checks an identifier; it is kept byte for byte.
    ///
    /// # Errors
    /// See [`ResourceError`].
    pub fn parse(text: &str) -> Result<Self, ResourceError> {
        let malformed = ResourceError::Malformed;
        if text.len() > MAX_LEN || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(malformed);
        }
        let url = Url::parse(text).map_err(|_| malformed)?;
        if text.contains(['?', '#', '@']) {
            return Err(ResourceError::Extra);
        }
        let host = url.host().ok_or(malformed)?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&host) => {}
            "http" => return Err(ResourceError::Insecure),
            _ => return Err(malformed),
        }
        // What the parser would rewrite has two spellings; only a missing slash after the host is no difference.
        let bare = text.len() + 1 == url.as_str().len() && url.path() == "/";
        if url.as_str() != text && !bare {
            return Err(malformed);
        }
        let origin_len = url.as_str().len() - url.path().len();
        Ok(Self {
            host: url.host_str().unwrap_or_default().to_owned(),
            text: text.to_owned(),
            origin_len,
        })
    }

    /// The identifier as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Lower-case host name, without port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The path; empty when there is none but the slash after the host.
    #[must_use]
    pub fn path(&self) -> &str {
        // RFC 9728 §3: a terminating slash after the host is removed.
        match &self.text[self.origin_len..] {
            "/" => "",
            path => path,
        }
    }

    /// The path of the metadata on the resource's own origin (RFC 9728 §3.1).
    #[must_use]
    pub fn metadata_path(&self) -> String {
        format!("{WELL_KNOWN}{}", self.path())
    }

    /// The URL of the metadata.
    #[must_use]
    pub fn metadata_url(&self) -> String {
        format!("{}{}", &self.text[..self.origin_len], self.metadata_path())
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(name) => *name == "localhost",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_well_known_part_goes_between_host_and_path() {
        for (resource, expected) in [
            (
                "https://a.example",
                "https://a.example/.well-known/oauth-protected-resource",
            ),
            (
                "https://a.example/",
                "https://a.example/.well-known/oauth-protected-resource",
            ),
            (
                "https://a.example:8443/mcp",
                "https://a.example:8443/.well-known/oauth-protected-resource/mcp",
            ),
            (
                "http://127.0.0.1:9/a/b",
                "http://127.0.0.1:9/.well-known/oauth-protected-resource/a/b",
            ),
        ] {
            let url = ResourceUrl::parse(resource).unwrap();
            assert_eq!((url.metadata_url().as_str(), url.as_str()), (expected, resource));
        }
    }

    #[test]
    fn resources_with_two_spellings_or_more_than_a_path_are_refused() {
        for (resource, error) in [
            ("https://A.example/mcp", ResourceError::Malformed),
            ("https://a.example:443/mcp", ResourceError::Malformed),
            ("https://a.example/a/../mcp", ResourceError::Malformed),
            ("https:a.example", ResourceError::Malformed),
            ("urn:example:mcp", ResourceError::Malformed),
            ("/mcp", ResourceError::Malformed),
            ("https://a.example/mcp?x=1", ResourceError::Extra),
            ("https://a.example/mcp#x", ResourceError::Extra),
            ("https://u@a.example/mcp", ResourceError::Extra),
            ("http://a.example/mcp", ResourceError::Insecure),
        ] {
            assert_eq!(ResourceUrl::parse(resource), Err(error), "{resource}");
        }
    }
}
