//! The `[shared_limits]` section: a Redis or Valkey in which proxies count together.
//! It refuses an address without what to do while nobody answers there.

use super::secret::Secret;
use super::span::Span;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

const ADDRESS: &str =
    "must be a URL such as redis://127.0.0.1:6379, rediss://… for TLS, or unix:///run/redis.sock";

/// Where rate limits are counted together with other proxies.
#[derive(Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SharedLimits {
    /// `redis://`, `rediss://` for TLS, or `unix://`; may carry a password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Secret>,
    /// A file with the URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url_file: Option<PathBuf>,
    /// PEM file of the authority that signed the store's certificate; those of the system when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// How many proxies count there; `proxies` means the same. While the store is away each lets through its part of every
    /// limit.
    #[serde(alias = "proxies")]
    pub replicas: u32,
    /// How long a request waits for the store before this proxy counts alone.
    #[serde(default = "ten_millis")]
    pub timeout: Span,
    /// What keys in the store begin with.
    #[serde(default = "prefix")]
    pub prefix: String,
}

impl SharedLimits {
    pub(super) fn problems(&self, found: &mut Vec<String>) {
        match (&self.url, &self.url_file) {
            (None, None) => found.push("shared_limits.url: set it, or url_file".to_owned()),
            (Some(_), Some(_)) => {
                found.push("shared_limits: url and url_file contradict each other".to_owned());
            }
            _ => {}
        }
        if let Some(url) = &self.url
            && !shared_limits::is_address(url.expose())
        {
            // The reason may repeat the address, and the address may hold a password.
            found.push(format!("shared_limits.url: {ADDRESS}"));
        }
        if self.replicas == 0 {
            found.push("shared_limits.replicas: must be at least 1".to_owned());
        }
        if self.timeout.0.is_zero() || self.timeout.0 > Duration::from_secs(10) {
            found.push("shared_limits.timeout: must be more than zero and at most 10s".to_owned());
        }
        let plain = |byte: u8| byte.is_ascii_graphic();
        if self.prefix.is_empty() || self.prefix.len() > 64 || !self.prefix.bytes().all(plain) {
            found.push("shared_limits.prefix: must be 1 to 64 visible ASCII characters".to_owned());
        }
    }

    /// Reads the file that holds the URL, when there is one, and looks whether the other is there.
    pub(super) fn read_files(&mut self, found: &mut Vec<String>) {
        if let (Some(file), None) = (&self.url_file, &self.url) {
            match Secret::read(file) {
                Ok(url) if shared_limits::is_address(url.expose()) => self.url = Some(url),
                Ok(_) => found.push(format!(
                    "shared_limits.url_file: in {}: {ADDRESS}",
                    file.display()
                )),
                Err(reason) => found.push(format!(
                    "shared_limits.url_file: cannot read {}: {reason}",
                    file.display()
                )),
            }
        }
        if let Some(file) = &self.ca_file
            && let Err(reason) = std::fs::metadata(file)
        {
            found.push(format!(
                "shared_limits.ca_file: cannot read {}: {reason}",
                file.display()
            ));
        }
    }
}

const fn ten_millis() -> Span {
    Span::millis(10)
}

fn prefix() -> String {
    "introspect-proxy".to_owned()
}
