//! One request at a time: how much later its answer comes because its token was checked.
//! It refuses to be read as a rate: nobody else is there.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;

use super::nginx::Gates;
use super::tokens::Pool;
use crate::contest::{Entrant, rates};
use crate::load::{Requests, once, steady_over};
use crate::report::Report;
use crate::world::{Reference, World};

pub async fn measure(report: &mut Report, world: &World, pools: &[Pool], bare: &Reference) -> Result<()> {
    let Gates { auth_request, njs } = Gates::start(world).await?;
    let address = world.proxy.address();
    for pool in pools {
        let known = Arc::new(pool.requests(1));
        for address in [address, auth_request.address, njs.address] {
            once(address, known.clone(), 200).await?;
        }
        let [pingora, ours, asking, scripted] = rates([
            entrant(bare.id(), bare.address, &known),
            entrant(world.proxy_id, address, &known),
            entrant(auth_request.id(), auth_request.address, &known),
            entrant(njs.id(), njs.address, &known),
        ])
        .await?;
        let what = format!("cached, {}, one request at a time", pool.kind);
        report.rate(&format!("bare pingora, {what}"), pingora);
        let aim = "p50 ≤ +20 µs";
        report.beside(&format!("proxy, {what}"), ours, "bare pingora", pingora, aim);
        report.rate_of_another(&format!("nginx auth_request, {what}"), asking, ours, "");
        report.rate_of_another(&format!("nginx njs, {what}"), scripted, ours, "");
    }
    Ok(())
}

fn entrant(process: u32, address: SocketAddr, requests: &Requests) -> Entrant<'static> {
    let requests = requests.clone();
    Entrant::new(process, move |length| {
        Box::pin(steady_over(1, address, requests.clone(), 200, length))
    })
}
