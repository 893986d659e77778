//! What is refused, and that a refusal leaves nothing behind.

use std::time::Duration;

use storage::{Database, DatabaseConfig, Dialect, Query, StorageError};
use testkit::database::{TestDatabase, for_each_database};

use crate::probe::{self, Gate, insert, keys, put};

#[tokio::test]
async fn a_second_row_with_the_key_is_a_unique_violation() {
    for_each_database(|db| async move {
        probe::create(&db).await;
        put(&db, "a").await.unwrap();
        assert!(matches!(put(&db, "a").await, Err(StorageError::UniqueViolation)));
        assert_eq!(keys(&db).await, ["a"]);
    })
    .await;
}

#[tokio::test]
async fn a_reader_cannot_write() {
    for_each_database(|db| async move {
        probe::create(&db).await;
        for reader in [db.read().await, db.read_check().await] {
            let sql = "INSERT INTO probe (key, number) VALUES ('a', 1) RETURNING key";
            assert!(reader.unwrap().fetch_optional(sql, &[]).await.is_err());
        }
        assert!(keys(&db).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_write_that_swallows_a_failed_statement_is_rolled_back() {
    for_each_database(|db| async move {
        probe::create(&db).await;
        let outcome = db.write::<_, StorageError, _>(|w| {
            Box::pin(async move {
                insert(w, "a").await?;
                drop(insert(w, "a").await);
                Ok(())
            })
        });
        assert!(matches!(outcome.await, Err(StorageError::FailedStatement)));
        assert!(keys(&db).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_panicking_write_is_rolled_back_and_the_next_one_works() {
    for_each_database(|db| async move {
        probe::create(&db).await;
        let outcome = db.write::<(), StorageError, _>(|w| {
            Box::pin(async move {
                insert(w, "a").await?;
                panic!("on purpose")
            })
        });
        assert!(matches!(outcome.await, Err(StorageError::Panicked)));
        put(&db, "b").await.unwrap();
        assert_eq!(keys(&db).await, ["b"]);
    })
    .await;
}

#[tokio::test]
async fn a_write_that_never_ends_is_rolled_back() {
    for test in TestDatabase::both().await {
        probe::create(test.database()).await;
        let config = DatabaseConfig {
            work_timeout: Duration::from_millis(50),
            ..test.config().clone()
        };
        let db = Database::connect(&config).await.unwrap();
        let outcome = Gate::closed().hold(db.clone(), "a").await;
        assert!(matches!(outcome, Err(StorageError::Unavailable(_))));
        assert!(keys(&db).await.is_empty());
        db.close().await;
    }
}

/// A06
#[tokio::test]
async fn held_connections_make_others_busy_but_not_the_checks() {
    for test in TestDatabase::both().await {
        let config = DatabaseConfig {
            max_connections: 2,
            acquire_timeout: Duration::from_secs(1),
            ..test.config().clone()
        };
        let db = Database::connect(&config).await.unwrap();
        let held = (db.read().await.unwrap(), db.read().await.unwrap());
        let refused = db.read().await.err().unwrap();
        assert!(matches!(refused, StorageError::Busy) && refused.is_transient());
        db.read_check()
            .await
            .unwrap()
            .fetch_one("SELECT 1", &[])
            .await
            .unwrap();
        drop(held);
        db.read().await.unwrap();
        db.close().await;
    }
}

#[tokio::test]
async fn a_full_queue_is_busy_and_loses_nothing_that_it_took() {
    let test = TestDatabase::sqlite().await;
    probe::create(test.database()).await;
    let config = DatabaseConfig {
        queue_capacity: 2,
        ..test.config().clone()
    };
    let db = Database::connect(&config).await.unwrap();

    let gate = Gate::closed();
    let held = tokio::spawn(gate.clone().hold(db.clone(), "held"));
    gate.reached().await;
    let (first, second, third) = tokio::join!(biased; put(&db, "1"), put(&db, "2"), async {
        let third = put(&db, "3").await;
        gate.open();
        third
    });

    assert!(matches!(third, Err(StorageError::Busy)));
    first.and(second).and(held.await.unwrap()).unwrap();
    assert_eq!(keys(&db).await, ["1", "2", "held"]);
    db.close().await;
}

#[tokio::test]
async fn a_closed_database_finishes_what_it_took_and_refuses_the_rest() {
    for_each_database(|db| async move {
        probe::create(&db).await;
        let gate = Gate::closed();
        let held = tokio::spawn(gate.clone().hold(db.clone(), "a"));
        gate.reached().await;
        let ((), ()) = tokio::join!(biased; db.close(), async { gate.open() });

        assert_eq!(held.await.unwrap().unwrap(), 1);
        assert!(matches!(put(&db, "b").await, Err(StorageError::Unavailable(_))));
        assert!(matches!(db.read().await, Err(StorageError::Unavailable(_))));
    })
    .await;
}

#[tokio::test]
async fn sessions_are_set_to_keep_what_they_acknowledge() {
    for_each_database(|db| async move {
        let settings: &[(&'static str, &'static str, i64)] = match db.dialect() {
            Dialect::Sqlite => &[
                ("PRAGMA synchronous", "synchronous", 2),
                ("PRAGMA foreign_keys", "foreign_keys", 1),
                ("PRAGMA mmap_size", "mmap_size", 0),
            ],
            Dialect::Postgres => &[
                (
                    "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM pg_settings
                     WHERE (name, setting) IN (('synchronous_commit', 'on'), ('fsync', 'on'))",
                    "n",
                    2,
                ),
                (
                    "SELECT CAST(setting AS BIGINT) AS n FROM pg_settings WHERE name = 'statement_timeout'",
                    "n",
                    5000,
                ),
            ],
        };
        for (sql, column, expected) in settings {
            let found =
                db.write::<_, StorageError, _>(move |w| Box::pin(async move { w.fetch_one(sql, &[]).await }));
            let row = found.await.unwrap();
            assert_eq!(row.opt_int(column).unwrap(), Some(*expected), "{sql}");
        }
    })
    .await;
}
