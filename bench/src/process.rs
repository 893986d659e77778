//! Memory of the running programs, and the time from start to the first answer.

use anyhow::Result;
use tests::server::{Server, Setup};
use tokio::time::Instant;

use crate::report::Report;
use crate::world::World;

/// Resident memory of both programs, by its process number.
pub fn note_memory(report: &mut Report, world: &mut World, when: &str) {
    for (name, id) in [
        ("authz-server", world.server.id()),
        ("introspect-proxy", world.proxy.id()),
    ] {
        let what = format!("memory of {name}, {when}");
        report.plain(
            &what,
            resident(id).unwrap_or_else(|| "unknown".to_owned()),
            "idle ≤ 16 MiB",
        );
    }
}

/// Resident memory of a process.
pub fn resident(id: u32) -> Option<String> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(format!("{:.1} MiB", kib / 1024.0))
}

/// First start makes database and keys; the second finds them.
pub async fn measure_start(report: &mut Report) -> Result<()> {
    let began = Instant::now();
    let mut server = Server::start(Setup::sqlite()).await?;
    report.plain(
        "first start to answering",
        format!("{} ms", began.elapsed().as_millis()),
        "≤ 60 ms",
    );
    server.kill_hard()?;
    let began = Instant::now();
    server.restart().await?;
    report.plain(
        "later start to answering",
        format!("{} ms", began.elapsed().as_millis()),
        "≤ 25 ms",
    );
    Ok(())
}
