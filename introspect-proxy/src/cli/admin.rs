//! The admin listener of a running proxy, and what it says.
//! It refuses to go anywhere but over plain HTTP to the place that was named: it is for machines of the operator.

use crate::config::Config;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(5);

/// Where an admin listener is: `host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminListener(String);

impl FromStr for AdminListener {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let plain = text.strip_prefix("http://").unwrap_or(text);
        let plain = plain.strip_suffix('/').unwrap_or(plain);
        let is_named = plain
            .rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
        match is_named && !plain.contains(['/', '@', '?', '#']) {
            true => Ok(Self(plain.to_owned())),
            false => Err("must be a host and a port, such as 127.0.0.1:9091".to_owned()),
        }
    }
}

impl AdminListener {
    /// The one that was named, else that of the configuration.
    ///
    /// # Errors
    /// When none was named and there is no usable configuration.
    pub fn named(
        named: Option<&Self>,
        load: impl FnOnce() -> Result<Config, String>,
    ) -> Result<Self, String> {
        match named {
            Some(named) => Ok(named.clone()),
            None => Ok(Self(reachable(load()?.admin.listen).to_string())),
        }
    }

    /// What it answers.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn fetch(&self, path: &str) -> Result<String, String> {
        let url = format!("http://{}{path}", self.0);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?;
        runtime.block_on(async {
            let http = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build();
            let http = http.map_err(|error| error.to_string())?;
            let answer = http.get(&url).send().await;
            let answer = answer.map_err(|_| {
                format!("no proxy answers at {url}; is it running, and is admin.listen right?")
            })?;
            let status = answer.status();
            let body = answer
                .text()
                .await
                .map_err(|error| error.without_url().to_string())?;
            if status.is_success() {
                return Ok(body);
            }
            let said = serde_json::from_str::<serde_json::Value>(&body).ok();
            let detail = said.as_ref().and_then(|said| said["detail"].as_str());
            Err(format!("{path}: {}", detail.unwrap_or(status.as_str())))
        })
    }
}

/// Where a listener can be reached that listens everywhere.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
