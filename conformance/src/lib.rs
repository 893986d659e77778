//! Replays the five published API documents against a server, over HTTP alone.
//! Knows the documents and the contract, nothing of any implementation: no crate of ours is among its dependencies.

pub mod authenticator;
pub mod browser;
pub mod call;
pub mod clock;
pub mod curl;
pub mod documents;
pub mod envelope;
pub mod everywhere;
pub mod github;
pub mod http;
pub mod mail;
pub mod operation;
pub mod options;
pub mod person;
pub mod picture;
pub mod reply;
pub mod report;
pub mod scenario;
pub mod shape;
pub mod sigv4;
pub mod trouble;
pub mod world;

use std::process::ExitCode;

use clap::Parser as _;

use crate::options::Options;
use crate::world::World;

/// The whole program: options, cases, report, verdict.
///
/// # Errors
/// When the options make no sense or the output can't be written.
pub async fn main() -> Result<ExitCode, String> {
    let options = Options::parse();
    if options.list {
        report::listing(&documents::operations()).map_err(|error| error.to_string())?;
        return Ok(ExitCode::SUCCESS);
    }
    let world = World::new(&options)?;
    let cases = documents::run(&world, &options).await;
    let report = report::Report::of(documents::operations(), &cases, &options);
    let written = match options.json {
        true => report.json(),
        false => report.text(),
    };
    written.map_err(|error| error.to_string())?;
    Ok(match report.is_good(&options.require) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
