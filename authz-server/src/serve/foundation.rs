//! What must stand before the server can answer: the data folder and the database.
//! Opens nothing that the configuration does not name.

use std::{fs, io, os::unix::fs::DirBuilderExt as _, path::PathBuf, sync::Arc};

use domain::Authority;
use storage::{Database, StorageError};

use crate::{admin::Readiness, config::Config};

/// Why there is nothing to stand on.
#[derive(Debug, thiserror::Error)]
pub enum FoundationError {
    #[error("cannot create the folder {} (server.data_dir): {source}", path.display())]
    DataDir { path: PathBuf, source: io::Error },
    #[error("cannot open the database {place} (database.url): {source}; `authz-server doctor` says more")]
    Database { place: String, source: StorageError },
}

impl FoundationError {
    /// The database of this configuration failed.
    pub fn of(config: &Config) -> impl Fn(StorageError) -> Self + Copy {
        move |source| Self::Database {
            place: place(&database_config(config).url),
            source,
        }
    }
}

/// Where the database is, without what may be secret.
fn place(url: &str) -> String {
    if url.starts_with("sqlite:") {
        return url.to_owned();
    }
    match url::Url::parse(url) {
        Ok(mut url) => {
            // A URL with a host takes any password, also none.
            _ = url.set_password(None);
            url.set_query(None);
            url.to_string()
        }
        Err(_) => "whose URL cannot be read".to_owned(),
    }
}

/// The opened database.
pub struct Foundation {
    /// Migrated and reachable.
    pub database: Database,
}

impl Foundation {
    /// Makes the data folder, brings the schema up to date, opens the database.
    pub async fn lay(config: &Config) -> Result<Self, FoundationError> {
        make_data_dir(config)?;
        let settings = database_config(config);
        let failed = FoundationError::of(config);
        let report = Database::migrate(&settings).await.map_err(failed)?;
        if !report.applied.is_empty() {
            tracing::info!(
                applied = report.applied.len(),
                version = report.version,
                "schema brought up to date"
            );
        }
        Ok(Self {
            database: Database::connect(&settings).await.map_err(failed)?,
        })
    }

    /// Ready while the database answers and every algorithm has a key that signs.
    pub fn readiness(&self, authority: &Authority) -> Readiness {
        let authority = authority.clone();
        let keys: crate::admin::Check = Arc::new(move || {
            let ready = authority.keys.snapshot().is_ready();
            Box::pin(async move {
                if ready {
                    Ok(())
                } else {
                    Err("an algorithm has no active key".to_owned())
                }
            })
        });
        let database = self.database.clone();
        let answers: crate::admin::Check = Arc::new(move || {
            let database = database.clone();
            Box::pin(async move { database.ping().await.map_err(|error| error.to_string()) })
        });
        Readiness::new(vec![("database", answers), ("keys", keys)])
    }

    /// Lets accepted writes finish and closes the database.
    pub async fn close(&self) {
        self.database.close().await;
    }
}

/// The storage settings that the configuration describes.
pub fn database_config(config: &Config) -> storage::DatabaseConfig {
    let url = config.database.url_or_default(&config.server.data_dir);
    let mut settings = storage::DatabaseConfig::new(url.expose());
    settings.max_connections = config.database.max_connections;
    settings
}

/// Only the server's own user may look into a folder that it creates.
pub(crate) fn make_data_dir(config: &Config) -> Result<(), FoundationError> {
    let path = &config.server.data_dir;
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|source| FoundationError::DataDir {
        path: path.clone(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_place_is_told_without_its_password() {
        for (url, told) in [
            (
                "postgres://authz:canary@db:5432/authz?password=canary",
                "postgres://authz@db:5432/authz",
            ),
            ("sqlite:./data/authz.sqlite", "sqlite:./data/authz.sqlite"),
            ("postgres://canary canary", "whose URL cannot be read"),
        ] {
            assert_eq!(place(url), told);
        }
    }
}
