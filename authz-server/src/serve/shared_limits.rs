//! The store in which replicas count requests together, as it is configured.
//! Refuses to wait for it: until it is there, this server counts its share.

use std::{io, path::PathBuf, sync::Arc};

use metrics::{counter, gauge};
use shared_limits::{NoAddress, Observer, Settings, Shared, Store};

use crate::config::{Config, SharedLimitsConfig};
use crate::http::rate_limit::Together;

const CONNECTED: &str = "authz_shared_limits_connected";
const COUNTED_ALONE: &str = "authz_shared_limits_counted_alone_total";

/// Why limits cannot be counted together.
#[derive(Debug, thiserror::Error)]
pub enum SharedLimitsError {
    #[error("cannot read {} (shared_limits.ca_file): {source}", path.display())]
    Authority { path: PathBuf, source: io::Error },
    #[error("shared_limits: {0}")]
    Address(#[from] NoAddress),
}

/// What `/metrics` tells.
struct Told;

impl Observer for Told {
    fn connected(&self, is_there: bool) {
        gauge!(CONNECTED).set(if is_there { 1.0 } else { 0.0 });
    }

    fn counted_alone(&self) {
        counter!(COUNTED_ALONE).increment(1);
    }
}

/// The configured store, which is looked for from now on; nothing where none is configured.
pub(super) fn start(config: &Config) -> Result<Option<Together>, SharedLimitsError> {
    let Some(config) = &config.shared_limits else {
        return Ok(None);
    };
    let settings = settings(config)?;
    let store: Arc<Store> = Arc::new(Store::new(&settings, (), Arc::new(Told))?);
    let kept = Arc::clone(&store);
    gauge!(CONNECTED).set(0.0);
    counter!(COUNTED_ALONE).absolute(0);
    tokio::spawn(async move { kept.keep().await });
    Ok(Some(Together::new(Shared::new(&settings, store, Arc::new(Told)))))
}

/// Whether the configured store can be used now.
///
/// # Errors
/// Why not, in a sentence without the address.
pub(crate) async fn probe(config: &SharedLimitsConfig) -> Result<(), String> {
    let settings = settings(config).map_err(|error| error.to_string())?;
    let store: Store = Store::new(&settings, (), Arc::new(Told)).map_err(|error| error.to_string())?;
    store.probe().await
}

/// Where the store is, and how it is used.
///
/// # Errors
/// When the authority cannot be read.
fn settings(config: &SharedLimitsConfig) -> Result<Settings, SharedLimitsError> {
    let read = |path: &PathBuf| {
        std::fs::read(path).map_err(|source| SharedLimitsError::Authority {
            path: path.clone(),
            source,
        })
    };
    Ok(Settings {
        url: config
            .url
            .as_ref()
            .map_or_else(String::new, |url| url.expose().to_owned()),
        authority: config.ca_file.as_ref().map(read).transpose()?,
        prefix: config.prefix.clone(),
        replicas: config.replicas,
        timeout: config.timeout.duration(),
    })
}
