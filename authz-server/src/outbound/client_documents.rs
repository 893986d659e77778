//! Fetches what clients publish about themselves.
//! Refuses redirects, large and slow answers, and every address outside the public network unless the operator let it in.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::clients::{ClientDocuments, DocumentError, FetchedDocument};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Response};
use url::{Host, Url};

use super::federation::ProvidersError;
use super::public_network::is_public;
use crate::config::ClientRegistrationConfig;

const TOTAL: Duration = Duration::from_secs(5);
const MOST_BYTES: usize = 5 * 1024;
const USER_AGENT: &str = concat!("authz-server/", env!("CARGO_PKG_VERSION"));

/// The fetcher of one server.
pub struct DocumentFetcher {
    client: Client,
    networks: Arc<[IpNet]>,
}

impl DocumentFetcher {
    /// # Errors
    /// When the file with authorities is unusable, or there is no TLS to be had.
    pub fn new(config: &ClientRegistrationConfig) -> Result<Self, ProvidersError> {
        let failed = |error: &dyn std::fmt::Display| ProvidersError::Client(error.to_string());
        let networks: Arc<[IpNet]> = config.document_networks.clone().into();
        let mut builder = Client::builder()
            .https_only(true)
            .no_proxy()
            .redirect(Policy::none())
            .connect_timeout(TOTAL)
            .timeout(TOTAL)
            .pool_max_idle_per_host(0)
            .user_agent(USER_AGENT)
            .dns_resolver(Guarded(Arc::clone(&networks)));
        if let Some(file) = &config.document_ca_file {
            let pem = std::fs::read(file).map_err(|error| failed(&error))?;
            let authorities = Certificate::from_pem_bundle(&pem).map_err(|error| failed(&error))?;
            builder = builder.tls_certs_merge(authorities);
        }
        let client = builder.build().map_err(|error| failed(&error))?;
        Ok(Self { client, networks })
    }
}

#[async_trait]
impl ClientDocuments for DocumentFetcher {
    async fn fetch(&self, url: &str) -> Result<FetchedDocument, DocumentError> {
        let parsed = Url::parse(url).map_err(|_| refused("not a URL"))?;
        // An address as host is not looked up, so it is judged here.
        let literal = match parsed.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            _ => None,
        };
        if literal.is_some_and(|address| !is_open(address, &self.networks)) {
            return Err(refused("its address is not in the public network"));
        }
        let asked = self
            .client
            .get(parsed)
            .header(ACCEPT, "application/json")
            .send()
            .await;
        let answer = asked.map_err(|error| told(&error))?;
        read(answer).await
    }
}

async fn read(mut answer: Response) -> Result<FetchedDocument, DocumentError> {
    if answer.status() != http::StatusCode::OK {
        return Err(refused("the answer is not 200"));
    }
    let text = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
    let media = text(CONTENT_TYPE)
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    let media = media.trim().to_ascii_lowercase();
    if media != "application/json" && !(media.starts_with("application/") && media.ends_with("+json")) {
        return Err(refused("the answer is not JSON"));
    }
    let max_age = text(CACHE_CONTROL).and_then(max_age);
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| told(&error))? {
        if body.len() + chunk.len() > MOST_BYTES {
            return Err(refused("the answer is larger than 5 KiB"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(FetchedDocument { body, max_age })
}

/// RFC 9111 §5.2.2: how long it is fresh; no time at all when it must not be kept.
fn max_age(value: &str) -> Option<Duration> {
    let mut directives = value.split(',').map(str::trim);
    if directives
        .clone()
        .any(|word| matches!(word, "no-store" | "no-cache"))
    {
        return Some(Duration::ZERO);
    }
    let seconds = directives.find_map(|word| word.strip_prefix("max-age="))?;
    seconds.parse().ok().map(Duration::from_secs)
}

fn refused(why: &str) -> DocumentError {
    DocumentError(why.to_owned())
}

/// The deepest cause, which says what happened.
fn told(error: &reqwest::Error) -> DocumentError {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    DocumentError(cause.to_string())
}

/// The connection is made to the very addresses that were judged here.
struct Guarded(Arc<[IpNet]>);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let networks = Arc::clone(&self.0);
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            // One bad address spoils the name: whoever mixes them wants to be asked until the wrong one comes.
            if found.is_empty() || found.iter().any(|address| !is_open(address.ip(), &networks)) {
                return Err(io::Error::other("its address is not in the public network").into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

fn is_open(address: IpAddr, networks: &[IpNet]) -> bool {
    is_public(address) || networks.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// F01: refused before anything is sent.
    #[tokio::test]
    async fn addresses_of_this_machine_and_its_neighbours_are_not_asked() {
        let fetcher = DocumentFetcher::new(&ClientRegistrationConfig::default()).unwrap();
        for host in [
            "127.0.0.1",
            "10.0.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[fd00::1]",
            "[fe80::1]",
            "2130706433",
            "0x7f.0.0.1",
            "017700000001",
            "localhost",
        ] {
            let found = fetcher.fetch(&format!("https://{host}/client.json")).await;
            let why = found.err().map(|error| error.0);
            assert_eq!(
                why.as_deref(),
                Some("its address is not in the public network"),
                "{host}"
            );
        }
    }

    #[test]
    fn freshness_is_read_from_the_answer() {
        assert_eq!(max_age("public, max-age=600"), Some(Duration::from_secs(600)));
        assert_eq!(max_age("max-age=600, no-store"), Some(Duration::ZERO));
        assert_eq!(max_age("private"), None);
        assert_eq!(max_age("max-age=soon"), None);
    }
}
