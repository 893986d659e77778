//! Reads the file and the environment into a [`Config`].
//! It refuses a configuration that `check` finds fault with.

use super::{Config, Secret, check, shape};
use figment::providers::{Env, Serialized};
use figment::value::Dict;
use figment::{Figment, Profile, Provider};
use std::path::{Path, PathBuf};

/// Why there is no usable configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there or not readable.
    #[error("cannot read {path}: {reason}; name the configuration with --config FILE")]
    Unreadable {
        /// The file asked for.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// It is no TOML, a key is unknown, missing or of the wrong type, or it cannot mean what it says.
    #[error("{}", .0.join("\n"))]
    Invalid(Vec<String>),
}

/// Loads `path` and the environment.
///
/// # Errors
/// Names every problem that was found.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|reason| ConfigError::Unreadable {
        path: path.to_owned(),
        reason,
    })?;
    read(&text, &environment())
}

/// Reads a configuration from text alone, without the environment.
///
/// # Errors
/// Names every problem that was found.
pub fn parse(text: &str) -> Result<Config, ConfigError> {
    read(text, &Serialized::from(Dict::new(), Profile::Default))
}

fn environment() -> Env {
    Env::prefixed("PROXY_")
        .ignore(&["config", "port_file"])
        .split("__")
}

/// The file as it stands. Its lines are not quoted: one of them may hold a secret.
fn table(text: &str) -> Result<toml::Table, ConfigError> {
    operator_messages::table(text)
        .map_err(|wrong| ConfigError::Invalid(vec![format!("line {}: {}", wrong.line, wrong.reason)]))
}

fn read(text: &str, environment: &impl Provider) -> Result<Config, ConfigError> {
    let file = Serialized::from(table(text)?, Profile::Default);
    let found = Figment::from(file).merge(environment).extract();
    let found = found.map_err(|error| ConfigError::Invalid(vec![error.to_string()]))?;
    let mut config = shape::read(found, environment).map_err(ConfigError::Invalid)?;
    let mut problems = check::problems(&config);
    let server = &mut config.authorization_server;
    if let (Some(file), None) = (&server.client_secret_file, &server.client_secret) {
        match Secret::read(file) {
            Ok(secret) if secret.expose().len() < check::SHORTEST_SECRET => problems.push(format!(
                "authorization_server.client_secret_file: {} has fewer than {} characters",
                file.display(),
                check::SHORTEST_SECRET
            )),
            Ok(secret) => server.client_secret = Some(secret),
            Err(reason) => problems.push(format!(
                "authorization_server.client_secret_file: cannot read {}: {reason}",
                file.display()
            )),
        }
    }
    if let Some(shared) = &mut config.shared_limits {
        shared.read_files(&mut problems);
    }
    if problems.is_empty() {
        Ok(config)
    } else {
        Err(ConfigError::Invalid(problems))
    }
}
