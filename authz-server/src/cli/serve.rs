//! `authz-server serve`.
//! Starts the runtime; what runs on it is composed in `serve`.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;

use super::{CliError, Surroundings, runtime};

#[derive(Args)]
pub(super) struct Serve {
    /// Once the server answers, write its addresses to this file, one `name=address` per line.
    #[arg(long, value_name = "FILE")]
    port_file: Option<PathBuf>,
}

pub(super) fn run(command: Serve, around: &Surroundings<'_>) -> Result<ExitCode, CliError> {
    let config = around.load()?.config;
    crate::telemetry::install(&config.log)?;
    runtime()?.block_on(crate::serve::serve(config, command.port_file))?;
    Ok(ExitCode::SUCCESS)
}
