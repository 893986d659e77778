//! `serve`: runs the proxy until a signal or a successor ends it; reloads, hands over, drains.
//! It refuses to take over from a running proxy before it can judge requests itself.

use super::successor;
use crate::clock::Clock;
use crate::config::{self, Config, ConfigError};
use crate::handover::{Offer, Predecessor, Successor};
use crate::serve::{Proxy, write_port_file};
use std::path::Path;
use std::time::{Duration, SystemTime};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long the port file waits for the authorization server; without it the proxy answers 503.
const FIRST_READY: Duration = Duration::from_secs(2);
/// How long a successor waits for it before it gives up and leaves the place to its predecessor.
const SUCCESSOR_READY: Duration = Duration::from_secs(30);
const FILE_CHECK: Duration = Duration::from_secs(2);

/// Serves until told to stop.
pub async fn until_told(path: &Path, config: &Config, port_file: Option<&Path>) -> Result<(), String> {
    let mut signals = Signals::new().map_err(|error| error.to_string())?;
    let (mut proxy, offer) = start(config).await?;
    for (name, address) in &proxy.listeners {
        tracing::info!(name, %address, "listening");
    }
    tracing::info!(address = %proxy.admin, "admin listening");
    if let Some(file) = port_file {
        proxy.ready_within(FIRST_READY).await;
        write_port_file(file, &proxy).map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    }
    successor::tell_system(&[sd_notify::NotifyState::Ready]);
    match work(path, &mut proxy, &mut signals, offer.as_ref()).await {
        End::Told => {
            tracing::info!("shutting down");
            successor::tell_system(&[sd_notify::NotifyState::Stopping]);
            drop(offer);
            proxy.drain().await;
        }
        End::Taken(successor) => {
            tracing::info!(process = successor.process, "a successor took over");
            successor::name_to_system(successor);
            drop(offer);
            proxy.hand_over(config.runtime.farewell.0).await;
        }
    }
    Ok(())
}

/// A proxy that accepts connections, on the sockets of a running one where there is one.
async fn start(config: &Config) -> Result<(Proxy, Option<Offer>), String> {
    let Some(path) = config.runtime.upgrade_socket.clone() else {
        return Ok((Proxy::start(config, Clock::system()).await?, None));
    };
    let failed = |error: std::io::Error| format!("runtime.upgrade_socket: {}: {error}", path.display());
    let at = path.clone();
    let found = tokio::task::spawn_blocking(move || Predecessor::find(&at)).await;
    let mut predecessor = found.map_err(std::io::Error::other).flatten().map_err(failed)?;
    let mut proxy = Proxy::prepare(config, Clock::system(), predecessor.as_mut()).await?;
    if predecessor.is_some() && !proxy.ready_within(SUCCESSOR_READY).await {
        return Err("not ready to take over from the running proxy, which goes on".to_owned());
    }
    let sockets = proxy.offered().map_err(failed)?;
    proxy.open();
    let offer = Offer::open(&path, sockets).map_err(failed)?;
    if let Some(predecessor) = predecessor {
        predecessor.take_over().map_err(failed)?;
    }
    Ok((proxy, Some(offer)))
}

enum End {
    /// By a signal.
    Told,
    /// By a process that serves now.
    Taken(Successor),
}

async fn work(path: &Path, proxy: &mut Proxy, signals: &mut Signals, offer: Option<&Offer>) -> End {
    let taken = async {
        match offer {
            Some(offer) => offer.taken().await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(taken);
    let mut seen = modified(path);
    loop {
        tokio::select! {
            _ = signals.terminate.recv() => return End::Told,
            _ = signals.interrupt.recv() => return End::Told,
            successor = &mut taken => return End::Taken(successor),
            _ = signals.hangup.recv() => reload(path, proxy).await,
            _ = signals.upgrade.recv() => successor::launch(offer.is_some()),
            () = tokio::time::sleep(FILE_CHECK) => {
                let now = modified(path);
                if now.is_some() && std::mem::replace(&mut seen, now) != now {
                    reload(path, proxy).await;
                }
            }
        }
    }
}

async fn reload(path: &Path, proxy: &mut Proxy) {
    let result = match config::load(path) {
        Ok(config) => proxy.reload(&config).await,
        Err(ConfigError::Invalid(problems)) => Err(problems),
        Err(error) => Err(vec![error.to_string()]),
    };
    proxy.reloaded(result.is_ok());
    match result {
        Ok(kept) if kept.is_empty() => tracing::info!("routes reloaded"),
        Ok(kept) => tracing::warn!(
            sections = kept.join(", "),
            "routes reloaded; these sections changed too and count from the next start or upgrade on"
        ),
        Err(problems) => tracing::error!(
            problems = problems.join("; "),
            "routes not reloaded, the old ones stay"
        ),
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|meta| meta.modified()).ok()
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
    upgrade: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
            upgrade: signal(SignalKind::user_defined2())?,
        })
    }
}
