//! The real `authz-server` on a data folder of its own, with SQLite or a fresh PostgreSQL database.
//! It knows the server by its configuration file and its addresses only.

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::database;
use crate::program::Program;

/// The generated file in the data folder.
const MASTER_KEYS: &str = "master.keys";
/// How long a server may take to drain.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// What a server is to be started with.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    sections: String,
    environment: Vec<(String, String)>,
    postgres: bool,
}

impl Setup {
    /// A server on SQLite in its own folder.
    pub fn sqlite() -> Self {
        Self::default()
    }

    /// A server on a new database of the PostgreSQL at `TEST_POSTGRES_URL`.
    pub fn postgres() -> Self {
        Self {
            postgres: true,
            ..Self::default()
        }
    }

    /// Adds configuration: whole TOML sections other than `server`, `admin`, `database` and `log`.
    pub fn with(mut self, sections: &str) -> Self {
        self.sections.push_str(sections);
        self.sections.push('\n');
        self
    }

    /// Adds an environment variable such as `AUTHZ_SERVER__PROFILE`.
    pub fn env(mut self, key: &str, value: &str) -> Self {
        self.environment.push((key.to_owned(), value.to_owned()));
        self
    }

    fn configuration(&self, folder: &Path) -> String {
        let data = folder.join("data");
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\ndata_dir = {data:?}\n\n[admin]\nlisten = \"127.0.0.1:0\"\n\n{}",
            self.sections
        )
    }
}

/// A running server, killed when dropped.
pub struct Server {
    program: Program,
    /// The origin of its pages: the issuer.
    origin: String,
    public: SocketAddr,
    admin: SocketAddr,
}

impl Server {
    /// Starts a server and waits until it answers.
    pub async fn start(setup: Setup) -> Result<Self> {
        let mut environment = setup.environment.clone();
        if setup.postgres {
            environment.push(("AUTHZ_DATABASE__URL".to_owned(), database::create().await?));
        }
        let program =
            Program::start("authz-server", environment, |folder| setup.configuration(folder)).await?;
        Self::attach(program)
    }

    fn attach(mut program: Program) -> Result<Self> {
        let (public, admin) = (program.ports().get("public")?, program.ports().get("admin")?);
        program.set("AUTHZ_SERVER__LISTEN", public.to_string());
        program.set("AUTHZ_ADMIN__LISTEN", admin.to_string());
        Ok(Self {
            program,
            origin: format!("http://{public}"),
            public,
            admin,
        })
    }

    /// Starts a server whose issuer has the name `localhost`: a site without a name knows no passkeys.
    pub async fn start_named(setup: Setup) -> Result<Self> {
        let mut server = Self::start(setup).await?;
        server.origin = format!("http://localhost:{}", server.public.port());
        let origin = server.origin.clone();
        server.program.set("AUTHZ_SERVER__ISSUER", origin);
        server.restart().await?;
        Ok(server)
    }

    /// The issuer: derived from the bound address, or its name.
    pub fn issuer(&self) -> String {
        self.origin.clone()
    }

    /// A URL on the public listener; `path` begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// A URL on the admin listener; `path` begins with a slash.
    pub fn admin_url(&self, path: &str) -> String {
        format!("http://{}{path}", self.admin)
    }

    /// The address of the public listener.
    pub fn address(&self) -> SocketAddr {
        self.public
    }

    /// Its folder, for tests that look at files.
    pub fn folder(&self) -> &Path {
        self.program.folder()
    }

    /// Another replica of it: the same issuer, database and master keys, with a folder and addresses of its own.
    pub async fn replica(&self, setup: Setup) -> Result<Self> {
        let keys = self.folder().join("data").join(MASTER_KEYS);
        let setup = setup
            .env("AUTHZ_SERVER__ISSUER", &self.issuer())
            .env("AUTHZ_KEYS__MASTER_KEYS_FILE", &keys.to_string_lossy());
        let url = self.program.variable("AUTHZ_DATABASE__URL");
        Self::start(setup.env("AUTHZ_DATABASE__URL", url.context("replicas need PostgreSQL")?)).await
    }

    /// Everything it has written to its log.
    pub fn log(&mut self) -> Result<String> {
        self.program.process().output()
    }

    /// Runs a subcommand on the same configuration and gives its standard output.
    pub fn run(&self, arguments: &[&str]) -> Result<String> {
        let output = self
            .program
            .command(arguments)
            .output()
            .context("cannot run authz-server")?;
        if !output.status.success() {
            bail!(
                "{arguments:?}: {}\n{}",
                output.status,
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(String::from_utf8(output.stdout)?)
    }

    /// A subcommand on the same configuration, yet to be run.
    pub fn command(&self, arguments: &[&str]) -> std::process::Command {
        self.program.command(arguments)
    }

    /// The number of its process.
    pub fn id(&mut self) -> u32 {
        self.program.process().id()
    }

    /// SIGKILL in the middle of whatever it does.
    pub fn kill_hard(&mut self) -> Result<()> {
        self.program.process().kill_hard()
    }

    /// Starts it again on the same addresses and data, after a SIGKILL when it still runs.
    pub async fn restart(&mut self) -> Result<()> {
        self.program.restart().await
    }

    /// SIGTERM, then the exit status.
    pub async fn stop(&mut self) -> Result<ExitStatus> {
        self.program.process().stop(STOP_LIMIT).await
    }
}
