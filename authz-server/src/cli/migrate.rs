//! `authz-server migrate`.
//! Brings the schema up to date and ends; `serve` does the same when it starts.

use std::process::ExitCode;

use storage::Database;

use super::{CliError, Surroundings, runtime};
use crate::serve::{FoundationError, database_config, make_data_dir};

pub(super) fn run(around: &mut Surroundings<'_>) -> Result<ExitCode, CliError> {
    let config = around.load()?.config;
    make_data_dir(&config)?;
    let report = runtime()?
        .block_on(Database::migrate(&database_config(&config)))
        .map_err(FoundationError::of(&config))?;
    let version = report
        .version
        .map_or_else(|| "none".to_owned(), |version| version.to_string());
    writeln!(
        around.out,
        "{} applied, schema version {version}",
        report.applied.len()
    )?;
    Ok(ExitCode::SUCCESS)
}
