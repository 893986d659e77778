//! The same with faults between the server and the proxies, and in both: what is let through then, and for how long.
//! Ends credentials straight at the server, which the faults do not touch.

use std::time::Duration;

use anyhow::{Context as _, Result};
use tests::process::Signal;
use tests::relay::Weather;
use tokio::time::{Instant, sleep};

use super::figures::Figures;
use super::house::House;
use super::in_use::InUse;

const PROXIES: usize = 4;
const PACE: Duration = Duration::from_millis(2);
/// How long credentials are used on after the lease must have ended.
const BEYOND: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    Cut,
    Deaf,
    Late,
    LateByALease,
    Paused,
    PausedLong,
    ServerKilled,
}

impl Fault {
    const ALL: [Self; 7] = [
        Self::Cut,
        Self::Deaf,
        Self::Late,
        Self::LateByALease,
        Self::Paused,
        Self::PausedLong,
        Self::ServerKilled,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Cut => "feed cut",
            Self::Deaf => "feed swallowed",
            Self::Late => "feed 300 ms late each way",
            Self::LateByALease => "feed as late as the lease is long",
            Self::Paused => "proxies stopped for half a lease",
            Self::PausedLong => "proxies stopped for longer than the lease",
            Self::ServerKilled => "server killed after it answered",
        }
    }
}

pub async fn measure(lease: Duration) -> Result<Figures> {
    let mut house = House::start(PROXIES, lease).await?;
    let mut figures = Figures::default();
    for fault in Fault::ALL {
        let seen = suffer(&mut house, fault, lease).await;
        figures.extend(seen.with_context(|| fault.name())?);
    }
    Ok(figures)
}

async fn suffer(house: &mut House, fault: Fault, lease: Duration) -> Result<Figures> {
    let mut tokens = Vec::new();
    for client in ["jwt", "opaque"] {
        for _ in 0..2 {
            tokens.push((client, house.client_credentials(client).await?));
        }
    }
    let mut users = Vec::new();
    for (_, token) in &tokens {
        for proxy in &house.proxies {
            users.push(InUse::begin(proxy.address(), token, PACE).await?);
        }
    }
    begin(house, fault, lease)?;
    // Into the fault, so that no proxy has just been told that all is well.
    sleep(Duration::from_millis(50)).await;
    for (client, token) in &tokens {
        house.revoke(client, token).await?;
    }
    let ended = Instant::now();
    go_through(house, fault, lease).await?;
    sleep((lease + BEYOND).saturating_sub(ended.elapsed())).await;
    heal(house, fault).await?;
    let mut figures = Figures::default();
    for user in &users {
        // Whatever it was, in the end it is refused for what it is.
        user.refused(lease * 4).await?;
    }
    sleep(BEYOND).await;
    for user in users {
        figures.add(fault.name(), ended, user.finish().await?);
    }
    Ok(figures)
}

fn begin(house: &mut House, fault: Fault, lease: Duration) -> Result<()> {
    match fault {
        Fault::Cut => house.relay.turn(Weather::Cut),
        Fault::Deaf => house.relay.turn(Weather::Deaf),
        Fault::Late => house.relay.turn(Weather::Late(Duration::from_millis(300))),
        Fault::LateByALease => house.relay.turn(Weather::Late(lease)),
        Fault::Paused | Fault::PausedLong => signal(house, Signal::STOP)?,
        Fault::ServerKilled => {}
    }
    Ok(())
}

async fn go_through(house: &mut House, fault: Fault, lease: Duration) -> Result<()> {
    match fault {
        Fault::Paused => sleep(lease / 2).await,
        Fault::PausedLong => sleep(lease + BEYOND).await,
        Fault::ServerKilled => return house.server.kill_hard(),
        Fault::Cut | Fault::Deaf | Fault::Late | Fault::LateByALease => return Ok(()),
    }
    signal(house, Signal::CONT)
}

async fn heal(house: &mut House, fault: Fault) -> Result<()> {
    house.relay.turn(Weather::Clear);
    if fault == Fault::ServerKilled {
        house.server.restart().await?;
    }
    Ok(())
}

fn signal(house: &mut House, signal: Signal) -> Result<()> {
    let mut proxies = house.proxies.iter_mut();
    proxies.try_for_each(|proxy| proxy.process().signal(signal))
}
