//! The proxy against bare pingora and against nginx, all in front of the same upstream with as many threads.
//! It refuses to compare figures of different runs.

mod alone;
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
    let threads = crate::cores::threads();
    report.plain("threads of each proxy", threads.to_string(), "");
    let tokens = tokens::mint(world.server.address()).await?;
    let bare = bare::measure(report, world, &tokens[0]).await?;
    cached::measure(report, world, &tokens, &bare.pingora).await?;
    alone::measure(report, world, &tokens, &bare.pingora).await?;
    http2::measure(report, world, &bare.pingora, &tokens).await?;
    fresh::measure(report, world, bare.rate).await?;
    dpop::measure(report, world, bare.rate).await
}
