//! Debian's nginx in front of the same upstream, asking our server about tokens in two ways: `auth_request` to
//! `/check` with the answer cached, and njs that introspects, with the answer cached.
//! It refuses more worker processes than our proxy has threads.

mod recipe;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;
use tests::process::Process;

use self::recipe::Recipe;
use crate::cores::measure_on_its_own;
use crate::world::World;

const START_LIMIT: Duration = Duration::from_secs(10);

/// A running nginx with its workers, all ended when dropped.
pub struct Nginx {
    pub address: SocketAddr,
    process: Process,
    _folder: TempDir,
}

impl Nginx {
    /// One that checks nothing.
    pub async fn bare(upstream: SocketAddr) -> Result<Self> {
        Self::start(&recipe::bare(upstream)).await
    }

    async fn start(recipe: &Recipe) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("nginx").tempdir()?;
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let configuration_file = folder.path().join("nginx.conf");
        std::fs::write(&configuration_file, recipe.configuration(folder.path(), address))?;
        std::fs::write(folder.path().join("gate.js"), recipe::SCRIPT)?;
        let mut command = Command::new(find("nginx", &["/usr/sbin", "/usr/local/sbin"])?);
        command.arg("-p").arg(folder.path());
        command.arg("-c").arg(&configuration_file).args(["-e", "stderr"]);
        let process = Process::spawn_group("nginx", &mut command, &folder.path().join("log"))?;
        let mut nginx = Self {
            address,
            process,
            _folder: folder,
        };
        let connect = || Ok(std::net::TcpStream::connect(address).ok());
        nginx.process.until(START_LIMIT, connect).await?;
        measure_on_its_own(nginx.id())?;
        Ok(nginx)
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }
}

/// Where a program or module of a Debian package is.
fn find(name: &str, folders: &[&str]) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(folders.iter().map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
        .with_context(|| format!("no {name} here: scripts/setup --for bench installs it"))
}

/// The two ways to check tokens with nginx, as they are usually built.
pub struct Gates {
    pub auth_request: Nginx,
    pub njs: Nginx,
}

impl Gates {
    /// Both, knowing no token yet.
    pub async fn start(world: &World) -> Result<Self> {
        let (upstream, server) = (world.upstream.address, world.server.address());
        Ok(Self {
            auth_request: Nginx::start(&recipe::auth_request(upstream, server)).await?,
            njs: Nginx::start(&recipe::njs(upstream, server)?).await?,
        })
    }
}
