//! A new, empty PostgreSQL database for each server that asks for one.
//! Not migrated, as an operator's first one; without `TEST_POSTGRES_URL` an error, so no test quietly runs on less.

use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use url::Url;

static MADE: AtomicU32 = AtomicU32::new(0);

/// Creates a database and gives its URL.
pub async fn create() -> Result<String> {
    let server = std::env::var("TEST_POSTGRES_URL")
        .context("TEST_POSTGRES_URL is not set: scripts/test starts a PostgreSQL and sets it")?;
    let name = format!(
        "whole_{}_{}",
        std::process::id(),
        MADE.fetch_add(1, Ordering::Relaxed)
    );
    let mut connection = PgConnection::connect(&server).await?;
    for statement in [
        format!("DROP DATABASE IF EXISTS {name}"),
        format!("CREATE DATABASE {name}"),
    ] {
        sqlx::raw_sql(AssertSqlSafe(statement))
            .execute(&mut connection)
            .await?;
    }
    connection.close().await?;
    let mut url = Url::parse(&server)?;
    url.set_path(&name);
    Ok(url.into())
}
