//! Closed-loop load: so many connections, each sending its next request when the last was answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::Instant;

use crate::connection::{Answer, Connection};

pub const CONNECTIONS: usize = 64;

/// What a run gave.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rate {
    pub requests: usize,
    pub per_second: f64,
    pub p50_micros: u64,
    pub p99_micros: u64,
    /// Processor time of the measured process for each request; none measured is 0.
    pub user_micros: f64,
    pub system_micros: f64,
}

impl Rate {
    pub fn cpu_micros(self) -> f64 {
        self.user_micros + self.system_micros
    }
}

/// Whole requests, as they go over the wire.
pub type Requests = Arc<Vec<Vec<u8>>>;

/// Requests are taken from `requests` in turn; each answer must have `status`.
pub async fn steady(
    address: SocketAddr,
    requests: impl Into<Requests>,
    status: u16,
    length: Duration,
) -> Result<Rate> {
    steady_over(CONNECTIONS, address, requests, status, length).await
}

/// The same over as many connections as named.
pub async fn steady_over(
    connections: usize,
    address: SocketAddr,
    requests: impl Into<Requests>,
    status: u16,
    length: Duration,
) -> Result<Rate> {
    let began = Instant::now();
    let requests = requests.into();
    let count = requests.len();
    let pick = move |turn: usize| (began.elapsed() < length).then(|| turn % count);
    run(connections, address, requests, status, pick).await
}

/// Each of `requests` once.
pub async fn once(address: SocketAddr, requests: impl Into<Requests>, status: u16) -> Result<Rate> {
    let requests = requests.into();
    let count = requests.len();
    let pick = move |turn: usize| (turn < count).then_some(turn);
    run(CONNECTIONS, address, requests, status, pick).await
}

/// `pick` says which request is sent in which turn, until it names none.
async fn run(
    connections: usize,
    address: SocketAddr,
    requests: Requests,
    status: u16,
    pick: impl Fn(usize) -> Option<usize> + Copy + Send + 'static,
) -> Result<Rate> {
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let tasks = (0..connections).map(|_| {
        let (requests, next) = (requests.clone(), next.clone());
        tokio::spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut times = Vec::with_capacity(100_000);
            while let Some(index) = pick(next.fetch_add(1, Ordering::Relaxed)) {
                let sent = Instant::now();
                let answer = connection.send(&requests[index]).await?;
                times.push(micros(sent));
                expect(&answer, status)?;
            }
            Ok(times)
        })
    });
    collect(tasks.collect(), began).await
}

/// Latencies of many tasks as one rate.
pub async fn collect(tasks: Vec<tokio::task::JoinHandle<Result<Vec<u64>>>>, began: Instant) -> Result<Rate> {
    let mut times = Vec::new();
    for task in tasks {
        times.extend(task.await??);
    }
    let elapsed = began.elapsed().as_secs_f64();
    times.sort_unstable();
    let at = |share: usize| {
        times
            .get((times.len() * share / 1000).min(times.len().saturating_sub(1)))
            .copied()
            .unwrap_or(0)
    };
    #[expect(clippy::cast_precision_loss, reason = "counts of requests are small")]
    let per_second = times.len() as f64 / elapsed;
    Ok(Rate {
        requests: times.len(),
        per_second,
        p50_micros: at(500),
        p99_micros: at(990),
        ..Rate::default()
    })
}

pub fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

pub fn expect(answer: &Answer, status: u16) -> Result<()> {
    if answer.status != status {
        bail!(
            "expected {status}, got {}\n{}",
            answer.head,
            String::from_utf8_lossy(&answer.body)
        );
    }
    Ok(())
}
