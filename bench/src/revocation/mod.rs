//! How long after the end of a credential the last request with it is let through: `bench revocation`.
//! Refuses to look inside: it hears of commits by the answer to whoever ended something, and of requests by their status.

mod door;
mod faults;
mod figures;
mod house;
mod in_use;
mod key;
mod person;

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::seconds;
use door::Door;
use figures::Figures;
use house::House;
use in_use::InUse;

/// How long a proxy may rely on what it knows; the default of the proxy.
const LEASE: Duration = Duration::from_secs(5);
/// Credentials that are in use at once.
const AT_ONCE: usize = 4;
/// Between the requests with one credential at one proxy, for each proxy: so that more of them do not mean more load, and what
/// is measured is not how proxies and clients wait for each other's cores.
const PACE: Duration = Duration::from_micros(300);
/// How long use goes on after the last proxy has refused.
const AFTERMATH: Duration = Duration::from_millis(100);

/// Prints the histograms; the last line is the verdict.
pub async fn measure() -> Result<()> {
    let mut all = Figures::default();
    for proxies in [1, 4, 16] {
        let figures = healthy(proxies)
            .await
            .with_context(|| format!("{proxies} proxies"))?;
        figures.print(&format!("healthy, {proxies} proxies"))?;
        all.extend(figures);
    }
    let faulty = faults::measure(LEASE).await?;
    faulty.print("faults, 4 proxies")?;
    let late = all.late(LEASE) + faulty.late(LEASE);
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "revocation: healthy p99 {:.1} ms, worst under faults {:.1} ms, lease {} ms, late accepts {late}",
        all.answered(0.99),
        faulty.worst_begun(),
        LEASE.as_millis(),
    )?;
    ensure!(late == 0, "requests were let through later than the lease");
    Ok(())
}

/// Every door in turn, each with credentials of its own that are in use at all proxies.
async fn healthy(proxies: usize) -> Result<Figures> {
    let house = Arc::new(House::start(proxies, LEASE).await?);
    let (turns, began) = (Arc::new(Semaphore::new(AT_ONCE)), Instant::now());
    let mut lives = tokio::task::JoinSet::new();
    let mut figures = Figures::default();
    // At least once each, then for as long as it was asked for.
    let doors = Door::all();
    for (number, door) in doors.into_iter().cycle().enumerate() {
        if number >= doors.len() && began.elapsed() > seconds() * 2 {
            break;
        }
        let (turn, house) = (turns.clone().acquire_owned().await?, house.clone());
        lives.spawn(async move {
            let life = life(&house, door, number).await;
            drop(turn);
            life.with_context(|| format!("{door:?}"))
        });
        while let Some(done) = lives.try_join_next() {
            figures.extend(done??);
        }
    }
    while let Some(done) = lives.join_next().await {
        figures.extend(done??);
    }
    Ok(figures)
}

/// One credential: made, used everywhere, ended at some moment, refused everywhere.
async fn life(house: &House, door: Door, number: usize) -> Result<Figures> {
    let given = door.prepare(house, number).await?;
    let pace = PACE * u32::try_from(house.proxies.len())?;
    let mut users = Vec::new();
    for proxy in &house.proxies {
        users.push(InUse::begin(proxy.address(), given.token(), pace).await?);
    }
    // A moment that has nothing to do with what the proxies are doing.
    tokio::time::sleep(Duration::from_millis(20 + (number as u64 * 37) % 130)).await;
    door.end(house, &given).await?;
    let ended = Instant::now();
    for user in &users {
        user.refused(LEASE * 2).await?;
    }
    tokio::time::sleep(AFTERMATH).await;
    let mut figures = Figures::default();
    for user in users {
        figures.add(door.name(), ended, user.finish().await?);
    }
    Ok(figures)
}
