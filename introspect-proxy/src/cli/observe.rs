//! `observe-report`: what observing routes of a running proxy would have refused.
//! It refuses to ask anything but the admin listener.

use super::admin::AdminListener;
use crate::config::Config;
use crate::explain::Report;
use clap::Args;

/// How to tell it.
#[derive(Args)]
pub struct Observe {
    /// The admin listener of the proxy; else that of the configuration.
    #[arg(long, value_name = "HOST:PORT")]
    admin: Option<AdminListener>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Observe {
    /// The report; the configuration is read where no listener is named.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn run(&self, load: impl FnOnce() -> Result<Config, String>) -> Result<String, String> {
        let body = AdminListener::named(self.admin.as_ref(), load)?.fetch("/observe")?;
        if self.json {
            return Ok(body + "\n");
        }
        let report: Report =
            serde_json::from_str(&body).map_err(|error| format!("the answer is odd: {error}"))?;
        Ok(report.tell())
    }
}
