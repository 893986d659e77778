//! The command line: `serve`, `config check`, `config print`.
//! It refuses to run with a configuration it would complain about.

mod serve;
mod successor;

use crate::config;
use crate::telemetry;
use clap::{Parser, Subcommand};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

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
    /// Look at the configuration.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Say what is wrong with it, all at once.
    Check,
    /// Print it as it takes effect, without secrets.
    Print,
}

/// Runs the program.
pub fn run(out: &mut impl Write, err: &mut impl Write) -> ExitCode {
    let arguments = Arguments::parse();
    let result = match arguments.command.unwrap_or(Command::Serve { port_file: None }) {
        Command::Serve { port_file } => run_proxy(&arguments.config, port_file.as_deref()),
        Command::Config { command } => show(&arguments.config, &command, out),
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

fn show(path: &Path, command: &ConfigCommand, out: &mut impl Write) -> Result<(), String> {
    let config = config::load(path).map_err(|error| error.to_string())?;
    let text = match command {
        ConfigCommand::Check => "the configuration is fine\n".to_owned(),
        ConfigCommand::Print => toml::to_string_pretty(&config).map_err(|error| error.to_string())?,
    };
    out.write_all(text.as_bytes()).map_err(|error| error.to_string())
}

fn run_proxy(path: &Path, port_file: Option<&Path>) -> Result<(), String> {
    let config = config::load(path).map_err(|error| error.to_string())?;
    telemetry::install(&config.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("control")
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(serve::until_told(path, &config, port_file))
}
