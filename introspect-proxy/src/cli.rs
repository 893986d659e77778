//! The command line: `serve`, `check`, `explain`, `observe-report`, `config check`, `config print`.
//! It refuses to run with a configuration it would complain about.

mod check;
mod explain;
mod observe;

use crate::clock::Clock;
use crate::config::{self, Config};
use crate::serve::{Proxy, reread, write_port_file};
use crate::telemetry;
use clap::{Parser, Subcommand};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime};
use tokio::signal::unix::{SignalKind, signal};

/// How long the port file waits for the authorization server; without it the proxy answers 503.
const FIRST_READY: Duration = Duration::from_secs(2);
const FILE_CHECK: Duration = Duration::from_secs(2);

/// Lets requests through to your services only with a live credential that may do this, this often.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The configuration file.
    #[arg(long, global = true, env = "PROXY_CONFIG", default_value = "proxy.toml")]
    config: PathBuf,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the proxy (the default).
    Serve {
        /// Write the addresses here once the proxy can answer.
        #[arg(long, env = "PROXY_PORT_FILE")]
        port_file: Option<PathBuf>,
    },
    /// Say why a request was refused (`explain dec_…`), or what would happen to one (`explain GET URL`).
    Explain(explain::Explain),
    /// Say what is wrong with the configuration, and what it may not mean.
    Check(check::Check),
    /// Say what routes with `observe = true` would have refused, and what would let it pass.
    ObserveReport(observe::Observe),
    /// Look at the configuration.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// The same as `check`.
    Check(check::Check),
    /// Print it as it takes effect, without secrets.
    Print,
}

/// Runs the program.
pub fn run(out: &mut impl Write, err: &mut impl Write) -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command.unwrap_or(Command::Serve { port_file: None }) {
        Command::Serve { port_file } => serve(&arguments.config, port_file.as_deref()),
        Command::Check(check) => checked(&arguments.config, &check, out),
        Command::Explain(explain) => told(&arguments.config, |config| explain.run(config), out),
        Command::ObserveReport(observe) => told(&arguments.config, |config| observe.run(config), out),
        Command::Config {
            command: ConfigCommand::Check(check),
        } => checked(&arguments.config, &check, out),
        Command::Config {
            command: ConfigCommand::Print,
        } => print(&arguments.config, out),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            // Standard error is the last place to turn to.
            let _ = writeln!(err, "introspect-proxy: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn checked(path: &Path, check: &check::Check, out: &mut impl Write) -> Result<(), String> {
    let config = config::load(path).map_err(|error| error.to_string())?;
    check.run(&config, out)
}

fn print(path: &Path, out: &mut impl Write) -> Result<(), String> {
    let config = config::load(path).map_err(|error| error.to_string())?;
    let text = toml::to_string_pretty(&config).map_err(|error| error.to_string())?;
    out.write_all(text.as_bytes()).map_err(|error| error.to_string())
}

fn told(
    path: &Path,
    tell: impl FnOnce(&Config) -> Result<String, String>,
    out: &mut impl Write,
) -> Result<(), String> {
    let config = config::load(path).map_err(|error| error.to_string())?;
    let text = tell(&config)?;
    out.write_all(text.as_bytes()).map_err(|error| error.to_string())
}

fn serve(path: &Path, port_file: Option<&Path>) -> Result<(), String> {
    let config = config::load(path).map_err(|error| error.to_string())?;
    telemetry::install(&config.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("control")
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(live(path, &config, port_file))
}

async fn live(path: &Path, config: &Config, port_file: Option<&Path>) -> Result<(), String> {
    let mut signals = Signals::new().map_err(|error| error.to_string())?;
    let mut proxy = Proxy::start(config, Clock::system()).await?;
    for (name, address) in &proxy.listeners {
        tracing::info!(name, %address, "listening");
    }
    tracing::info!(address = %proxy.admin, "admin listening");
    if let Some(file) = port_file {
        proxy.ready_within(FIRST_READY).await;
        write_port_file(file, &proxy).map_err(|error| format!("cannot write {}: {error}", file.display()))?;
    }
    let mut seen = modified(path);
    loop {
        tokio::select! {
            _ = signals.terminate.recv() => break,
            _ = signals.interrupt.recv() => break,
            _ = signals.hangup.recv() => reload(path, &mut proxy).await,
            () = tokio::time::sleep(FILE_CHECK) => {
                let now = modified(path);
                if now.is_some() && std::mem::replace(&mut seen, now) != now {
                    reload(path, &mut proxy).await;
                }
            }
        }
    }
    tracing::info!("shutting down");
    proxy.drain().await;
    Ok(())
}

async fn reload(path: &Path, proxy: &mut Proxy) {
    let result = match reread(path) {
        Ok(config) => proxy.reload(&config).await,
        Err(problems) => Err(problems),
    };
    match result {
        Ok(()) => tracing::info!("routes reloaded"),
        Err(problems) => tracing::error!(
            problems = problems.join("; "),
            "routes not reloaded, the old ones stay"
        ),
    }
}

fn modified(path: &Path) -> Option<SystemTime> {
    std::fs::metadata(path).and_then(|meta| meta.modified()).ok()
}

struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }
}
