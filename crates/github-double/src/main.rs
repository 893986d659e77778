//! The `github-double` program: a stand-in from a file, for demonstrations.
//! Runs until it is told to stop.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use clap::Parser;
use github_double::{GithubDouble, Settings};

/// A local stand-in for GitHub; says where it listens, and runs until it is told to stop.
#[derive(Parser)]
#[command(name = "github-double", version)]
struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// The apps, people, repositories and installations, in TOML.
    #[arg(long)]
    config: PathBuf,
    /// Gets the line `public=ADDRESS` when the stand-in answers.
    #[arg(long)]
    port_file: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = writeln!(io::stderr(), "{message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let text = fs::read_to_string(&arguments.config)
        .map_err(|error| format!("{}: {error}", arguments.config.display()))?;
    let mut settings: Settings =
        toml::from_str(&text).map_err(|error| format!("{}: {error}", arguments.config.display()))?;
    if let Some(listen) = arguments.listen {
        settings.listen = listen;
    }
    let double = GithubDouble::start(settings).map_err(|error| error.to_string())?;
    if let Some(file) = &arguments.port_file {
        announce(file, double.address()).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    writeln!(io::stdout(), "public={}", double.address()).map_err(|error| error.to_string())?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .and_then(|runtime| runtime.block_on(told_to_stop()))
        .map_err(|error| error.to_string())
}

/// Whole or not at all: a reader never sees half a file.
fn announce(file: &Path, address: SocketAddr) -> io::Result<()> {
    let draft = file.with_extension("draft");
    fs::write(&draft, format!("public={address}\n"))?;
    fs::rename(draft, file)
}

async fn told_to_stop() -> io::Result<()> {
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        stopped = tokio::signal::ctrl_c() => stopped,
        _ = terminate.recv() => Ok(()),
    }
}
