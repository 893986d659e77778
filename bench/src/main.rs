//! `bench`: runs the two programs beside references in one run and prints ratios.
//! Refuses absolute verdicts: a figure means something only beside its neighbour from the same minute.

mod connection;
mod floods;
mod flows;
mod herd;
mod limits;
mod load;
mod process;
mod proxy;
mod reference;
mod report;
mod revocation;
mod server;
mod world;

use std::time::Duration;

use anyhow::{Context, Result};

/// How long each measurement runs; `BENCH_SECONDS` overrides.
fn seconds() -> Duration {
    let seconds = std::env::var("BENCH_SECONDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(4);
    Duration::from_secs(seconds)
}

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        // The references are programs of their own, so that nobody shares a runtime with what measures them.
        Some("reference") => reference::run(&arguments.next().context("which reference?")?, arguments.next()),
        Some("revocation") => run(revocation::measure()),
        _ => run(measure()),
    }
}

fn run(measuring: impl Future<Output = Result<()>>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measuring)
}

async fn measure() -> Result<()> {
    let mut report = report::Report::default();
    limits::measure(&mut report)?;
    let mut world = world::World::start().await?;
    process::measure_start(&mut report).await?;
    process::note_memory(&mut report, &mut world, "idle");
    server::measure(&mut report, &world).await?;
    flows::measure(&mut report, &world).await?;
    proxy::measure(&mut report, &world).await?;
    floods::measure(&mut report, &world).await?;
    herd::measure(&mut report, &world).await?;
    process::note_memory(&mut report, &mut world, "after load");
    report.print()
}
