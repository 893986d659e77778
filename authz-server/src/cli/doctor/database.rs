//! The database: does it open and answer?
//! Does not migrate and does not create a SQLite file.

use storage::Database;

use super::Finding;
use crate::config::Config;
use crate::serve::{MasterKeysError, database_config, refuse_if_gone};

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
            let mut findings = vec![Finding::Fine("it opens and answers".to_owned())];
            findings.extend(without_keys(config, &database).await);
            findings.extend(given_up(&database).await);
            findings.extend(super::audit::unsigned(&database).await);
            findings.extend(unreadable(&database).await);
            findings.extend(super::ledger::guarded(&database).await);
            database.close().await;
            findings
        }
        Err(error) => vec![Finding::wrong(
            error.to_string(),
            "Check database.url, that the database runs, and that this user may open it.",
        )],
    }
}

/// Master keys that are gone. Nothing when the schema is older than sealing.
async fn without_keys(config: &Config, database: &Database) -> Option<Finding> {
    let gone = refuse_if_gone(config, database).await.err()?;
    matches!(gone, MasterKeysError::Gone { .. }).then(|| {
        Finding::wrong(
            gone.to_string(),
            "The server does not start without it, and makes no other in its place.",
        )
    })
}

/// Letters and other work that failed for good. Nothing when the schema is older than that.
async fn given_up(database: &Database) -> Option<Finding> {
    let mut reader = database.read().await.ok()?;
    let failed = storage::jobs::list_failed(&mut reader, 100).await.ok()?;
    let newest = failed.first()?;
    Some(Finding::doubtful(
        format!(
            "{} job(s) were given up, the last ({}) because: {}",
            failed.len(),
            newest.kind,
            newest.last_error
        ),
        "Mend the cause (for mail: [mail.smtp]); what was given up is not tried again.",
    ))
}

/// Policies whose stored text is none any more. Nothing when the schema is older than that.
async fn unreadable(database: &Database) -> Option<Finding> {
    let found = domain::iam::unreadable_policies(database).await.ok()?;
    let first = found.first()?;
    Some(Finding::doubtful(
        format!(
            "{} stored policy(ies) cannot be read, one of them {first}",
            found.len()
        ),
        "Whoever has one is denied everything: delete it with DELETE /auth/iam/policies/{id}?detach=true and write it anew.",
    ))
}
