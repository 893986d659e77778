//! The `conformance` program.
//! Ends with failure when a required operation did not pass.

use std::io::Write as _;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match conformance::main().await {
        Ok(code) => code,
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "conformance: {message}");
            ExitCode::from(2)
        }
    }
}
