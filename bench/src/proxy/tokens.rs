//! The tokens of a run, and the requests that carry them.
//! A token that is to be new is never taken from a pool that was used before.

use std::net::SocketAddr;

use anyhow::Result;

use crate::connection::get;
use crate::server;

pub const PATH: &str = "/orders/1";

/// How many different tokens the largest pool holds; `BENCH_TOKENS` makes it smaller for a quick try.
pub fn most() -> usize {
    let asked = std::env::var("BENCH_TOKENS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(100_000)
}

/// The sizes of pools that are measured.
pub fn sizes() -> [usize; 3] {
    [1, most() / 10, most()]
}

/// A pool of tokens of one format.
pub struct Pool {
    /// `opaque` or `jwt`, which is also the client that gets them.
    pub kind: &'static str,
    pub tokens: Vec<String>,
}

/// One pool of each format.
pub async fn mint(address: SocketAddr) -> Result<[Pool; 2]> {
    Ok([
        pool(address, "opaque", most()).await?,
        pool(address, "jwt", most()).await?,
    ])
}

/// `count` tokens that nobody has seen.
pub async fn pool(address: SocketAddr, kind: &'static str, count: usize) -> Result<Pool> {
    let tokens = server::mint(address, kind, count).await?;
    Ok(Pool { kind, tokens })
}

impl Pool {
    /// A request for each of the first `count` tokens.
    pub fn requests(&self, count: usize) -> Vec<Vec<u8>> {
        let requests = self.tokens.iter().take(count).map(|token| {
            let header = format!("Authorization: Bearer {token}\r\n");
            get(PATH, &header)
        });
        requests.collect()
    }
}
