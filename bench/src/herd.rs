//! Herds and garbage at the proxy: one new token by thousands at once, many that lapse together, tokens nobody issued.
//! Refuses an upstream: `/check` is asked, so that nothing but the proxy and the authorization server is measured.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};
use oauth::opaque::{self, OpaqueKind};
use tests::proxy::{Proxy, Secret, Setup};
use tokio::task::JoinHandle;
use tokio::time::{Duration, Instant};

use crate::connection::{Connection, get};
use crate::load::{CONNECTIONS, Rate, collect, expect, micros, steady};
use crate::process::resident;
use crate::report::Report;
use crate::seconds;
use crate::server::mint;
use crate::world::{SECRET, World};

const AT_ONCE: usize = 10_000;
const LAPSING: usize = 100_000;
const STORM: usize = 512;
const WARM: Duration = Duration::from_millis(100);
const LIFE: Duration = Duration::from_secs(10);

const SECTIONS: &str = r#"
[limits]
lookups_per_address = "1000000/s"
connections_per_address = 20000

[cache]
max_entries = 200000
ttl = "10s"
"#;

pub async fn measure(report: &mut Report, world: &World) -> Result<()> {
    let mut proxy = Proxy::start(Setup {
        issuer: world.server.issuer(),
        client_id: "edge".to_owned(),
        client_secret: Secret::Text(SECRET.to_owned()),
        upstream: world.axum.address,
        sections: SECTIONS.to_owned(),
    })
    .await?;
    one_new_token(report, world, &proxy).await?;
    many_that_lapse(report, world, &proxy).await?;
    garbage(report, world, &mut proxy).await
}

async fn one_new_token(report: &mut Report, world: &World, proxy: &Proxy) -> Result<()> {
    let request = Arc::new(check(&mint(world.server.address(), "opaque", 1).await?.remove(0)));
    let mut connections = Vec::with_capacity(AT_ONCE);
    // As many as the machine allows.
    while connections.len() < AT_ONCE {
        let Ok(connection) = Connection::open(proxy.address()).await else {
            break;
        };
        connections.push(connection);
    }
    let (before, count, began) = (figure(proxy, CALLS).await?, connections.len(), Instant::now());
    let ask = |mut connection: Connection| {
        let request = request.clone();
        tokio::spawn(async move {
            expect(&connection.send(&request).await?, 200)?;
            Ok(vec![micros(began)])
        })
    };
    let rate = collect(connections.into_iter().map(ask).collect(), began).await?;
    let calls = figure(proxy, CALLS).await? - before;
    let text = format!("{calls:.0} call(s), p99 {} ms", rate.p99_micros / 1000);
    report.plain(&format!("{count} at once with one new token"), text, "1 call");
    Ok(())
}

async fn many_that_lapse(report: &mut Report, world: &World, proxy: &Proxy) -> Result<()> {
    let count = usize::try_from(seconds().as_secs())?
        .saturating_mul(LAPSING / 4)
        .clamp(1, LAPSING);
    let tokens = mint(world.server.address(), "opaque", count).await?;
    let requests: Arc<Vec<_>> = Arc::new(tokens.iter().map(|token| check(token)).collect());
    let hot = check(&mint(world.server.address(), "opaque", 1).await?.remove(0));
    each_once(proxy.address(), requests.clone()).await?;
    steady(proxy.address(), vec![hot.clone()], 200, WARM).await?;
    let (quiet, _) = beside(
        proxy.address(),
        &hot,
        each_once(proxy.address(), requests.clone()),
    )
    .await?;
    tokio::time::sleep(LIFE).await;
    steady(proxy.address(), vec![hot.clone()], 200, WARM).await?;
    let before = figure(proxy, CALLS).await?;
    let peak = watch_peak(proxy.admin_url("/metrics"));
    let storm = each_once(proxy.address(), requests.clone());
    let (busy, refused) = beside(proxy.address(), &hot, storm).await?;
    peak.1.abort();
    let (calls, peak) = (
        figure(proxy, CALLS).await? - before,
        peak.0.load(Ordering::Relaxed),
    );
    let text = format!("{calls:.0} calls, {peak} at once, {refused} refused");
    report.plain(
        &format!("{count} tokens that lapsed together"),
        text,
        "≤ 64 at once",
    );
    #[expect(clippy::cast_precision_loss, reason = "microseconds are small")]
    let factor = busy.p99_micros as f64 / quiet.p99_micros.max(1) as f64;
    let text = format!("p99 {} µs = {factor:.1} × beside known ones", busy.p99_micros);
    report.plain("a known token meanwhile", text, "≤ 2 ×");
    Ok(())
}

async fn garbage(report: &mut Report, world: &World, proxy: &mut Proxy) -> Result<()> {
    let tokens = mint(world.server.address(), "opaque", 1000).await?;
    let honest: Vec<_> = tokens.iter().map(|token| check(token)).collect();
    steady(proxy.address(), honest.clone(), 200, seconds()).await?;
    let memory = resident(proxy.id());
    let (calls, misses) = (figure(proxy, CALLS).await?, figure(proxy, MISSES).await?);
    let (sent, began) = (Arc::new(AtomicUsize::new(0)), Instant::now());
    let floods = (0..CONNECTIONS).map(|number| flood(proxy.address(), number, sent.clone(), began));
    let floods: Vec<_> = floods.collect();
    let rate = steady(proxy.address(), honest, 200, seconds()).await?;
    for flood in floods {
        flood.await??;
    }
    let (elapsed, sent) = (began.elapsed().as_secs_f64(), sent.load(Ordering::Relaxed));
    let calls = (figure(proxy, CALLS).await? - calls) / elapsed;
    #[expect(clippy::cast_precision_loss, reason = "counts of requests are small")]
    let (garbage, asked) = (sent as f64, rate.per_second * seconds().as_secs_f64());
    let missed = (figure(proxy, MISSES).await? - misses - garbage).max(0.0);
    let text = format!("{:.0}/s sent, {calls:.0}/s asked about", garbage / elapsed);
    report.plain("garbage from 64 addresses", text, "≤ 1000/s, refreshes besides");
    let share = 100.0 * (1.0 - missed / asked.max(1.0));
    let text = format!("{share:.2} % known, p99 {} µs", rate.p99_micros);
    report.plain("honest callers meanwhile", text, "≥ 99 %");
    let unknown = || "unknown".to_owned();
    let text = format!(
        "{} to {}",
        memory.unwrap_or_else(unknown),
        resident(proxy.id()).unwrap_or_else(unknown)
    );
    report.plain(
        "memory of introspect-proxy in the flood",
        text,
        "+ 64 MiB at most",
    );
    Ok(())
}

/// Distinct well-formed tokens that nobody issued, from an address of its own, for as long as a measurement runs.
fn flood(to: SocketAddr, number: usize, sent: Arc<AtomicUsize>, began: Instant) -> JoinHandle<Result<()>> {
    tokio::spawn(async move {
        let host = u8::try_from(number)?;
        let from = IpAddr::V4(Ipv4Addr::new(127, 1, 0, host));
        let mut connection = Connection::open_from(from, to).await?;
        while began.elapsed() < seconds() {
            let mut secret = [host; 32];
            secret[..8].copy_from_slice(&sent.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            let token = opaque::encode(OpaqueKind::AccessToken, &secret);
            connection.send(&check(&token)).await?;
        }
        Ok(())
    })
}

/// Sends each request once over many connections; tells how many were not let through.
async fn each_once(address: SocketAddr, requests: Arc<Vec<Vec<u8>>>) -> Result<usize> {
    let next = Arc::new(AtomicUsize::new(0));
    let run = |_| {
        let (requests, next) = (requests.clone(), next.clone());
        tokio::spawn(async move {
            let (mut connection, mut refused) = (Connection::open(address).await?, 0);
            while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                refused += usize::from(connection.send(request).await?.status != 200);
            }
            anyhow::Ok(refused)
        })
    };
    let mut refused = 0;
    for task in (0..STORM).map(run).collect::<Vec<_>>() {
        refused += task.await??;
    }
    Ok(refused)
}

/// The rate of one request on few connections while `load` runs.
async fn beside<T>(
    address: SocketAddr,
    request: &[u8],
    load: impl Future<Output = Result<T>>,
) -> Result<(Rate, T)> {
    let (ended, began) = (Arc::new(AtomicUsize::new(0)), Instant::now());
    let run = |_| {
        let (ended, request) = (ended.clone(), request.to_vec());
        tokio::spawn(async move {
            let (mut connection, mut times) = (Connection::open(address).await?, Vec::new());
            while ended.load(Ordering::Relaxed) == 0 {
                let sent = Instant::now();
                expect(&connection.send(&request).await?, 200)?;
                times.push(micros(sent));
            }
            Ok(times)
        })
    };
    let tasks = (0..8).map(run).collect();
    let loaded = load.await;
    ended.store(1, Ordering::Relaxed);
    Ok((collect(tasks, began).await?, loaded?))
}

const CALLS: &str = "proxy_introspections_total";
const MISSES: &str = "proxy_cache_misses_total";

async fn figure(proxy: &Proxy, name: &str) -> Result<f64> {
    read(&proxy.admin_url("/metrics"), name).await
}

async fn read(url: &str, name: &str) -> Result<f64> {
    let text = reqwest::get(url).await?.text().await?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    Ok(line.with_context(|| format!("no {name}"))?.parse()?)
}

/// The most calls that were seen in flight, looked at again and again until aborted.
fn watch_peak(url: String) -> (Arc<AtomicUsize>, JoinHandle<()>) {
    let peak = Arc::new(AtomicUsize::new(0));
    let seen = peak.clone();
    let task = tokio::spawn(async move {
        while let Ok(now) = read(&url, "proxy_introspections_in_flight").await {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a gauge of whole calls"
            )]
            seen.fetch_max(now as usize, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    (peak, task)
}

fn check(token: &str) -> Vec<u8> {
    get(
        "/check?scope=orders%3Aread",
        &format!("Authorization: Bearer {token}\r\n"),
    )
}
