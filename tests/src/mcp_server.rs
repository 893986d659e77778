//! A server of the Model Context Protocol that we did not write (server-everything from npm), without a line about access.
//! It listens on a socket of its own, so that it needs no port; a doorway leads there.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::doorway::{Behind, Doorway};
use crate::process::Process;

const LIMIT: Duration = Duration::from_secs(60);
const PROGRAM: &str = ".tools/node/node_modules/@modelcontextprotocol/server-everything/dist/index.js";

/// A running server, ended when dropped.
pub struct McpServer {
    doorway: Doorway,
    _folder: TempDir,
    _process: Process,
}

impl McpServer {
    /// Starts it and waits until it listens.
    pub async fn start() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("no parent folder")?;
        let folder = tempfile::tempdir()?;
        let socket = folder.path().join("mcp.sock");
        let mut command = Command::new("node");
        command
            .arg(root.join(PROGRAM))
            .arg("streamableHttp")
            .env("PORT", &socket);
        let mut process = Process::spawn("mcp_server", &mut command, &folder.path().join("log"))?;
        process.until(LIMIT, || Ok(socket.exists().then_some(()))).await?;
        let doorway = Doorway::open().await?;
        doorway.leads_to(Behind::Socket(socket));
        Ok(Self {
            doorway,
            _folder: folder,
            _process: process,
        })
    }

    /// Where it can be reached.
    pub fn address(&self) -> SocketAddr {
        self.doorway.address()
    }
}
