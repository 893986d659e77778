//! The command line.
//! Reads arguments and prints results; each command's work is done elsewhere.

mod audit;
mod beside;
mod billing;
mod clients;
mod config;
mod doctor;
mod keys;
mod licences;
mod migrate;
mod openapi;
mod outbox;
mod running_server;
mod serve;
mod service_keys;
mod users;

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

pub use doctor::Doctor;

use crate::config::{ConfigError, Loaded};

const EXIT_CODES: &str = "Exit codes: 0 it is done; 1 it is not, and standard error says why; 2 the arguments are wrong. \
    `doctor`, `audit verify` and `billing verify` end with 1 when they find something wrong.";

/// An OAuth 2 and OpenID Connect server.
///
/// Without a command it serves. Without a configuration it keeps everything in ./data and listens on
/// 127.0.0.1:8080, so that `authz-server` alone is a working server.
#[derive(Parser)]
#[command(name = "authz-server", version, max_term_width = 100, after_help = EXIT_CODES)]
struct Cli {
    /// The TOML file with the settings. Each can also be set as AUTHZ_SECTION__KEY.
    #[arg(long, short, global = true, env = "AUTHZ_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Serve,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server (also what happens without a command).
    Serve(serve::Serve),
    /// Bring the database schema up to date, and end.
    Migrate,
    /// Find out what would keep the server from running well, and how to mend it.
    Doctor,
    /// Make, list, disable and enable accounts.
    #[command(subcommand)]
    Users(users::UsersCommand),
    /// Register and manage OAuth clients.
    #[command(subcommand)]
    Clients(clients::ClientsCommand),
    /// Look at the signing keys and rotate them.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Make, list, rotate and end the keys of services and of administration.
    #[command(subcommand)]
    ServiceKeys(service_keys::ServiceKeysCommand),
    /// Show, give and end the licences of accounts.
    #[command(subcommand, name = "licenses")]
    Licences(licences::LicencesCommand),
    /// Prove the books, credit and debit wallets, give payments back.
    #[command(subcommand)]
    Billing(billing::BillingCommand),
    /// Verify and export the log of what was done.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Look at letters that were kept here because no SMTP server is configured.
    #[command(subcommand)]
    Outbox(outbox::OutboxCommand),
    /// Print the description of the JSON surfaces (OpenAPI 3.1).
    Openapi,
    /// Look at the configuration without starting anything.
    #[command(subcommand)]
    Config(config::ConfigCommand),
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Serve(#[from] crate::serve::ServeError),
    #[error(transparent)]
    Foundation(#[from] crate::serve::FoundationError),
    #[error(transparent)]
    Telemetry(#[from] crate::telemetry::TelemetryError),
    #[error(transparent)]
    Authority(#[from] crate::serve::AuthorityError),
    #[error(transparent)]
    Fault(#[from] domain::Fault),
    /// What was asked for can't be done, in words.
    #[error("{0}")]
    Refused(String),
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// What a command is given of the process it runs in.
struct Surroundings<'a> {
    config: Option<PathBuf>,
    variables: Vec<(String, String)>,
    out: &'a mut dyn io::Write,
}

impl Surroundings<'_> {
    fn load(&self) -> Result<Loaded, ConfigError> {
        Loaded::read(self.config.as_deref(), self.variables.iter().cloned())
    }
}

/// Names the file that an error is about.
fn about(path: &Path) -> impl Fn(io::Error) -> CliError {
    move |error| CliError::Refused(format!("{}: {error}", path.display()))
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

/// Runs one command; its result goes to `out`, what went wrong to `err`.
pub fn run(
    args: impl IntoIterator<Item = OsString>,
    variables: impl IntoIterator<Item = (String, String)>,
    out: &mut dyn io::Write,
    err: &mut dyn io::Write,
) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(usage) => {
            _ = if usage.use_stderr() {
                write!(err, "{usage}")
            } else {
                write!(out, "{usage}")
            };
            return ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(2));
        }
    };
    let mut around = Surroundings {
        config: cli.config,
        variables: variables.into_iter().collect(),
        out,
    };
    let done = match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(command) => serve::run(command, &around),
        Command::Migrate => migrate::run(&mut around),
        Command::Doctor => doctor::run(&mut around),
        Command::Users(command) => users::run(command, &mut around),
        Command::Clients(command) => clients::run(command, &mut around),
        Command::Keys(command) => keys::run(command, &mut around),
        Command::ServiceKeys(command) => service_keys::run(command, &mut around),
        Command::Licences(command) => licences::run(command, &mut around),
        Command::Audit(command) => audit::run(command, &mut around),
        Command::Billing(command) => billing::run(command, &mut around),
        Command::Outbox(command) => outbox::run(command, &mut around),
        Command::Openapi => openapi::run(&mut around),
        Command::Config(command) => config::run(&command, &mut around),
    };
    match done {
        Ok(code) => code,
        // Whoever read the output had enough of it, as `head` has.
        Err(CliError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            _ = writeln!(err, "error: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn every_command_and_argument_says_what_it_is() {
        let silent = operator_messages::help::missing(super::Cli::command());
        assert_eq!(silent, [""; 0]);
    }
}
