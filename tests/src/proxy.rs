//! The real `introspect-proxy` in front of one upstream, asking one server.
//! It knows the proxy by its configuration file and its addresses only.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::Result;
use rustix::process::Signal;

use crate::process::Process;
use crate::program::Program;

/// How long a proxy may take to drain.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// How the proxy is told its secret.
#[derive(Clone, Debug)]
pub enum Secret {
    /// In its configuration.
    Text(String),
    /// In a file that it reads again.
    File(PathBuf),
}

/// What a proxy is to be started with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The authorization server it asks.
    pub issuer: String,
    /// Its client there.
    pub client_id: String,
    /// The secret of that client, or the file with it.
    pub client_secret: Secret,
    /// The service behind it, reachable in routes as the upstream `service`.
    pub upstream: SocketAddr,
    /// The `[[routes]]`, and other whole TOML sections.
    pub sections: String,
}

impl Setup {
    fn configuration(&self) -> String {
        let Self {
            issuer,
            client_id,
            client_secret,
            upstream,
            sections,
        } = self;
        let secret = match client_secret {
            Secret::Text(text) => format!("client_secret = {text:?}"),
            Secret::File(file) => format!("client_secret_file = {file:?}"),
        };
        format!(
            r#"[authorization_server]
issuer = "{issuer}"
client_id = "{client_id}"
{secret}

[admin]
listen = "127.0.0.1:0"

[[listeners]]
name = "public"
listen = "127.0.0.1:0"

[[upstreams]]
name = "service"
addresses = ["{upstream}"]

{sections}
"#
        )
    }
}

/// A running proxy, killed when dropped.
pub struct Proxy {
    program: Program,
    public: SocketAddr,
    admin: SocketAddr,
}

impl Proxy {
    /// Starts a proxy and waits until it answers.
    pub async fn start(setup: Setup) -> Result<Self> {
        Self::start_with(Vec::new(), setup).await
    }

    /// The same with variables in its environment.
    pub async fn start_with(environment: Vec<(String, String)>, setup: Setup) -> Result<Self> {
        let program = Program::start("introspect-proxy", environment, |_| setup.configuration()).await?;
        let public = program.ports().get("listener.public")?;
        let admin = program.ports().get("admin")?;
        Ok(Self {
            program,
            public,
            admin,
        })
    }

    /// A URL on its listener; `path` begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.public)
    }

    /// A URL on its admin listener; `path` begins with a slash.
    pub fn admin_url(&self, path: &str) -> String {
        format!("http://{}{path}", self.admin)
    }

    /// The address of its listener.
    pub fn address(&self) -> SocketAddr {
        self.public
    }

    /// The address of a listener that its sections name.
    pub fn listener(&self, name: &str) -> Result<SocketAddr> {
        self.program.ports().get(&format!("listener.{name}"))
    }

    /// Everything it has written to its log.
    pub fn log(&mut self) -> Result<String> {
        self.program.process().output()
    }

    /// Its process.
    pub fn process(&mut self) -> &mut Process {
        self.program.process()
    }

    /// The number of its process.
    pub fn id(&mut self) -> u32 {
        self.program.process().id()
    }

    /// SIGKILL in the middle of whatever it does.
    pub fn kill_hard(&mut self) -> Result<()> {
        self.program.process().kill_hard()
    }

    /// Lets a new process take over; returns the old one, which leaves.
    pub async fn upgrade(&mut self) -> Result<Process> {
        self.program.succeed().await
    }

    /// Writes another configuration in place of the one it was started with, by `change`, and asks for a reload.
    pub fn reconfigure(&mut self, change: impl FnOnce(String) -> String) -> Result<()> {
        let file = self.program.folder().join("config.toml");
        std::fs::write(&file, change(std::fs::read_to_string(&file)?))?;
        self.program.process().signal(Signal::HUP)
    }

    /// SIGTERM, then the exit status.
    pub async fn stop(&mut self) -> Result<ExitStatus> {
        self.program.process().stop(STOP_LIMIT).await
    }
}
