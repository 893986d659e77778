//! The service of the demo: answers every request with what it was asked, as JSON.
//! It checks no credential at all; that is the proxy's work.

use std::io::Write as _;

use anyhow::{Context, Result};

#[tokio::main]
async fn main() -> Result<()> {
    let address = std::env::args().nth(1).context("usage: sample-service ADDRESS")?;
    let listener = tokio::net::TcpListener::bind(&address).await?;
    writeln!(
        std::io::stdout().lock(),
        "sample service on http://{}",
        listener.local_addr()?
    )?;
    Ok(axum::serve(listener, tests::sample_service::router()).await?)
}
