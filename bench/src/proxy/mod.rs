//! The proxy against bare pingora and against nginx, all in front of the same upstream with as many threads.
//! It refuses to compare figures of different runs.

mod bare;
mod cached;
mod dpop;
mod fresh;
mod http2;
mod nginx;
mod tokens;

use anyhow::Result;

use crate::report::Report;
use crate::world::World;

pub async fn measure(report: &mut Report, world: &World) -> Result<()> {
    let threads = crate::reference::threads();
    report.plain("threads of each proxy", threads.to_string(), "");
    let bare = bare::measure(report, world).await?;
    let tokens = tokens::mint(world.server.address()).await?;
    let mut ours = cached::measure(report, world, &tokens, bare.rate).await?;
    fresh::measure(report, world, &mut ours, bare.rate).await?;
    dpop::measure(report, world, bare.rate).await?;
    http2::measure(report, world, &bare.pingora, &tokens).await?;
    nginx::measure(report, world, &tokens, &ours).await
}
