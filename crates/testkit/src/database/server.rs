//! The PostgreSQL server of the tests: one migrated template, and copies of it.
//! Starts no server; `scripts/test` does.

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use storage::{Database, DatabaseConfig};
use url::Url;

/// Held while the template is made, so that test programs running side by side make it once.
const TEMPLATE_LOCK: &str = "SELECT pg_advisory_lock(4061997)";

pub(super) struct Server {
    admin: Url,
    template: String,
}

/// Drops the database, whoever is still connected to it.
pub(super) struct Disposable {
    admin: Url,
    name: String,
}

impl Server {
    pub(super) async fn prepare() -> Self {
        let url = std::env::var("TEST_POSTGRES_URL")
            .expect("TEST_POSTGRES_URL names no server; `scripts/test` starts one, or use `scripts/postgres start DIR`");
        let admin = Url::parse(&url).expect("TEST_POSTGRES_URL is a URL");
        let template = format!("template_{}", storage::schema_fingerprint());
        let server = Self { admin, template };
        server.make_template().await;
        server
    }

    async fn make_template(&self) {
        let mut admin = connect(&self.admin).await;
        admin.execute(TEMPLATE_LOCK).await.expect("the template's lock");
        let existing: Option<i32> = sqlx::query_scalar("SELECT 1 FROM pg_database WHERE datname = $1")
            .bind(&self.template)
            .fetch_optional(&mut admin)
            .await
            .expect("the list of databases");
        if existing.is_none() {
            // Renamed only when complete: a test program killed half-way leaves no template that looks done.
            let draft = format!("{}_draft", self.template);
            run(
                &mut admin,
                format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)"),
            )
            .await;
            run(&mut admin, format!("CREATE DATABASE {draft}")).await;
            let config = DatabaseConfig::new(self.url_of(&draft));
            Database::migrate(&config)
                .await
                .expect("the migrations apply to PostgreSQL");
            run(
                &mut admin,
                format!("ALTER DATABASE {draft} RENAME TO {}", self.template),
            )
            .await;
        }
        admin.close().await.expect("the server lets go");
    }

    pub(super) fn url_of(&self, name: &str) -> String {
        let mut url = self.admin.clone();
        url.set_path(name);
        url.into()
    }

    pub(super) async fn create(&self, name: &str) -> Disposable {
        let mut admin = connect(&self.admin).await;
        run(&mut admin, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        run(
            &mut admin,
            format!("CREATE DATABASE {name} TEMPLATE {}", self.template),
        )
        .await;
        admin.close().await.expect("the server lets go");
        Disposable {
            admin: self.admin.clone(),
            name: name.to_owned(),
        }
    }
}

impl Disposable {
    /// Whoever listens in this database: how many, and, when asked to, ended from the server's side.
    pub(super) async fn listeners(&self, end: bool) -> usize {
        let mut admin = connect(&self.admin).await;
        let ended = if end { "pg_terminate_backend(pid)" } else { "true" };
        let statement = format!(
            "SELECT {ended} FROM pg_stat_activity WHERE datname = '{}' AND query LIKE 'LISTEN %'",
            self.name
        );
        let found: Vec<bool> = sqlx::query_scalar(AssertSqlSafe(statement))
            .fetch_all(&mut admin)
            .await
            .expect("the list of connections");
        admin.close().await.expect("the server lets go");
        found.len()
    }
}

impl Drop for Disposable {
    /// Waits on a thread of its own, because the test's runtime may be ending.
    fn drop(&mut self) {
        let (admin, name) = (self.admin.clone(), self.name.clone());
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                let mut admin = PgConnection::connect(admin.as_str()).await?;
                admin
                    .execute(AssertSqlSafe(format!(
                        "DROP DATABASE IF EXISTS {name} WITH (FORCE)"
                    )))
                    .await?;
                admin.close().await
            })
        });
        let outcome = dropping.join();
        if !std::thread::panicking() {
            outcome
                .expect("the thread ends")
                .expect("the test's database is dropped");
        }
    }
}

async fn connect(admin: &Url) -> PgConnection {
    PgConnection::connect(admin.as_str())
        .await
        .expect("the server at TEST_POSTGRES_URL answers")
}

async fn run(admin: &mut PgConnection, sql: String) {
    admin
        .execute(AssertSqlSafe(sql))
        .await
        .expect("a database is made or removed");
}
