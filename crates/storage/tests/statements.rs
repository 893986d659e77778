//! Every statement is understood by both databases.

use sqlx::{Connection as _, Executor as _, SqlSafeStr as _};
use testkit::database::TestDatabase;

#[tokio::test]
async fn sqlite_prepares_every_statement() {
    let database = TestDatabase::sqlite().await;
    let mut connection = sqlx::SqliteConnection::connect(&database.config().url)
        .await
        .unwrap();
    for sql in storage::statements() {
        let prepared = connection.prepare(sql.into_sql_str()).await;
        assert!(prepared.is_ok(), "{sql}\n{:?}", prepared.err());
    }
}

#[tokio::test]
async fn postgresql_prepares_every_statement() {
    let database = TestDatabase::postgres().await;
    let mut connection = sqlx::PgConnection::connect(&database.config().url).await.unwrap();
    for sql in storage::statements() {
        let prepared = connection.prepare(sql.into_sql_str()).await;
        assert!(prepared.is_ok(), "{sql}\n{:?}", prepared.err());
    }
}

/// The list is complete: a statement of a table's file that is missing from it would go untested.
#[test]
fn every_statement_in_the_sources_is_in_the_list() {
    let sources = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap();
    let listed: Vec<&str> = storage::statements().collect();
    for file in sources {
        let path = file.unwrap().path();
        if path.is_dir()
            || ["dialect.rs", "database.rs"]
                .iter()
                .any(|name| path.ends_with(name))
        {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for start in ["SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM "] {
            for (_, rest) in text
                .match_indices(&format!("\"{start}"))
                .map(|(at, _)| text.split_at(at + 1))
            {
                let sql = rest.split('"').next().unwrap();
                assert!(listed.contains(&sql), "{}: {sql}", path.display());
            }
        }
    }
}
