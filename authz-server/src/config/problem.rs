//! What is wrong with a configuration, key by key.
//! Never quotes a value that could be a secret.

use std::{fmt, path::PathBuf};

/// One thing to mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The dotted key, as in the file: `tokens.access_ttl`.
    pub key: String,
    /// Why it cannot be accepted, and what would be.
    pub reason: String,
}

/// A configuration that cannot be used, with every reason found.
#[derive(Debug, thiserror::Error)]
pub struct ConfigError {
    /// At least one.
    pub problems: Vec<Problem>,
    /// The file that was read, if there was one.
    pub file: Option<PathBuf>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(out, "{} cannot be used:", file.display())?,
            None => write!(out, "the configuration cannot be used:")?,
        }
        for problem in &self.problems {
            write!(out, "\n  {}: {}", problem.key, problem.reason)?;
        }
        Ok(())
    }
}

/// Collects problems while the sections are checked.
#[derive(Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    pub(super) fn add(&mut self, key: impl Into<String>, reason: impl Into<String>) {
        self.0.push(Problem {
            key: key.into(),
            reason: reason.into(),
        });
    }

    pub(super) fn add_if(&mut self, wrong: bool, key: &str, reason: &str) {
        if wrong {
            self.add(key, reason);
        }
    }

    /// Forgets that a secret is missing where its file could not be read.
    pub(super) fn drop_echoes(&mut self) {
        let told: Vec<String> = self.0.iter().map(|problem| problem.key.clone()).collect();
        self.0
            .retain(|problem| !told.contains(&format!("{}_file", problem.key)));
    }

    pub(super) fn into_result(self) -> Result<(), ConfigError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(self.into_error())
        }
    }

    pub(super) fn into_error(self) -> ConfigError {
        ConfigError {
            problems: self.0,
            file: None,
        }
    }
}
