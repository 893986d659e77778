//! Log output: for people or for machines, to standard error.
//! It refuses to log twice, and panics go the same way as other lines.

use crate::config::{Log, LogFormat};
use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;

/// What is to be logged.
///
/// # Errors
/// When the filter is malformed.
pub fn filter(settings: &Log) -> Result<EnvFilter, String> {
    EnvFilter::try_new(&settings.filter).map_err(|_| {
        "log.filter: must be a level or module=level pairs, such as info,introspect_proxy=debug".to_owned()
    })
}

/// Installs the log output of the process.
///
/// # Errors
/// When the filter is malformed or there is a log output already.
pub fn install(settings: &Log) -> Result<(), String> {
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter(settings)?)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let installed = match settings.format {
        LogFormat::Pretty => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    installed.map_err(|reason| reason.to_string())?;
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panicked");
    }));
    Ok(())
}
