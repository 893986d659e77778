//! Finds the two programs under test and starts them with a configuration file and a port file.
//! It builds nothing: an absent program is an error that says how to get it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};
use tempfile::TempDir;

use crate::port_file::Ports;
use crate::process::Process;

/// How long a program may take to answer after its start.
const START_LIMIT: Duration = Duration::from_secs(30);

/// One of our programs in a temporary folder of its own, restartable on the same addresses and data.
pub struct Program {
    name: &'static str,
    binary: PathBuf,
    folder: TempDir,
    environment: Vec<(String, String)>,
    process: Process,
    ports: Ports,
}

impl Program {
    /// Starts the program on a configuration made for its folder.
    pub async fn start(
        name: &'static str,
        environment: Vec<(String, String)>,
        configuration: impl FnOnce(&Path) -> String,
    ) -> Result<Self> {
        let binary = find(name)?;
        let folder = tempfile::Builder::new().prefix(name).tempdir()?;
        std::fs::write(folder.path().join("config.toml"), configuration(folder.path()))?;
        let (process, ports) = launch(name, &binary, folder.path(), &environment).await?;
        Ok(Self {
            name,
            binary,
            folder,
            environment,
            process,
            ports,
        })
    }

    /// The addresses it is bound to.
    pub fn ports(&self) -> &Ports {
        &self.ports
    }

    /// Its folder: configuration, data, log.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The running process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// An environment variable it was started with.
    pub fn variable(&self, key: &str) -> Option<&str> {
        let mut pairs = self.environment.iter();
        pairs
            .find(|(known, _)| known == key)
            .map(|(_, value)| value.as_str())
    }

    /// Adds an environment variable that counts from the next start on.
    pub fn set(&mut self, key: &str, value: String) {
        self.environment.retain(|(known, _)| known != key);
        self.environment.push((key.to_owned(), value));
    }

    /// Starts it again, after a SIGKILL when it still runs.
    pub async fn restart(&mut self) -> Result<()> {
        self.process.kill_hard()?;
        (self.process, self.ports) =
            launch(self.name, &self.binary, self.folder.path(), &self.environment).await?;
        Ok(())
    }

    /// Starts a second process on the same configuration, which takes over, and returns the first one.
    pub async fn succeed(&mut self) -> Result<Process> {
        let (process, ports) = launch(self.name, &self.binary, self.folder.path(), &self.environment).await?;
        anyhow::ensure!(ports == self.ports, "the successor listens elsewhere: {ports:?}");
        Ok(std::mem::replace(&mut self.process, process))
    }

    /// Runs another subcommand of the same program on the same configuration, to its end.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .args(arguments)
            .arg("--config")
            .arg(self.folder.path().join("config.toml"));
        command.current_dir(self.folder.path());
        command.envs(self.environment.iter().map(|(key, value)| (key, value)));
        command
    }
}

async fn launch(
    name: &str,
    binary: &Path,
    folder: &Path,
    environment: &[(String, String)],
) -> Result<(Process, Ports)> {
    let port_file = folder.join("ports");
    if port_file.exists() {
        std::fs::remove_file(&port_file)?;
    }
    let mut command = Command::new(binary);
    command
        .arg("serve")
        .arg("--config")
        .arg(folder.join("config.toml"));
    command.arg("--port-file").arg(&port_file).current_dir(folder);
    command.envs(environment.iter().map(|(key, value)| (key, value)));
    let mut process = Process::spawn(name, &mut command, &folder.join("log"))?;
    let ports = process.until(START_LIMIT, || Ports::read(&port_file)).await?;
    Ok((process, ports))
}

/// `AUTHZ_SERVER_BIN` and the like, else the debug build beside the sources.
///
/// # Errors
/// When it was not built.
pub fn find(name: &str) -> Result<PathBuf> {
    let variable = format!("{}_BIN", name.to_uppercase().replace('-', "_"));
    let built = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../target/debug")
        .join(name);
    let binary = std::env::var_os(variable).map_or(built, PathBuf::from);
    if !binary.is_file() {
        bail!(
            "{} is not there: build it with `cargo build --workspace --bins`",
            binary.display()
        );
    }
    Ok(binary.canonicalize()?)
}
