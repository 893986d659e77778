//! A real SMTP server that we did not write (aiosmtpd), keeping what it takes in a folder.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::process::Process;

const LIMIT: Duration = Duration::from_secs(30);

/// A running SMTP server, ended when dropped.
pub struct SmtpServer {
    port: u16,
    folder: TempDir,
    process: Process,
}

impl SmtpServer {
    /// Starts it; `modes` are those of `conformance/clients/python/smtp_server.py`.
    pub async fn start(modes: &[&str]) -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("no parent folder")?;
        let folder = tempfile::tempdir()?;
        let mut command = Command::new(root.join(".tools/python/bin/python"));
        command
            .arg(root.join("conformance/clients/python/smtp_server.py"))
            .arg(folder.path())
            .args(modes);
        let log = folder.path().join("log");
        let mut process = Process::spawn("smtp_server", &mut command, &log)?;
        let port = process
            .until(LIMIT, || {
                let said = std::fs::read_to_string(&log)?;
                Ok(said.lines().next().and_then(|line| line.trim().parse().ok()))
            })
            .await?;
        Ok(Self {
            port,
            folder,
            process,
        })
    }

    /// Where it listens on the loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Waits until it has taken so many letters; their texts in order.
    pub async fn letters(&mut self, count: usize) -> Result<Vec<String>> {
        let folder = self.folder.path().to_owned();
        self.process
            .until(LIMIT, || {
                let letters = letters(&folder)?;
                Ok((letters.len() >= count).then_some(letters))
            })
            .await
    }
}

fn letters(folder: &Path) -> Result<Vec<String>> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        paths.extend(
            path.extension()
                .is_some_and(|ending| ending == "eml")
                .then_some(path),
        );
    }
    paths.sort();
    paths
        .iter()
        .map(|path| Ok(std::fs::read_to_string(path)?))
        .collect()
}
