//! Tokens that the proxy knows already: the path that nearly every request takes.
//! No figure is taken before each token was seen once.

use anyhow::Result;

use super::tokens::{Pool, sizes};
use crate::cpu::counted;
use crate::load::{Rate, once, steady};
use crate::report::Report;
use crate::seconds;
use crate::world::World;

/// What our proxy did with so many tokens of a format; none is every token new.
pub struct Ours(pub Vec<(&'static str, Option<usize>, Rate)>);

impl Ours {
    pub fn find(&self, kind: &str, count: Option<usize>) -> Option<Rate> {
        let found = self.0.iter().find(|row| row.0 == kind && row.1 == count)?;
        Some(found.2)
    }
}

pub async fn measure(report: &mut Report, world: &World, pools: &[Pool], bare: Rate) -> Result<Ours> {
    let address = world.proxy.address();
    let mut ours = Ours(Vec::new());
    for pool in pools {
        for count in sizes() {
            let requests = pool.requests(count);
            once(address, requests.clone(), 200).await?;
            let run = steady(address, requests, 200, seconds());
            let rate = counted(world.proxy_id, run).await?;
            let what = format!("proxy, cached, {}, {count} token(s)", pool.kind);
            let aim = if count == 1 {
                "≥ 0.95, p50 ≤ +20 µs"
            } else {
                "≥ 0.93"
            };
            report.beside(&what, rate, "bare pingora", bare, aim);
            ours.0.push((pool.kind, Some(count), rate));
        }
    }
    Ok(ours)
}
