//! chromedriver, each time with an empty folder and a port of its own, and what Chromium is started with.
//! It is an error when either is not installed.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use fantoccini::wd::Capabilities;
use serde_json::{Value, json};

use crate::process::Process;

/// How long anything in a browser may take.
pub const START_LIMIT: Duration = Duration::from_secs(30);
const MOST_DRIVERS: usize = 10;

/// Chromium makes no connection but those that a test asks for.
const FLAGS: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
];

/// chromedriver lets the system choose a port for IPv6 and then wants the same one for IPv4, where another program may have
/// it: then it ends, and is started anew.
pub async fn start_driver(folder: &Path) -> Result<(Process, String)> {
    for attempt in 1.. {
        let log = folder.join(format!("chromedriver-{attempt}.log"));
        match try_driver(folder, &log).await {
            Err(error) if attempt < MOST_DRIVERS && port_was_taken(&log) => drop(error),
            started => return started,
        }
    }
    bail!("chromedriver finds no port")
}

async fn try_driver(folder: &Path, log: &Path) -> Result<(Process, String)> {
    let mut command = Command::new("chromedriver");
    command.arg("--port=0").env("TMPDIR", folder).env("HOME", folder);
    let mut driver = Process::spawn_group("chromedriver", &mut command, log)
        .context("no chromedriver here: scripts/setup --for test installs it")?;
    let port = driver
        .until(START_LIMIT, || Ok(port_in(&std::fs::read_to_string(log)?)))
        .await?;
    Ok((driver, format!("http://127.0.0.1:{port}")))
}

fn port_was_taken(log: &Path) -> bool {
    std::fs::read_to_string(log).is_ok_and(|said| said.contains("Address already in use"))
}

/// chromedriver says where it listens only in a sentence.
fn port_in(output: &str) -> Option<u16> {
    let (_, rest) = output.split_once("started successfully on port ")?;
    let (port, _) = rest.split_once('.')?;
    port.trim().parse().ok()
}

pub fn capabilities(folder: &Path, flags: &[String], preferences: &Value) -> Capabilities {
    let mut arguments: Vec<String> = FLAGS.iter().map(|flag| (*flag).to_owned()).collect();
    arguments.extend_from_slice(flags);
    arguments.push(format!("--user-data-dir={}", folder.join("profile").display()));
    let mut capabilities = Capabilities::new();
    let options = json!({ "args": arguments, "prefs": preferences });
    capabilities.insert("goog:chromeOptions".to_owned(), options);
    capabilities
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_read_from_the_drivers_sentence() {
        let said = "Starting ChromeDriver\nChromeDriver was started successfully on port 40123.\n";
        assert_eq!(port_in(said), Some(40123));
        assert_eq!(port_in("Starting ChromeDriver"), None);
    }
}
