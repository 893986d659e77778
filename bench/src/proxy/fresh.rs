//! Every token new: an opaque one is asked about, a JWT is verified here.
//! No token is sent twice.

use anyhow::Result;

use super::cached::Ours;
use super::tokens::{most, pool};
use crate::cpu::counted;
use crate::load::{Rate, once};
use crate::report::Report;
use crate::world::World;

/// So many tokens are new.
pub fn count() -> usize {
    most() / 5
}

pub async fn measure(report: &mut Report, world: &World, ours: &mut Ours, bare: Rate) -> Result<()> {
    for kind in ["opaque", "jwt"] {
        let pool = pool(world.server.address(), kind, count()).await?;
        let run = once(world.proxy.address(), pool.requests(count()), 200);
        let rate = counted(world.proxy_id, run).await?;
        let what = format!("proxy, {kind}, every token new");
        report.beside(&what, rate, "bare pingora", bare, "");
        ours.0.push((kind, None, rate));
    }
    Ok(())
}
