//! `explain`: what the running proxy remembers of a decision, or what it would do with a request.
//! It refuses to ask anything but an admin listener.

use super::admin::AdminListener;
use crate::clock::Clock;
use crate::config::Config;
use crate::explain::{Detail, Forecast, Imagined, claimed, tell};
use crate::request_id::is_sane;
use crate::routes::{METHODS, Route};
use clap::Args;
use http::{HeaderMap, HeaderName, HeaderValue};
use std::io::Read;
use std::sync::Arc;

const LONGEST_TOKEN: u64 = 64 * 1024;

/// What is to be explained.
#[derive(Args)]
pub struct Explain {
    /// A decision (`dec_…`) or a request (`req_…`), as in the answer to a refused request; or a method, such as GET.
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
    /// With a decision or a request: the admin listener of the proxy that refused it; else that of the configuration.
    #[arg(long, value_name = "HOST:PORT")]
    admin: Option<AdminListener>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Explain {
    /// The explanation; the configuration is read where it is needed.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn run(&self, load: impl FnOnce() -> Result<Config, String>) -> Result<String, String> {
        match &self.url {
            Some(url) => self.request(url, &load()?),
            None => self.decision(load),
        }
    }

    fn request(&self, url: &str, config: &Config) -> Result<String, String> {
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

    fn decision(&self, load: impl FnOnce() -> Result<Config, String>) -> Result<String, String> {
        if METHODS
            .iter()
            .any(|method| self.what.eq_ignore_ascii_case(method.as_str()))
        {
            return Err(format!("name the URL, too: `explain {} https://…`", self.what));
        }
        // A request may bear the name that its client gave it.
        if !is_sane(self.what.as_bytes()) {
            return Err(format!(
                "`{}` is neither a decision (`explain dec_…`) nor a request that was sent (`explain req_…`) or may be \
                 (`explain GET https://…`)",
                self.what
            ));
        }
        let body =
            AdminListener::named(self.admin.as_ref(), load)?.fetch(&format!("/decisions/{}", self.what))?;
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
