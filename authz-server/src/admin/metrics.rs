//! `/metrics` in the Prometheus text format, with the process's own figures.
//! Labels come from route templates and fixed words, never from what a request says.

use std::{fs, sync::OnceLock};

use axum::extract::State;
use http::header;
use metrics::gauge;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

const SECONDS: [f64; 12] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
];

static INSTALLED: OnceLock<PrometheusHandle> = OnceLock::new();

/// Why metrics cannot be collected.
#[derive(Debug, thiserror::Error)]
pub enum MetricsError {
    #[error("the histogram boundaries are wrong: {0}")]
    Boundaries(#[from] BuildError),
    #[error("another recorder is installed")]
    Taken,
}

/// The process's metrics.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Begins to collect; the second call in a process gets what the first one installed.
    pub fn install() -> Result<Self, MetricsError> {
        if let Some(handle) = INSTALLED.get() {
            return Ok(Self(handle.clone()));
        }
        let seconds = Matcher::Suffix("_seconds".to_owned());
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(seconds, &SECONDS)?
            .build_recorder();
        let handle = INSTALLED.get_or_init(|| recorder.handle()).clone();
        metrics::set_global_recorder(recorder).map_err(|_| MetricsError::Taken)?;
        gauge!("authz_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        Ok(Self(handle))
    }

    /// Folds the samples since the last call into the histograms; to be called every few seconds.
    pub fn upkeep(&self) {
        self.0.run_upkeep();
    }

    /// Everything collected so far.
    pub fn text(&self) -> String {
        observe_process();
        self.0.render()
    }
}

pub(super) async fn render(State(metrics): State<Metrics>) -> impl axum::response::IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4")],
        metrics.text(),
    )
}

#[expect(
    clippy::cast_precision_loss,
    reason = "memory and descriptor counts are far below 2^52"
)]
fn observe_process() {
    if let Some(bytes) = resident_bytes() {
        gauge!("process_resident_memory_bytes").set(bytes as f64);
    }
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        gauge!("process_open_fds").set(open.count() as f64);
    }
}

fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
