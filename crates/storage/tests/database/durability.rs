//! What was acknowledged is in the files; what was not may be missing, never half there.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use storage::{Database, DatabaseConfig, StorageError};
use testkit::database::TestDatabase;
use tokio::task::JoinSet;

use crate::probe::{self, keys, put};

fn config(directory: &Path) -> DatabaseConfig {
    DatabaseConfig::new(format!("sqlite:{}", directory.join("data/authz.db").display()))
}

#[tokio::test]
async fn the_file_and_its_folder_are_the_owners_alone() {
    let directory = tempfile::tempdir().unwrap();
    let db = Database::connect(&config(directory.path())).await.unwrap();
    probe::create(&db).await;
    let data = directory.path().join("data");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for name in ["authz.db", "authz.db-wal", "authz.db-shm"] {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
    db.close().await;
}

#[tokio::test]
async fn every_acknowledged_write_is_in_the_files_when_the_process_dies() {
    let (directory, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let db = Database::connect(&config(directory.path())).await.unwrap();
    probe::create(&db).await;
    let mut writers = JoinSet::new();
    for n in 0..64 {
        let db = db.clone();
        writers.spawn(async move { put(&db, n.to_string()).await });
    }
    assert!(writers.join_all().await.iter().all(Result::is_ok));

    // The files as a dead process would leave them: the log is not yet folded into the database.
    std::fs::create_dir(copy.path().join("data")).unwrap();
    for name in ["authz.db", "authz.db-wal"] {
        let name = Path::new("data").join(name);
        std::fs::copy(directory.path().join(&name), copy.path().join(&name)).unwrap();
    }
    let survivor = Database::connect(&config(copy.path())).await.unwrap();
    assert_eq!(keys(&survivor).await.len(), 64);
    survivor.close().await;
    db.close().await;
}

#[tokio::test]
async fn a_closed_database_is_one_file_and_opens_again() {
    let test = TestDatabase::sqlite().await;
    probe::create(test.database()).await;
    put(test.database(), "a").await.unwrap();
    test.database().close().await;
    let log = test.config().url.replace("sqlite:", "") + "-wal";
    assert!(!Path::new(&log).exists());
    let again = Database::connect(test.config()).await.unwrap();
    assert_eq!(keys(&again).await, ["a"]);
    again.close().await;
}

async fn limit_pages(db: &Database, sql: &'static str) {
    use storage::Query;
    db.write::<_, StorageError, _>(move |w| Box::pin(async move { w.fetch_one(sql, &[]).await }))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_full_disk_refuses_writes_keeps_reads_and_loses_nothing() {
    let test = TestDatabase::sqlite().await;
    let db = test.database();
    probe::create(db).await;
    limit_pages(db, "PRAGMA max_page_count = 1").await;

    let (mut stored, mut refused) = (vec![], 0);
    for n in 0..64 {
        let key = format!("{n:03}{}", "x".repeat(2000));
        match put(db, key.clone()).await {
            Ok(_) => stored.push(key),
            Err(error) => {
                assert!(error.is_transient(), "{error:?}");
                refused += 1;
            }
        }
    }

    assert!(refused > 0);
    assert_eq!(keys(db).await, stored);
    limit_pages(db, "PRAGMA max_page_count = 1000000").await;
    put(db, "zzz").await.unwrap();
}

#[tokio::test]
async fn migrating_again_changes_nothing() {
    for test in TestDatabase::both().await {
        let report = Database::migrate(test.config()).await.unwrap();
        assert!(report.applied.is_empty(), "{report:?}");
    }
}
