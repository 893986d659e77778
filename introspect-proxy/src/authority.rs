//! The authorization server as this proxy sees it: where its endpoints are, and our account there.
//! It refuses redirects, oversized answers, and a discovery document of another issuer.

use crate::config::{AuthorizationServer, Secret};
use arc_swap::{ArcSwap, ArcSwapOption};
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde::Deserialize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

const MAX_DOCUMENT: usize = 256 * 1024;
const DISCOVERY_TIMEOUT: Duration = Duration::from_secs(2);

/// Why the authorization server gave no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// No connection, no answer in time, or a broken one.
    #[error("no answer: {}", chain(.0))]
    Transport(#[from] reqwest::Error),
    /// An answer with the wrong status.
    #[error("answered {0}")]
    Status(StatusCode),
    /// An answer that is too long.
    #[error("the answer is too long")]
    TooLong,
    /// An answer that makes no sense.
    #[error("{0}")]
    Malformed(String),
    /// Its endpoints are not known yet.
    #[error("its endpoints are not known yet")]
    Undiscovered,
    /// Our own settings cannot be used.
    #[error("{0}")]
    Settings(String),
}

/// The causes without the URL, which may carry what should not be logged.
fn chain(error: &reqwest::Error) -> String {
    let mut text = if error.is_timeout() {
        "timed out".to_owned()
    } else {
        "failed".to_owned()
    };
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// Where the endpoints are.
#[derive(Clone, Debug)]
pub struct Endpoints {
    /// Token introspection.
    pub introspection: Url,
    /// The key set.
    pub jwks: Url,
    /// The revocation feed.
    pub revocations: Url,
    /// Decisions about what a token may be used for.
    pub check: Url,
}

/// The authorization server.
pub struct Authority {
    issuer: String,
    client_id: String,
    secret_file: Option<PathBuf>,
    authorization: ArcSwap<HeaderValue>,
    endpoints: ArcSwapOption<Endpoints>,
    http: Client,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: Url,
    introspection_endpoint: Url,
}

impl Authority {
    /// Prepares a client; nothing is sent yet.
    ///
    /// # Errors
    /// When the settings cannot be used.
    pub fn new(settings: &AuthorizationServer) -> Result<Self, AuthorityError> {
        let secret = settings
            .client_secret
            .as_ref()
            .ok_or_else(|| AuthorityError::Settings("no client secret".to_owned()))?;
        let http = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(Duration::from_secs(1))
            .tcp_nodelay(true)
            .pool_max_idle_per_host(settings.max_in_flight)
            .build()?;
        Ok(Self {
            issuer: settings.issuer.clone(),
            client_id: settings.client_id.clone(),
            secret_file: settings.client_secret_file.clone(),
            authorization: ArcSwap::from_pointee(basic(&settings.client_id, secret)?),
            endpoints: ArcSwapOption::empty(),
            http,
        })
    }

    /// What went wrong, and what to look at when our own settings are the likely cause.
    #[must_use]
    pub fn tell(&self, error: &AuthorityError) -> String {
        let hint = match error {
            AuthorityError::Status(StatusCode::UNAUTHORIZED) => format!(
                ": it knows no client `{}` with this secret; look at authorization_server.client_id and \
                 client_secret, or make a new one with `authz-server clients rotate-secret {0}`",
                self.client_id
            ),
            AuthorityError::Status(StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN) => format!(
                ": the client `{}` may not do this; it must be registered with `proxy = true` (`--proxy`)",
                self.client_id
            ),
            AuthorityError::Transport(_) if error.to_string().contains("peer certificate") => {
                "; the authorities of the system must vouch for its certificate, or those in the file that the variable \
                 SSL_CERT_FILE names"
                    .to_owned()
            }
            AuthorityError::Transport(_) => format!(
                "; does it run at {}, as authorization_server.issuer says?",
                self.issuer
            ),
            _ => String::new(),
        };
        format!("{error}{hint}")
    }

    /// The issuer, byte for byte as configured.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The endpoints, once discovery succeeded.
    ///
    /// # Errors
    /// Before that.
    pub fn endpoints(&self) -> Result<Arc<Endpoints>, AuthorityError> {
        self.endpoints.load_full().ok_or(AuthorityError::Undiscovered)
    }

    /// A GET request.
    pub fn get(&self, url: Url) -> RequestBuilder {
        self.http.get(url)
    }

    /// A POST request.
    pub fn post(&self, url: Url) -> RequestBuilder {
        self.http.post(url)
    }

    /// Signs a request with our client id and secret.
    pub fn authenticated(&self, request: RequestBuilder) -> RequestBuilder {
        request.header(AUTHORIZATION, self.authorization.load().as_ref())
    }

    /// Reads the secret file again; `true` when it holds a new secret.
    #[must_use]
    pub fn reload_secret(&self) -> bool {
        let Some(file) = &self.secret_file else {
            return false;
        };
        let Ok(value) = Secret::read(file)
            .map_err(|reason| AuthorityError::Settings(reason.to_string()))
            .and_then(|secret| basic(&self.client_id, &secret))
        else {
            return false;
        };
        let changed = *self.authorization.load_full() != value;
        if changed {
            self.authorization.store(Arc::new(value));
        }
        changed
    }

    /// Finds the endpoints.
    ///
    /// # Errors
    /// When the document cannot be had or is not the issuer's.
    pub async fn discover(&self) -> Result<(), AuthorityError> {
        // OpenID Connect Discovery §4
        let address = format!(
            "{}/.well-known/openid-configuration",
            self.issuer.trim_end_matches('/')
        );
        let url = Url::parse(&address).map_err(|reason| AuthorityError::Malformed(reason.to_string()))?;
        let body = document(
            self.get(url).timeout(DISCOVERY_TIMEOUT).send().await?,
            MAX_DOCUMENT,
        )
        .await?;
        let found: Discovery =
            serde_json::from_slice(&body).map_err(|reason| AuthorityError::Malformed(reason.to_string()))?;
        // RFC 8414 §3.3: the issuer must be identical.
        if found.issuer != self.issuer {
            return Err(AuthorityError::Malformed(format!(
                "it says that its issuer is `{:.200}`, and authorization_server.issuer is `{}`: they must be the same \
                 to the letter",
                found.issuer, self.issuer
            )));
        }
        let at = |path: &str| {
            let url = Url::parse(&format!("{}{path}", self.issuer.trim_end_matches('/')));
            url.map_err(|reason| AuthorityError::Malformed(reason.to_string()))
        };
        let endpoints = Endpoints {
            introspection: found.introspection_endpoint,
            jwks: found.jwks_uri,
            revocations: at("/revocations")?,
            check: at("/check")?,
        };
        self.endpoints.store(Some(Arc::new(endpoints)));
        Ok(())
    }
}

/// The body of a successful answer, bounded.
///
/// # Errors
/// On another status or a longer body.
pub async fn document(response: Response, limit: usize) -> Result<Vec<u8>, AuthorityError> {
    if response.status() != StatusCode::OK {
        return Err(AuthorityError::Status(response.status()));
    }
    contents(response, limit).await
}

/// The body of any answer, bounded.
///
/// # Errors
/// On a longer body.
pub async fn contents(mut response: Response, limit: usize) -> Result<Vec<u8>, AuthorityError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > limit {
            return Err(AuthorityError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// RFC 6749 §2.3.1: id and secret are form-encoded before they are joined.
fn basic(client_id: &str, secret: &Secret) -> Result<HeaderValue, AuthorityError> {
    use base64::Engine;
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let joined = zeroize::Zeroizing::new(format!("{}:{}", encode(client_id), encode(secret.expose())));
    let text = zeroize::Zeroizing::new(format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(&*joined)
    ));
    let mut value = HeaderValue::from_str(&text)
        .map_err(|_| AuthorityError::Settings("the client secret cannot be sent".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}
