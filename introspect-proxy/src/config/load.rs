//! Reads the file and the environment into a [`Config`].
//! It refuses a configuration that `check` finds fault with.

use super::{Config, Secret, check};
use figment::Figment;
use figment::providers::{Env, Format, Toml};
use std::path::{Path, PathBuf};

/// Why there is no usable configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file is not there or not readable.
    #[error("cannot read {path}: {reason}")]
    Unreadable {
        /// The file asked for.
        path: PathBuf,
        /// What the system said.
        reason: std::io::Error,
    },
    /// A key is unknown, missing or of the wrong type.
    #[error("{0}")]
    Malformed(Box<figment::Error>),
    /// Well-formed, but it cannot mean what it says.
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
    read(&Figment::from(Toml::string(&text)).merge(environment()))
}

/// Reads a configuration from text alone, without the environment.
///
/// # Errors
/// Names every problem that was found.
pub fn parse(text: &str) -> Result<Config, ConfigError> {
    read(&Figment::from(Toml::string(text)))
}

fn environment() -> Env {
    Env::prefixed("PROXY_")
        .ignore(&["config", "port_file"])
        .split("__")
}

fn read(sources: &Figment) -> Result<Config, ConfigError> {
    let mut config: Config = sources
        .extract()
        .map_err(|error| ConfigError::Malformed(Box::new(error)))?;
    let mut problems = check::problems(&config);
    let server = &mut config.authorization_server;
    if let (Some(file), None) = (&server.client_secret_file, &server.client_secret) {
        match Secret::read(file) {
            Ok(secret) => server.client_secret = Some(secret),
            Err(reason) => problems.push(format!(
                "authorization_server.client_secret_file: cannot read {}: {reason}",
                file.display()
            )),
        }
    }
    if let Some(shared) = &mut config.shared_limits {
        shared.read_file(&mut problems);
    }
    if problems.is_empty() {
        Ok(config)
    } else {
        Err(ConfigError::Invalid(problems))
    }
}
