//! `authz-server config`: check, print, reference.
//! Starts nothing and prints no secret.

use std::process::ExitCode;

use clap::Subcommand;

use super::{CliError, Surroundings};

#[derive(Subcommand)]
pub(super) enum ConfigCommand {
    /// Say whether the server would start with these settings, or everything that is wrong with them.
    Check,
    /// Show every setting in force and where it came from; secrets are not shown.
    Print,
    /// Write the reference of all settings, as Markdown.
    Reference,
}

pub(super) fn run(command: &ConfigCommand, around: &mut Surroundings<'_>) -> Result<ExitCode, CliError> {
    match command {
        ConfigCommand::Check => {
            around.load()?;
            writeln!(around.out, "the configuration is usable")?;
        }
        ConfigCommand::Print => around.load()?.print(around.out)?,
        ConfigCommand::Reference => write!(around.out, "{}", crate::config::reference())?,
    }
    Ok(ExitCode::SUCCESS)
}
