//! The Redis or Valkey that proxies share: limits counted together, and proofs taken by anyone.
//! It refuses to do what `shared_limits` does: this is only what a proxy keeps there besides.

mod proofs;

pub use proofs::{KeptProofs, Plan};
pub(crate) use proofs::{Link, Taken};
pub use shared_limits::Silence;

use crate::config::SharedLimits;
use crate::metrics::Metrics;
use shared_limits::{Observer, Settings, Store};
use std::sync::Arc;

/// The store, as far as this proxy can reach it.
pub type SharedStore = Store<KeptProofs>;
/// The limits that are counted there.
pub type Shared = shared_limits::Shared<KeptProofs>;

/// The limits in the store of these settings; nothing is connected yet. `proofs`: the store remembers proofs, too.
///
/// # Errors
/// When the settings cannot be used.
pub fn prepare(settings: &SharedLimits, proofs: bool, metrics: &Arc<Metrics>) -> Result<Shared, String> {
    let plan = Plan::new(settings, proofs);
    let settings = known(settings)?;
    let store = SharedStore::new(&settings, plan, Arc::clone(metrics) as Arc<dyn Observer>);
    let store = store.map_err(|error| format!("shared_limits: {error}"))?;
    metrics.shared_limits(false);
    let observer = Arc::clone(metrics) as Arc<dyn Observer>;
    Ok(Shared::new(&settings, Arc::new(store), observer))
}

/// Whether the store of these settings can be used now.
///
/// # Errors
/// Why not, without the address.
pub async fn probe(settings: &SharedLimits) -> Result<(), String> {
    let store: Store =
        Store::new(&known(settings)?, (), Arc::new(Nobody)).map_err(|error| error.to_string())?;
    store.probe().await
}

/// Does not want to know.
struct Nobody;

impl Observer for Nobody {
    fn connected(&self, _: bool) {}

    fn counted_alone(&self) {}
}

fn known(settings: &SharedLimits) -> Result<Settings, String> {
    let url = settings.url.as_ref().ok_or("shared_limits: no url")?;
    let read = |file: &std::path::PathBuf| {
        let told = |reason| format!("shared_limits.ca_file: cannot read {}: {reason}", file.display());
        std::fs::read(file).map_err(told)
    };
    Ok(Settings {
        url: url.expose().to_owned(),
        authority: settings.ca_file.as_ref().map(read).transpose()?,
        prefix: settings.prefix.clone(),
        replicas: settings.replicas,
        timeout: settings.timeout.0,
    })
}

impl Observer for Metrics {
    fn connected(&self, is_there: bool) {
        self.shared_limits(is_there);
    }

    fn counted_alone(&self) {
        self.limit_counted_alone();
    }
}
