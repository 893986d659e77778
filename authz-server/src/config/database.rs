//! `[database]`: where everything is remembered.
//! Knows the shape of the URL only; opening it is the storage crate's part.

use std::path::{Path, PathBuf};

use super::{Problems, Secret, secret::redacted};

/// Where everything is remembered.
#[derive(Clone, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseConfig {
    /// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`. Without it: `authz.sqlite` in `server.data_dir`.
    #[serde(serialize_with = "redacted")]
    #[schemars(with = "Option<String>")]
    pub url: Option<Secret>,
    /// A file with the URL, instead of `url`.
    pub url_file: Option<PathBuf>,
    /// The most connections kept open to the database.
    pub max_connections: u32,
}

impl Default for DatabaseConfig {
    fn default() -> Self {
        Self {
            url: None,
            url_file: None,
            max_connections: 16,
        }
    }
}

impl DatabaseConfig {
    /// The URL to open; the SQLite file in `data_dir` when none is configured.
    pub fn url_or_default(&self, data_dir: &Path) -> Secret {
        self.url
            .clone()
            .unwrap_or_else(|| Secret::new(format!("sqlite:{}", data_dir.join("authz.sqlite").display())))
    }

    pub(super) fn check(&self, problems: &mut Problems) {
        let schemes = ["sqlite:", "postgres://", "postgresql://"];
        let known = |url: &Secret| schemes.iter().any(|scheme| url.expose().starts_with(scheme));
        let wrong = self.url.as_ref().is_some_and(|url| !known(url));
        problems.add_if(wrong, "database.url", "must begin with sqlite: or postgres://");
        let usable = (2..=1000).contains(&self.max_connections);
        problems.add_if(!usable, "database.max_connections", "must be between 2 and 1000");
    }
}
