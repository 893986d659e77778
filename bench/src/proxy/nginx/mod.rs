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
use super::cached::Ours;
use super::fresh;
use super::tokens::{Pool, pool, sizes};
use crate::cpu::counted;
use crate::load::{Rate, once, steady};
use crate::report::Report;
use crate::seconds;
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

pub async fn measure(report: &mut Report, world: &World, pools: &[Pool], ours: &Ours) -> Result<()> {
    let (upstream, server) = (world.upstream.address, world.server.address());
    let auth_request = recipe::auth_request(upstream, server);
    one(report, world, &auth_request, pools, ours).await?;
    let njs = recipe::njs(upstream, server)?;
    one(report, world, &njs, pools, ours).await
}

async fn one(report: &mut Report, world: &World, recipe: &Recipe, pools: &[Pool], ours: &Ours) -> Result<()> {
    for Pool { kind, tokens } in pools {
        let pool = Pool {
            kind,
            tokens: tokens.clone(),
        };
        for count in sizes() {
            let nginx = Nginx::start(recipe).await?;
            once(nginx.address, pool.requests(count), 200).await?;
            let run = steady(nginx.address, pool.requests(count), 200, seconds());
            let rate = counted(nginx.id(), run).await?;
            let what = format!("{}, cached, {kind}, {count} token(s)", recipe.name);
            line(report, &what, rate, ours.find(kind, Some(count)), recipe);
        }
    }
    for kind in ["opaque", "jwt"] {
        let fresh = pool(world.server.address(), kind, fresh::count()).await?;
        let nginx = Nginx::start(recipe).await?;
        let run = once(nginx.address, fresh.requests(fresh::count()), 200);
        let rate = counted(nginx.id(), run).await?;
        let what = format!("{}, {kind}, every token new", recipe.name);
        line(report, &what, rate, ours.find(kind, None), recipe);
    }
    Ok(())
}

fn line(report: &mut Report, what: &str, theirs: Rate, ours: Option<Rate>, recipe: &Recipe) {
    let Some(ours) = ours else {
        return report.rate(what, theirs);
    };
    report.rate_of_another(what, theirs, ours, recipe.aim);
}
