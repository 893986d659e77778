//! `explain`: what the running proxy remembers of a decision, or what it would do with a request.
//! It refuses to ask anything but the admin listener of the configuration.

use crate::clock::Clock;
use crate::config::Config;
use crate::explain::{Detail, Forecast, Imagined, claimed, tell};
use crate::routes::Route;
use clap::Args;
use http::{HeaderMap, HeaderName, HeaderValue};
use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(5);
const LONGEST_TOKEN: u64 = 64 * 1024;

/// What is to be explained.
#[derive(Args)]
pub struct Explain {
    /// A decision, `dec_…`, as in the answer to a refused request; or a method, such as GET.
    #[arg(value_name = "ID|METHOD")]
    what: String,
    /// With a method: the URL or the path that would be called.
    #[arg(value_name = "URL")]
    url: Option<String>,
    /// With a method: a header of the request, as in `Origin: https://app.example`; may be repeated.
    #[arg(long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// With a method: read a token from standard input (`-`) and judge by what it says of itself.
    #[arg(long, value_name = "-", value_parser = ["-"])]
    token: Option<String>,
    /// With a decision: the admin listener of the proxy that made it; else that of the configuration.
    #[arg(long, value_name = "ADDRESS:PORT")]
    admin: Option<SocketAddr>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Explain {
    /// The explanation.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn run(&self, config: &Config) -> Result<String, String> {
        let Some(url) = &self.url else {
            return self.decision(config);
        };
        let headers = headers(&self.headers)?;
        let imagined = Imagined {
            method: &self.what,
            url,
            headers: &headers,
        };
        let forecast = Forecast::of(config, &imagined)?;
        let token = self.token.as_ref().map(|_| read_token()).transpose()?;
        let verdict = token
            .zip(forecast.taken())
            .map(|(token, route)| judged(&token, route));
        if self.json {
            let mut value = serde_json::to_value(&forecast).map_err(|error| error.to_string())?;
            if let Some(verdict) = verdict {
                value["token"] = verdict.into();
            }
            return Ok(format!("{value:#}\n"));
        }
        let mut text = forecast.tell();
        if let Some(verdict) = verdict {
            text.push_str(&format!(
                "    token     {verdict} (as it says of itself: not verified)\n"
            ));
        }
        Ok(text)
    }

    fn decision(&self, config: &Config) -> Result<String, String> {
        if !self.what.starts_with("dec_") {
            return Err(format!(
                "`{}` is no decision; explain a decision (`explain dec_…`) or a request (`explain GET https://…`)",
                self.what
            ));
        }
        let address = self.admin.unwrap_or(config.admin.listen);
        let body = fetch(address, &format!("/decisions/{}", self.what))?;
        if self.json {
            return Ok(body + "\n");
        }
        let detail: Detail =
            serde_json::from_str(&body).map_err(|error| format!("the answer is odd: {error}"))?;
        Ok(tell(&detail))
    }
}

fn judged(token: &str, route: &Arc<Route>) -> String {
    match claimed(token, route, &Clock::system()) {
        Ok(()) => "would pass".to_owned(),
        Err(Ok((code, change))) => format!("{code}: {}", change.text),
        Err(Err(reason)) => reason,
    }
}

fn headers(lines: &[String]) -> Result<HeaderMap, String> {
    let mut map = HeaderMap::new();
    for line in lines {
        let pair = line.split_once(':').and_then(|(name, value)| {
            let name = HeaderName::from_bytes(name.trim().as_bytes()).ok()?;
            Some((name, HeaderValue::from_str(value.trim()).ok()?))
        });
        let (name, value) =
            pair.ok_or_else(|| format!("`{line}` is not a header such as `Origin: https://app.example`"))?;
        map.append(name, value);
    }
    Ok(map)
}

fn read_token() -> Result<String, String> {
    let mut text = String::new();
    let read = std::io::stdin()
        .lock()
        .take(LONGEST_TOKEN)
        .read_to_string(&mut text);
    read.map_err(|error| format!("standard input: {error}"))?;
    Ok(text.trim().to_owned())
}

/// Asks the admin listener of a running proxy.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn fetch(address: SocketAddr, path: &str) -> Result<String, String> {
    let url = format!("http://{}{path}", reachable(address));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let http = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build();
        let http = http.map_err(|error| error.to_string())?;
        let answer = http.get(&url).send().await;
        let answer = answer
            .map_err(|_| format!("no proxy answers at {url}; is it running, and is admin.listen right?"))?;
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

/// Where a listener can be reached that listens everywhere.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
