//! Lost connections are replaced without anybody's help.

use storage::{Database, Query, StorageError};
use testkit::database::TestDatabase;

use crate::probe::{self, keys, put};

async fn end_all_other_sessions(db: &Database) {
    let sql = "SELECT CAST(COUNT(pg_terminate_backend(pid)) AS BIGINT) AS ended FROM pg_stat_activity
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let ended = db.write::<_, StorageError, _>(move |w| Box::pin(async move { w.fetch_one(sql, &[]).await }));
    assert!(ended.await.unwrap().int("ended").unwrap() > 0);
}

#[tokio::test]
async fn sessions_ended_by_the_server_cost_each_connection_at_most_one_error() {
    let test = TestDatabase::postgres().await;
    let db = test.database();
    probe::create(db).await;
    let all = [db.read().await, db.read().await, db.read().await];
    drop(all);
    end_all_other_sessions(db).await;

    let mut failures = 0;
    for n in 0..50 {
        if let Err(error) = put(db, n.to_string()).await {
            assert!(error.is_transient(), "{error:?}");
            failures += 1;
        }
    }
    let mut unread = 0;
    for _ in 0..50 {
        if let Err(error) = db.read().await.unwrap().fetch_one("SELECT 1", &[]).await {
            assert!(error.is_transient(), "{error:?}");
            unread += 1;
        }
    }
    assert!(
        failures.max(unread) <= test.config().max_connections,
        "{failures} {unread}"
    );
    assert_eq!(keys(db).await.len() as u32, 50 - failures);
}

#[tokio::test]
async fn a_reader_on_which_a_statement_failed_is_replaced() {
    let test = TestDatabase::sqlite().await;
    let db = test.database();
    probe::create(db).await;
    for _ in 0..50 {
        let mut reader = db.read().await.unwrap();
        assert!(
            reader
                .fetch_all("SELECT nothing FROM nowhere", &[])
                .await
                .is_err()
        );
    }
    put(db, "a").await.unwrap();
    assert_eq!(keys(db).await, ["a"]);
}

#[tokio::test]
async fn a_reader_dropped_in_the_middle_of_a_statement_is_sound_for_the_next_caller() {
    for test in TestDatabase::both().await {
        let db = test.database();
        probe::create(db).await;
        for n in 0..200 {
            put(db, format!("{n:03}")).await.unwrap();
        }
        let mut abandoned = 0;
        for _ in 0..50 {
            let mut reader = db.read().await.unwrap();
            let answer = reader.fetch_all("SELECT a.key FROM probe AS a, probe AS b", &[]);
            // One poll sends the statement, then the caller leaves; a quick server may have answered by then.
            abandoned += usize::from(futures::FutureExt::now_or_never(answer).is_none());
        }
        assert!(abandoned > 0);
        assert_eq!(keys(db).await.len(), 200);
    }
}
