//! Proxies that check nothing: pingora as it comes, with its settings, its scheduler, its allocator changed one by
//! one, and nginx. What a change wins is the share of the gap to nginx that settings can close.
//! They refuse to know tokens.

use std::sync::Arc;

use anyhow::Result;

use super::nginx::Nginx;
use super::tokens::{PATH, Pool};
use crate::connection::get;
use crate::contest::{Entrant, rates};
use crate::load::{Rate, once};
use crate::report::Report;
use crate::world::{Reference, World};

/// The reference that our proxy is held against, still running, and its rate.
pub struct Bare {
    pub pingora: Reference,
    pub rate: Rate,
}

pub async fn measure(report: &mut Report, world: &World, pool: &Pool) -> Result<Bare> {
    let upstream = world.upstream.address;
    let defaults = Reference::start("pingora", Some(upstream))?.on_its_own()?;
    let pingora = Reference::start("pingora-alike", Some(upstream))?.on_its_own()?;
    let mimalloc = Reference::start_with_mimalloc("pingora-alike", upstream)?.on_its_own()?;
    let sessions = Reference::start("pingora-sessions", Some(upstream))?.on_its_own()?;
    let nginx = Nginx::bare(upstream).await?;
    let plain = Arc::new(vec![get(PATH, "")]);
    let known = Arc::new(pool.requests(1));
    once(world.proxy.address(), known.clone(), 200).await?;
    let [default, rate, other, leaner, theirs, ours] = rates([
        Entrant::reference(&defaults, &plain),
        Entrant::reference(&pingora, &plain),
        Entrant::reference(&mimalloc, &plain),
        Entrant::reference(&sessions, &plain),
        Entrant::http1(nginx.id(), nginx.address, &plain),
        Entrant::http1(world.proxy_id, world.proxy.address(), &known),
    ])
    .await?;
    report.rate("reference: bare pingora, its defaults", default);
    for (what, rate, aim) in [
        ("reference: bare pingora, no work stealing", rate, ""),
        ("reference: the same with mimalloc", other, ""),
        ("reference: pingora's sessions without its phases", leaner, ""),
        ("reference: bare nginx", theirs, ""),
        ("proxy, cached, opaque, 1 token(s)", ours, "≥ 1.15"),
    ] {
        report.beside(what, rate, "pingora's defaults", default, aim);
    }
    Ok(Bare { pingora, rate })
}
