//! Every token new: an opaque one is asked about, a JWT is verified here.
//! No token is sent twice to anybody.

use anyhow::Result;

use super::nginx::Gates;
use super::tokens::{most, pool};
use crate::cpu::counted;
use crate::load::{Rate, once};
use crate::report::Report;
use crate::world::World;

/// So many tokens are new.
pub fn count() -> usize {
    most() / 5
}

pub async fn measure(report: &mut Report, world: &World, bare: Rate) -> Result<()> {
    let Gates { auth_request, njs } = Gates::start(world).await?;
    for kind in ["opaque", "jwt"] {
        let pool = pool(world.server.address(), kind, count()).await?;
        let requests = std::sync::Arc::new(pool.requests(count()));
        let each = async |process, address| counted(process, once(address, requests.clone(), 200)).await;
        let asking = each(auth_request.id(), auth_request.address).await?;
        let ours = each(world.proxy_id, world.proxy.address()).await?;
        let scripted = each(njs.id(), njs.address).await?;
        let what = format!("{kind}, every token new");
        report.beside(&format!("proxy, {what}"), ours, "bare pingora", bare, "");
        report.rate_of_another(&format!("nginx auth_request, {what}"), asking, ours, "≥ 0.85");
        report.rate_of_another(&format!("nginx njs, {what}"), scripted, ours, "≥ 1.25");
    }
    Ok(())
}
