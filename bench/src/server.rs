//! The token and introspection endpoints against a plain axum handler.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::connection::{Connection, post_form};
use crate::cpu::counted;
use crate::load::{CONNECTIONS, Rate, expect, steady};
use crate::report::Report;
use crate::world::{SECRET, World};
use crate::{limits, seconds};

const MANY: usize = 10_000;

pub async fn measure(report: &mut Report, world: &World) -> Result<()> {
    let asking = vec![post_form("/token", "", &format!("token={}", "x".repeat(55)))];
    let run = steady(world.axum.address, asking, 200, seconds());
    let floor = counted(world.axum.id(), run).await?;
    report.rate("reference: axum, form in, JSON out", floor);
    introspection(report, world, floor).await?;
    tokens(report, world, floor).await
}

async fn introspection(report: &mut Report, world: &World, floor: Rate) -> Result<()> {
    let address = world.server.address();
    for kind in ["jwt", "opaque"] {
        for count in [1, MANY] {
            let minted = mint(address, kind, count).await?;
            let requests = minted
                .iter()
                .map(|token| post_form("/oauth2/introspect", &basic("edge"), &format!("token={token}")));
            let run = steady(address, requests.collect::<Vec<_>>(), 200, seconds());
            let rate = counted(world.server_id, run).await?;
            let what = format!("introspection, {kind}, {count} token(s)");
            report.beside(&what, rate, "the axum floor", floor, "≥ 0.75");
        }
    }
    Ok(())
}

async fn tokens(report: &mut Report, world: &World, floor: Rate) -> Result<()> {
    let address = world.server.address();
    let signatures = limits::signatures()?;
    let ceiling = 1.0 / (1.0 / floor.per_second + 1.0 / signatures);
    let run = steady(address, vec![client_credentials("jwt")], 200, seconds());
    let rate = counted(world.server_id, run).await?;
    report.ratio(
        "client_credentials, ES256 JWT",
        rate,
        "1/(floor + signature)",
        ceiling,
        "≥ 0.80",
    );
    let run = steady(address, vec![client_credentials("opaque")], 200, seconds());
    let rate = counted(world.server_id, run).await?;
    report.ratio(
        "client_credentials, opaque (durable)",
        rate,
        "one-by-one syncs",
        limits::syncs()?,
        "bound by batched commits",
    );
    Ok(())
}

/// `count` tokens of a client.
pub async fn mint(address: SocketAddr, client: &str, count: usize) -> Result<Vec<String>> {
    let tasks = (0..CONNECTIONS.min(count)).map(|index| {
        let request = client_credentials(client);
        let share = count / CONNECTIONS.min(count) + usize::from(index < count % CONNECTIONS.min(count));
        tokio::spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut tokens = Vec::with_capacity(share);
            for _ in 0..share {
                let answer = connection.send(&request).await?;
                expect(&answer, 200)?;
                let body: serde_json::Value = serde_json::from_slice(&answer.body)?;
                tokens.push(body["access_token"].as_str().context("no token")?.to_owned());
            }
            anyhow::Ok(tokens)
        })
    });
    let mut all = Vec::with_capacity(count);
    for task in tasks.collect::<Vec<_>>() {
        all.extend(task.await??);
    }
    Ok(all)
}

fn client_credentials(client: &str) -> Vec<u8> {
    post_form(
        "/oauth2/token",
        &basic(client),
        "grant_type=client_credentials&scope=orders%3Aread",
    )
}

/// The header line of a client.
pub fn basic(client: &str) -> String {
    format!(
        "Authorization: Basic {}\r\n",
        STANDARD.encode(format!("{client}:{SECRET}"))
    )
}
