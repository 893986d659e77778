//! `observe-report`: what observing routes of a running proxy would have refused.
//! It refuses to ask anything but the admin listener.

use super::explain::fetch;
use crate::config::Config;
use crate::explain::Report;
use clap::Args;
use std::net::SocketAddr;

/// How to tell it.
#[derive(Args)]
pub struct Observe {
    /// The admin listener of the proxy; else that of the configuration.
    #[arg(long, value_name = "ADDRESS:PORT")]
    admin: Option<SocketAddr>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Observe {
    /// The report.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn run(&self, config: &Config) -> Result<String, String> {
        let body = fetch(self.admin.unwrap_or(config.admin.listen), "/observe")?;
        if self.json {
            return Ok(body + "\n");
        }
        let report: Report =
            serde_json::from_str(&body).map_err(|error| format!("the answer is odd: {error}"))?;
        Ok(report.tell())
    }
}
