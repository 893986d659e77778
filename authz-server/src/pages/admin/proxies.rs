//! `/admin/proxies`: who polls the revocation log, and how far they have come.

use std::time::Duration;

use axum::response::Response;
use domain::operation::{MOST_BEHIND, ProxyStanding};
use http::StatusCode;
use model::Timestamp;

use super::Draft;
use super::gate::Administrator;
use crate::http::fault;
use crate::pages::account::when::Clock;
use crate::pages::view::admin::{Cell, Part, Section, Table};

/// Whoever has not asked for so long is not there: its lease is over twice.
pub const SILENT: Duration = Duration::from_secs(15);

pub async fn show(admin: Administrator) -> Response {
    let (authority, ctx) = (&admin.visitor.state.authority, &admin.visitor.ctx);
    let standings = match authority.list_proxies(ctx).await {
        Ok(standings) => standings,
        Err(error) => return fault(&error),
    };
    let clock = admin.clock();
    let rows = standings
        .iter()
        .map(|standing| row(standing, ctx.now, &clock))
        .collect();
    Draft::new(Section::Proxies, "page-admin-proxies")
        .part(Part::Text(
            "Whoever polled the revocation log within an hour, as the replicas saw it up to a few seconds ago. A proxy that falls silent lets nobody through once its lease is over.".to_owned(),
        ))
        .part(Part::Table(Table {
            id: "proxies",
            caption: "Proxies",
            heads: vec!["Instance", "Client", "Address", "Version", "Behind", "Position", "Last poll"],
            rows,
            empty: "No proxy has polled. Make a client that is a proxy and give its id and secret to introspect-proxy.".to_owned(),
        }))
        .respond(&admin, StatusCode::OK)
}

/// Whether it goes on asking.
pub fn is_silent(standing: &ProxyStanding, now: Timestamp) -> bool {
    standing.proxy.seen_at.plus(SILENT) < now
}

fn row(standing: &ProxyStanding, now: Timestamp, clock: &Clock) -> Vec<Cell> {
    let proxy = &standing.proxy;
    let behind = match standing.behind {
        0 => "Nothing".to_owned(),
        MOST_BEHIND.. => format!("{MOST_BEHIND} or more, {} ms", standing.behind_for.as_millis()),
        some => format!("{some}, {} ms", standing.behind_for.as_millis()),
    };
    vec![
        Cell::text(proxy.instance.clone()).badge(is_silent(standing, now).then_some("Silent")),
        Cell::code(proxy.client_id.to_string()),
        Cell::text(proxy.address.clone().unwrap_or_else(|| "unknown".to_owned())),
        Cell::text(proxy.version.clone().unwrap_or_else(|| "not told".to_owned())),
        Cell::text(behind),
        Cell::code(proxy.position.to_string()),
        Cell::short(clock.moment(proxy.seen_at)),
    ]
}
