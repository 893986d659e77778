//! What is wrong with a configuration, key by key.
//! Never quotes a value that could be a secret.

use std::fmt;

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
}

impl fmt::Display for ConfigError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the configuration cannot be used:")?;
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

    pub(super) fn into_result(self) -> Result<(), ConfigError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(ConfigError { problems: self.0 })
        }
    }
}
