//! The command line: `serve`, `check`, `explain`, `observe-report`, `config check`, `config print`.
//! It refuses to run with a configuration it would complain about.

mod admin;
mod check;
mod explain;
mod observe;
mod serve;
mod successor;

use crate::config::{self, Config, ConfigError};
use crate::telemetry;
use clap::{Parser, Subcommand};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const EXIT_CODES: &str = "Exit codes: 0 it is done; 1 it is not, and standard error says why; 2 the arguments are wrong. \
    `check --strict` ends with 1 on warnings.";

/// Lets requests through to your services only with a live credential that may do this, this often.
#[derive(Parser)]
#[command(version, max_term_width = 100, after_help = EXIT_CODES)]
struct Arguments {
    /// The TOML file with the configuration. Each value can also be set as PROXY_SECTION__KEY.
    #[arg(
        long,
        short,
        global = true,
        env = "PROXY_CONFIG",
        value_name = "FILE",
        default_value = "proxy.toml"
    )]
    config: PathBuf,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the proxy (the default).
    Serve {
        /// Write the addresses here once the proxy can answer, one `name=address` per line.
        #[arg(long, env = "PROXY_PORT_FILE", value_name = "FILE")]
        port_file: Option<PathBuf>,
    },
    /// Say why a request was refused (`explain dec_…`), or what would happen to one (`explain GET URL`).
    ///
    /// Examples:
    ///   explain dec_01a1fe8d3421183d2ce523b3b40028ff
    ///   explain req_1a9bc14f0f40b89c4b108415c82e9677 --admin 10.0.0.5:9091
    ///   explain GET https://api.example.com/orders/17 --header 'Origin: https://app.example.com'
    ///   explain GET /orders/17 --token - < token.txt
    #[command(verbatim_doc_comment)]
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
        Command::Serve { port_file } => run_proxy(&arguments.config, port_file.as_deref()),
        Command::Check(check) => checked(&arguments.config, &check, out),
        Command::Explain(explain) => told(explain.run(|| load(&arguments.config)), out),
        Command::ObserveReport(observe) => told(observe.run(|| load(&arguments.config)), out),
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

/// The configuration, or everything that is wrong with it.
fn load(path: &Path) -> Result<Config, String> {
    config::load(path).map_err(|error| match error {
        ConfigError::Invalid(problems) => {
            format!("{} cannot be used:\n  {}", path.display(), problems.join("\n  "))
        }
        unreadable @ ConfigError::Unreadable { .. } => unreadable.to_string(),
    })
}

fn checked(path: &Path, check: &check::Check, out: &mut impl Write) -> Result<(), String> {
    let config = load(path)?;
    check.run(&config, out)
}

fn print(path: &Path, out: &mut impl Write) -> Result<(), String> {
    let config = load(path)?;
    let text = toml::to_string_pretty(&config).map_err(|error| error.to_string())?;
    out.write_all(text.as_bytes()).map_err(|error| error.to_string())
}

fn told(text: Result<String, String>, out: &mut impl Write) -> Result<(), String> {
    out.write_all(text?.as_bytes()).map_err(|error| error.to_string())
}

fn run_proxy(path: &Path, port_file: Option<&Path>) -> Result<(), String> {
    let config = load(path)?;
    telemetry::install(&config.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("control")
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(serve::until_told(path, &config, port_file))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn every_command_and_argument_says_what_it_is() {
        let silent = operator_messages::help::missing(super::Arguments::command());
        assert_eq!(silent, [""; 0]);
    }
}
