//! `[shared_limits]`: a Redis or Valkey in which replicas count requests together.
//! Refuses an address without what to do while nobody answers there; finding out whether somebody does is `doctor`'s.

use std::path::PathBuf;

use super::{Config, Period, Problems, Secret, file, secret::redacted};

/// A Redis or Valkey in which all replicas count the requests of a caller together. Without it each counts for itself.
#[derive(Clone, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SharedLimitsConfig {
    /// `redis://`, `rediss://` for TLS, or `unix://`; may carry a password.
    #[serde(default, serialize_with = "redacted")]
    #[schemars(with = "Option<String>")]
    pub url: Option<Secret>,
    /// A file with the URL, instead of `url`.
    pub url_file: Option<PathBuf>,
    /// PEM file of the authority that signed the store's certificate; those of the system when left out.
    pub ca_file: Option<PathBuf>,
    /// How many servers count there. While the store is away each lets through its part of every limit.
    pub replicas: u32,
    /// How long a request waits for the store before this server counts alone.
    #[serde(default = "ten_millis")]
    pub timeout: Period,
    /// What keys in the store begin with.
    #[serde(default = "prefix")]
    pub prefix: String,
}

pub(super) fn resolve_files(config: &mut Config, problems: &mut Problems) {
    let Some(shared) = &mut config.shared_limits else {
        return;
    };
    if let Some(path) = &shared.url_file {
        problems.add_if(
            shared.url.is_some(),
            "shared_limits.url_file",
            "cannot be set together with shared_limits.url",
        );
        shared.url = file::read_secret(path, "shared_limits.url_file", problems);
    }
}

impl SharedLimitsConfig {
    pub(super) fn check(&self, problems: &mut Problems) {
        match &self.url {
            None => problems.add_if(
                self.url_file.is_none(),
                "shared_limits.url",
                "set it, or shared_limits.url_file",
            ),
            // The reason may repeat the address, and the address may hold a password.
            Some(url) => problems.add_if(
                !::shared_limits::is_address(url.expose()),
                "shared_limits.url",
                "must be redis://, rediss:// or unix://",
            ),
        }
        if let Some(path) = &self.ca_file {
            file::check_present(path, "shared_limits.ca_file", problems);
        }
        problems.add_if(self.replicas == 0, "shared_limits.replicas", "must be at least 1");
        let timely = (Period::millis(1)..=Period::seconds(10)).contains(&self.timeout);
        problems.add_if(!timely, "shared_limits.timeout", "must be between 1ms and 10s");
        let plain = self.prefix.bytes().all(|byte| byte.is_ascii_graphic());
        problems.add_if(
            !plain || !(1..=64).contains(&self.prefix.len()),
            "shared_limits.prefix",
            "must be 1 to 64 visible ASCII characters",
        );
    }
}

const fn ten_millis() -> Period {
    Period::millis(10)
}

fn prefix() -> String {
    "authz-server".to_owned()
}
