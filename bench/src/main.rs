//! `bench`: runs the two programs beside references in one run and prints ratios.
//! Refuses absolute verdicts: a figure means something only beside its neighbour from the same minute.

mod connection;
mod contest;
mod cores;
mod cpu;
mod floods;
mod flows;
mod herd;
mod limits;
mod load;
mod policy;
mod process;
mod proxy;
mod reference;
mod report;
mod revocation;
mod server;
mod world;

use std::time::Duration;

use anyhow::{Context, Result, bail};

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
        group => {
            cores::divide()?;
            run(measure(group))
        }
    }
}

fn run(measuring: impl Future<Output = Result<()>>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(measuring)
}

/// Everything but revocation, or the group that is named.
async fn measure(group: Option<&str>) -> Result<()> {
    let mut report = report::Report::default();
    match group {
        None => everything(&mut report).await?,
        Some("policy") => policy::measure(&mut report)?,
        Some(group) => of_world(&mut report, group).await?,
    }
    report.print()
}

/// The groups that need both programs.
async fn of_world(report: &mut report::Report, group: &str) -> Result<()> {
    if !["server", "flows", "proxy", "floods", "herd"].contains(&group) {
        bail!("no group {group}: it is policy, server, flows, proxy, floods, herd, revocation, or nothing");
    }
    let world = world::World::start().await?;
    match group {
        "server" => server::measure(report, &world).await,
        "flows" => flows::measure(report, &world).await,
        "floods" => floods::measure(report, &world).await,
        "herd" => herd::measure(report, &world).await,
        _ => proxy::measure(report, &world).await,
    }
}

async fn everything(report: &mut report::Report) -> Result<()> {
    limits::measure(report)?;
    policy::measure(report)?;
    let mut world = world::World::start().await?;
    process::measure_start(report).await?;
    process::note_memory(report, &mut world, "idle");
    server::measure(report, &world).await?;
    flows::measure(report, &world).await?;
    proxy::measure(report, &world).await?;
    floods::measure(report, &world).await?;
    herd::measure(report, &world).await?;
    process::note_memory(report, &mut world, "after load");
    Ok(())
}
