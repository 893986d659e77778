//! Starts a server made ready for the conformance suite and runs the suite against it with the given arguments.
//! Ends as the suite ends.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use tests::ground::Ground;
use tests::server::Setup;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let ground = Ground::start(Setup::sqlite()).await?;
    let suite = std::env::current_exe()?.with_file_name("conformance");
    let mut command = tokio::process::Command::new(&suite);
    for (name, value) in ground.options() {
        command.arg(name).arg(value);
    }
    command.args(std::env::args_os().skip(1));
    let status = command
        .status()
        .await
        .with_context(|| suite.display().to_string())?;
    Ok(match status.success() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
