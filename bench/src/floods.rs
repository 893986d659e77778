//! What a flood of logins does to introspection.

use anyhow::Result;

use crate::connection::{Connection, post_form};
use crate::cpu::counted;
use crate::load::{Rate, steady};
use crate::report::Report;
use crate::seconds;
use crate::server::{basic, mint};
use crate::world::World;

const LOGINS: usize = 200;

pub async fn measure(report: &mut Report, world: &World) -> Result<()> {
    let address = world.server.address();
    let token = mint(address, "opaque", 1).await?.remove(0);
    let request = vec![post_form(
        "/oauth2/introspect",
        &basic("edge"),
        &format!("token={token}"),
    )];
    let run = steady(address, request.clone(), 200, seconds());
    let quiet = counted(world.server_id, run).await?;
    report.rate("introspection, nobody logs in", quiet);
    let issuer = world.server.issuer();
    let flood = tokio::spawn(async move { logins(&issuer).await });
    let busy = steady(address, request, 200, seconds()).await?;
    flood.abort();
    report.plain(
        &format!("introspection, {LOGINS} logins at once"),
        figures(quiet, busy),
        "p99 ≤ 25 ms",
    );
    // The server still lets people in.
    Connection::open(address).await.map(|_| ())
}

fn figures(quiet: Rate, busy: Rate) -> String {
    #[expect(clippy::cast_precision_loss, reason = "microseconds are small")]
    let factor = busy.p99_micros as f64 / quiet.p99_micros.max(1) as f64;
    format!(
        "{:.0}/s, p99 {} µs = {factor:.1} × the quiet one",
        busy.per_second, busy.p99_micros
    )
}

/// Wrong passwords, `LOGINS` at a time, for as long as it is let.
async fn logins(issuer: &str) -> Result<()> {
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .cookie_store(true)
        .build()?;
    let page = client.get(format!("{issuer}/login")).send().await?.text().await?;
    let csrf = page
        .split("name=\"csrf\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap_or_default()
        .to_owned();
    loop {
        let attempts = (0..LOGINS).map(|index| {
            let form = [
                ("csrf", csrf.clone()),
                ("username", format!("nobody{index}")),
                ("password", "wrong".to_owned()),
            ];
            client.post(format!("{issuer}/login")).form(&form).send()
        });
        futures::future::join_all(attempts).await;
    }
}
