//! The programs under test and the references, started once for the whole run.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use std::io::{BufRead as _, BufReader};
use tests::proxy::{Proxy, Setup as ProxySetup};
use tests::server::{Server, Setup};

use crate::cores::{THREADS, measure_on_its_own, threads};

pub const SECRET: &str = "bench-secret-bench-secret-0123456789";

/// What there is to read, and the client that proxies are.
pub const ORDERS: &str = r#"
[[scopes]]
name = "orders:read"
description = "Read orders"

[[resources]]
audience = "https://api.example.com"
name = "Orders"
scopes = ["orders:read"]

[[clients]]
id = "edge"
name = "Edge"
secret = "bench-secret-bench-secret-0123456789"
grant_types = ["client_credentials"]
scopes = []
proxy = true
"#;

/// Clients for each kind of measurement; limits that a benchmark would hit are out of the way.
const CONFIGURATION: &str = r#"
[throttle]
attempts = 100

[[clients]]
id = "jwt"
name = "JWT"
secret = "bench-secret-bench-secret-0123456789"
grant_types = ["authorization_code", "refresh_token", "client_credentials"]
redirect_uris = ["http://127.0.0.1:9/cb"]
scopes = ["openid", "orders:read"]
resources = ["https://api.example.com"]
first_party = true

[[clients]]
id = "opaque"
name = "Opaque"
secret = "bench-secret-bench-secret-0123456789"
grant_types = ["client_credentials"]
scopes = ["orders:read"]
resources = ["https://api.example.com"]
access_token_format = "opaque"
"#;

/// Room for every token of a run; lookups that a benchmark would hit are out of the way. Facts outlive the run: else the last
/// quarter of their life, in which they are asked for again ahead of time, falls into whichever line is measured then.
const ROUTES: &str = r#"
[limits]
lookups_per_address = "1000000/s"

[cache]
max_entries = 250000
ttl = "1h"

[[routes]]
name = "orders"
match = { path = "/orders/**" }
upstream = "service"
require = { scopes = ["orders:read"] }
"#;

pub struct World {
    pub server: Server,
    pub server_id: u32,
    pub proxy: Proxy,
    pub proxy_id: u32,
    pub axum: Reference,
    pub upstream: Reference,
}

impl World {
    pub async fn start() -> Result<Self> {
        let mut server = Server::start(Setup::sqlite().with(&format!("{CONFIGURATION}{ORDERS}"))).await?;
        let upstream = Reference::start("upstream", None)?;
        let proxy = Proxy::start(ProxySetup {
            issuer: server.issuer(),
            client_id: "edge".to_owned(),
            client_secret: tests::proxy::Secret::Text(SECRET.to_owned()),
            upstream: upstream.address,
            sections: format!("{ROUTES}\n[runtime]\nthreads = {}\n", threads()),
        });
        let mut proxy = proxy.await?;
        for process in [server.id(), proxy.id()] {
            measure_on_its_own(process)?;
        }
        Ok(Self {
            server_id: server.id(),
            server,
            proxy_id: proxy.id(),
            proxy,
            axum: Reference::start("axum", None)?.on_its_own()?,
            upstream,
        })
    }
}

/// A reference in its own process, ended when dropped.
pub struct Reference {
    pub address: SocketAddr,
    process: Child,
}

impl Reference {
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Starts it and reads its address.
    pub fn start(kind: &str, upstream: Option<SocketAddr>) -> Result<Self> {
        Self::start_program(&std::env::current_exe()?, kind, upstream)
    }

    /// On the cores of what is measured.
    pub fn on_its_own(self) -> Result<Self> {
        measure_on_its_own(self.id())?;
        Ok(self)
    }

    /// The same reference with another allocator.
    pub fn start_with_mimalloc(kind: &str, upstream: SocketAddr) -> Result<Self> {
        let program = std::env::current_exe()?.with_file_name("reference-mimalloc");
        Self::start_program(&program, kind, Some(upstream))
    }

    fn start_program(program: &Path, kind: &str, upstream: Option<SocketAddr>) -> Result<Self> {
        let mut command = Command::new(program);
        command
            .args(["reference", kind])
            .env(THREADS, threads().to_string())
            .args(upstream.map(|address| address.to_string()));
        let mut process = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let output = process.stdout.take().context("no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        Ok(Self {
            address: line
                .trim()
                .parse()
                .with_context(|| format!("{kind} said {line:?}"))?,
            process,
        })
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}
