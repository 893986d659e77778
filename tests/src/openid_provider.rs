//! An OpenID provider that we did not write (oidc-provider from npm), with its own login and consent pages.
//! Whoever types a name there is that person; names that begin with `unproven` have an address nobody has proven.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::process::Process;

const LIMIT: Duration = Duration::from_secs(30);

/// A running provider, ended when dropped.
pub struct OpenIdProvider {
    port: u16,
    _folder: TempDir,
    _process: Process,
}

impl OpenIdProvider {
    /// Starts it on a free port.
    pub async fn start() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("no parent folder")?;
        let folder = tempfile::tempdir()?;
        let mut command = Command::new("node");
        command.arg(root.join("conformance/clients/node/openid-provider.mjs"));
        let log = folder.path().join("log");
        let mut process = Process::spawn("openid_provider", &mut command, &log)?;
        let port = process
            .until(LIMIT, || {
                let said = std::fs::read_to_string(&log)?;
                Ok(said.lines().find_map(|line| line.trim().parse().ok()))
            })
            .await?;
        Ok(Self {
            port,
            _folder: folder,
            _process: process,
        })
    }

    /// The section that makes it a provider of our server.
    pub fn section(&self) -> String {
        format!(
            "[[providers]]\nid = \"corp\"\nname = \"Corp\"\nissuer = \"http://127.0.0.1:{}\"\nclient_id = \"lighthouse\"\nclient_secret = \"only-for-tests-0123456789-abcdef\"\n",
            self.port
        )
    }
}
