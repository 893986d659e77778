//! `[server]`: where the server listens, what it calls itself, and how it stops.
//! Refuses an issuer that strangers could forge or that a client could not compare byte by byte.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use ipnet::IpNet;
use url::{Host, Url};

use super::{Period, Problems};

/// Where the server listens, what it calls itself, and how it stops.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ServerConfig {
    /// Address and port of the public listener. Port 0 picks a free one.
    pub listen: SocketAddr,
    /// The public URL, exactly as clients know it and for ever the same, without a slash at the end. Without it,
    /// and only when listening on loopback, the listener's own address is used.
    pub issuer: Option<String>,
    /// The posture of the deployment: `oauth21`, or `oidc` for the widest interoperability.
    pub profile: Profile,
    /// The folder for the SQLite file and the generated master key. Relative to where the server is started.
    pub data_dir: PathBuf,
    /// Networks of the reverse proxies whose `X-Forwarded-For` is believed.
    #[schemars(with = "Vec<String>")]
    pub trusted_proxies: Vec<IpNet>,
    /// The trusted proxies name the certificates of their clients in `Client-Cert` (RFC 9440), and remove that header
    /// from what clients send.
    pub client_cert_header: bool,
    /// PEM file with the authorities that vouch for the names in client certificates, for clients whose `auth_method` is
    /// `tls_client_auth`. Read at the start.
    pub client_ca_file: Option<PathBuf>,
    /// Certificate and key; with them the public listener speaks TLS.
    pub tls: Option<TlsConfig>,
    /// How long a request may take before it is answered with 503.
    pub request_timeout: Period,
    /// How many requests may be in progress at once; more are answered with 503.
    pub max_in_flight: usize,
    /// How long requests in progress may go on after the signal to stop.
    pub shutdown_grace: Period,
}

/// The posture of the deployment.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    #[default]
    OAuth21,
    Oidc,
}

/// Certificate and key of the public listener.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// PEM file with the certificate and its chain; read again when it changes and on SIGHUP.
    pub certificate_file: PathBuf,
    /// PEM file with the private key. Nobody but the server's user may read it.
    pub key_file: PathBuf,
    /// Whether clients are asked for certificates, to which their tokens can be bound. They may have none, and nobody
    /// has to vouch for them.
    #[serde(default)]
    pub client_certificates: bool,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            issuer: None,
            profile: Profile::OAuth21,
            data_dir: PathBuf::from("./data"),
            trusted_proxies: Vec::new(),
            client_cert_header: false,
            client_ca_file: None,
            tls: None,
            request_timeout: Period::seconds(30),
            max_in_flight: 4096,
            shutdown_grace: Period::seconds(10),
        }
    }
}

impl ServerConfig {
    /// The issuer: as configured, else made from the address the public listener got.
    pub fn issuer(&self, bound: SocketAddr) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        self.issuer
            .clone()
            .unwrap_or_else(|| format!("{scheme}://{bound}"))
    }

    /// Whether clients can show certificates.
    pub fn takes_client_certificates(&self) -> bool {
        self.client_cert_header || self.tls.as_ref().is_some_and(|tls| tls.client_certificates)
    }

    pub(super) fn check(&self, problems: &mut Problems) {
        match &self.issuer {
            Some(issuer) => {
                if let Err(reason) = check_issuer(issuer) {
                    problems.add("server.issuer", reason);
                }
            }
            None => problems.add_if(
                !self.listen.ip().is_loopback(),
                "server.issuer",
                "must be set when server.listen is not a loopback address: links never come from request headers",
            ),
        }
        if let Some(tls) = &self.tls {
            super::file::check_private(&tls.key_file, "server.tls.key_file", problems);
            super::file::check_present(&tls.certificate_file, "server.tls.certificate_file", problems);
        }
        if let Some(file) = &self.client_ca_file {
            super::file::check_present(file, "server.client_ca_file", problems);
            problems.add_if(
                !self.takes_client_certificates(),
                "server.client_ca_file",
                "of no use without server.tls.client_certificates or server.client_cert_header",
            );
        }
        let everyone = self
            .trusted_proxies
            .iter()
            .any(|network| network.prefix_len() == 0);
        problems.add_if(
            self.client_cert_header && self.trusted_proxies.is_empty(),
            "server.client_cert_header",
            "needs server.trusted_proxies, nobody else may send the header",
        );
        problems.add_if(
            everyone,
            "server.trusted_proxies",
            "must not contain every address",
        );
        problems.add_if(
            self.max_in_flight == 0,
            "server.max_in_flight",
            "must be at least 1",
        );
        let timeout = (Period::seconds(2)..=Period::minutes(10)).contains(&self.request_timeout);
        problems.add_if(!timeout, "server.request_timeout", "must be between 2s and 10m");
        problems.add_if(
            self.shutdown_grace > Period::minutes(10),
            "server.shutdown_grace",
            "must be 10m at most",
        );
    }
}

/// An issuer is an https origin, or an http one on a loopback host.
fn check_issuer(issuer: &str) -> Result<(), &'static str> {
    let url = Url::parse(issuer).map_err(|_| "must be a URL such as https://login.example.com")?;
    // RFC 8414 §2: no query, no fragment.
    if url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return Err("must have no user, query or fragment");
    }
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => return Err("must have a host"),
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
        return Err("must be https, except on a loopback host");
    }
    if url.origin().ascii_serialization() != issuer {
        return Err(
            "must be scheme, lower-case host and, unless it is the default, port; no path and no final slash",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_issuer;

    /// A07: an http issuer on a non-loopback host is refused.
    #[test]
    fn an_issuer_is_https_or_loopback_and_byte_stable() {
        for good in [
            "https://login.example.com",
            "https://login.example.com:8443",
            "http://127.0.0.1:8080",
            "http://[::1]:1",
            "http://localhost",
        ] {
            assert_eq!(check_issuer(good), Ok(()), "{good}");
        }
        for bad in [
            "http://login.example.com",
            "http://127.0.0.1.evil.test",
            "https://a.test/",
            "https://a.test/x",
            "https://a.test?x",
            "https://a.test#x",
            "https://u@a.test",
            "https://A.test",
            "https://a.test:443",
            "ftp://a.test",
            "a.test",
            "",
            "http://192.168.0.1",
        ] {
            assert!(check_issuer(bad).is_err(), "{bad}");
        }
    }
}
