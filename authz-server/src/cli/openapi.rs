//! `authz-server openapi`: what the JSON surfaces say of themselves.
//! Starts nothing.

use std::process::ExitCode;

use super::{CliError, Surroundings};

pub(super) fn run(around: &mut Surroundings<'_>) -> Result<ExitCode, CliError> {
    let loaded = around.load()?;
    let server = &loaded.config.server;
    let document = crate::surfaces::openapi(&server.issuer(server.listen), &loaded.config.limits);
    writeln!(around.out, "{document:#}")?;
    Ok(ExitCode::SUCCESS)
}
