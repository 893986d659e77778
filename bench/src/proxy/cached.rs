//! Tokens that are known already: the path that nearly every request takes, beside bare pingora and both nginx.
//! No figure is taken before each of them has seen each token once.

use std::sync::Arc;

use anyhow::Result;

use super::nginx::Gates;
use super::tokens::{Pool, sizes};
use crate::contest::{Entrant, rates};
use crate::load::once;
use crate::report::Report;
use crate::world::{Reference, World};

pub async fn measure(report: &mut Report, world: &World, pools: &[Pool], bare: &Reference) -> Result<()> {
    for pool in pools {
        let gates = Gates::start(world).await?;
        for count in sizes() {
            one(report, world, &gates, bare, (pool, count)).await?;
        }
    }
    Ok(())
}

async fn one(
    report: &mut Report,
    world: &World,
    Gates { auth_request, njs }: &Gates,
    bare: &Reference,
    (pool, count): (&Pool, usize),
) -> Result<()> {
    let requests = Arc::new(pool.requests(count));
    let address = world.proxy.address();
    for address in [address, auth_request.address, njs.address] {
        once(address, requests.clone(), 200).await?;
    }
    let [pingora, ours, asking, scripted] = rates([
        Entrant::reference(bare, &requests),
        Entrant::http1(world.proxy_id, address, &requests),
        Entrant::http1(auth_request.id(), auth_request.address, &requests),
        Entrant::http1(njs.id(), njs.address, &requests),
    ])
    .await?;
    let what = format!("cached, {}, {count} token(s)", pool.kind);
    let aim = if count == 1 { "≥ 0.95" } else { "≥ 0.93" };
    report.rate(&format!("bare pingora, {what}"), pingora);
    report.beside(&format!("proxy, {what}"), ours, "bare pingora", pingora, aim);
    report.rate_of_another(&format!("nginx auth_request, {what}"), asking, ours, "");
    report.rate_of_another(&format!("nginx njs, {what}"), scripted, ours, "≥ 1.25");
    Ok(())
}
