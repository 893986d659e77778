//! Proxies that check nothing: pingora as it comes, with its settings, its scheduler, its allocator changed one by
//! one, and nginx. What a change wins is the share of the gap to nginx that settings can close.
//! They refuse to know tokens.

use anyhow::Result;

use super::nginx::Nginx;
use super::tokens::PATH;
use crate::connection::get;
use crate::cpu::counted;
use crate::load::{Rate, steady};
use crate::report::Report;
use crate::seconds;
use crate::world::{Reference, World};

/// The reference that our proxy is held against, still running, and its rate.
pub struct Bare {
    pub pingora: Reference,
    pub rate: Rate,
}

pub async fn measure(report: &mut Report, world: &World) -> Result<Bare> {
    let upstream = world.upstream.address;
    let defaults = Reference::start("pingora", Some(upstream))?;
    let theirs = run(&defaults).await?;
    report.rate("reference: bare pingora, its defaults", theirs);
    drop(defaults);
    let pingora = Reference::start("pingora-alike", Some(upstream))?;
    let rate = run(&pingora).await?;
    let alike = "reference: bare pingora, no work stealing";
    report.beside(alike, rate, "its defaults", theirs, "");
    let mimalloc = Reference::start_with_mimalloc("pingora-alike", upstream)?;
    let other = run(&mimalloc).await?;
    let what = "reference: the same with mimalloc";
    report.beside(what, other, "its defaults", theirs, "");
    drop(mimalloc);
    let sessions = Reference::start("pingora-sessions", Some(upstream))?;
    let leaner = run(&sessions).await?;
    let what = "reference: pingora's sessions without its phases";
    report.beside(what, leaner, "its defaults", theirs, "");
    drop(sessions);
    let nginx = Nginx::bare(upstream).await?;
    let run = steady(nginx.address, vec![get(PATH, "")], 200, seconds());
    let rate_there = counted(nginx.id(), run).await?;
    let what = "reference: bare nginx";
    report.beside(what, rate_there, "pingora's defaults", theirs, "");
    Ok(Bare { pingora, rate })
}

async fn run(reference: &Reference) -> Result<Rate> {
    let run = steady(reference.address, vec![get(PATH, "")], 200, seconds());
    counted(reference.id(), run).await
}
