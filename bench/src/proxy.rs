//! The proxy with cached tokens against bare pingora, both to the same upstream.

use anyhow::Result;

use crate::connection::get;
use crate::load::steady;
use crate::report::Report;
use crate::seconds;
use crate::server::mint;
use crate::world::World;

const MANY: usize = 10_000;

pub async fn measure(report: &mut Report, world: &World) -> Result<()> {
    let plain = vec![get("/orders/1", "")];
    let bare = steady(world.pingora.address, plain, 200, seconds()).await?;
    report.rate("reference: bare pingora, its defaults", bare);
    for (kind, count, aim) in [
        ("opaque", 1, "≥ 0.95"),
        ("opaque", MANY, "≥ 0.93"),
        ("jwt", 1, "≥ 0.95"),
        ("jwt", MANY, "≥ 0.93"),
    ] {
        let tokens = mint(world.server.address(), kind, count).await?;
        let requests: Vec<_> = tokens
            .iter()
            .map(|token| get("/orders/1", &format!("Authorization: Bearer {token}\r\n")))
            .collect();
        // Once round, so that every token is known.
        steady(world.proxy.address(), requests.clone(), 200, seconds()).await?;
        let rate = steady(world.proxy.address(), requests, 200, seconds()).await?;
        report.ratio(
            &format!("proxy, cached, {kind}, {count} token(s)"),
            rate,
            "bare pingora",
            bare.per_second,
            aim,
        );
    }
    Ok(())
}
