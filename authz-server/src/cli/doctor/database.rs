//! The database: does it open and answer?
//! Does not migrate and does not create a SQLite file.

use storage::Database;

use super::Finding;
use crate::{config::Config, serve::database_config};

pub(super) async fn check(config: &Config) -> Vec<Finding> {
    let settings = database_config(config);
    if let Some(path) = settings.url.strip_prefix("sqlite:") {
        let path = path
            .trim_start_matches("//")
            .split('?')
            .next()
            .unwrap_or_default();
        if !std::path::Path::new(path).exists() {
            return vec![Finding::Fine(format!(
                "{path} will be created at the first start"
            ))];
        }
    }
    // Opening refuses a SQLite that is too old and one that cannot do write-ahead logging.
    match Database::connect(&settings).await {
        Ok(database) => {
            database.close().await;
            vec![Finding::Fine("it opens and answers".to_owned())]
        }
        Err(error) => vec![Finding::wrong(
            error.to_string(),
            "Check database.url, that the database runs, and that this user may open it.",
        )],
    }
}
