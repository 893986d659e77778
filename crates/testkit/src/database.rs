//! Fresh, migrated databases: a copied SQLite file, or a PostgreSQL database made from a template.
//! Never falls back from one to the other: a missing server is a failure, not a skipped test.

#![expect(
    clippy::expect_used,
    reason = "a test that cannot be set up fails with the reason"
)]

use std::future::Future;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use storage::{Database, DatabaseConfig, Dialect, StorageError};
use tempfile::TempDir;
use tokio::sync::OnceCell;

mod server;

use server::Server;

/// A database that disappears with this value.
pub struct TestDatabase {
    database: Database,
    config: DatabaseConfig,
    place: Place,
}

enum Place {
    Directory { _directory: TempDir },
    Server { dropped: server::Disposable },
}

impl Place {
    async fn listeners(&self, end: bool) -> usize {
        match self {
            Self::Directory { .. } => 0,
            Self::Server { dropped } => dropped.listeners(end).await,
        }
    }
}

impl TestDatabase {
    /// A file of its own, copied from one that was migrated once per process.
    pub async fn sqlite() -> Self {
        static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
        let template = TEMPLATE.get_or_init(migrated_file).await;
        let directory = TempDir::new().expect("a temporary directory");
        let file = directory.path().join("authz.db");
        std::fs::write(&file, template).expect("a copy of the template");
        Self::open(
            format!("sqlite:{}", file.display()),
            Place::Directory {
                _directory: directory,
            },
        )
        .await
    }

    /// A database of its own on the server that `TEST_POSTGRES_URL` names.
    pub async fn postgres() -> Self {
        static SERVER: OnceCell<Server> = OnceCell::const_new();
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let server = SERVER.get_or_init(Server::prepare).await;
        let name = format!(
            "test_{}_{}",
            std::process::id(),
            NUMBER.fetch_add(1, Ordering::Relaxed)
        );
        let disposable = server.create(&name).await;
        Self::open(server.url_of(&name), Place::Server { dropped: disposable }).await
    }

    /// One of each.
    pub async fn both() -> [Self; 2] {
        [Self::sqlite().await, Self::postgres().await]
    }

    async fn open(url: String, place: Place) -> Self {
        let config = patient(url);
        let database = Database::connect(&config).await.expect("the test database opens");
        Self {
            database,
            config,
            place,
        }
    }

    /// The open database.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// How many connections listen for what other replicas commit; none on SQLite.
    pub async fn listeners(&self) -> usize {
        self.place.listeners(false).await
    }

    /// Ends them, as a restart of the database would.
    pub async fn end_listeners(&self) -> usize {
        self.place.listeners(true).await
    }

    /// How it was opened, for a second opening with the same or other limits.
    pub fn config(&self) -> &DatabaseConfig {
        &self.config
    }
}

/// Runs the same test on SQLite and then on PostgreSQL.
pub async fn for_each_database<F, Fut>(test: F)
where
    F: Fn(Database) -> Fut,
    Fut: Future<Output = ()>,
{
    let sqlite = TestDatabase::sqlite().await;
    // Boxed: whole tests live in these futures.
    Box::pin(test(sqlite.database().clone())).await;
    let postgres = TestDatabase::postgres().await;
    Box::pin(test(postgres.database().clone())).await;
}

/// Lets nobody append to the revocation log, or lets them again: whatever writes to it then fails as a whole.
pub async fn shut_log(database: &Database, shut: bool) {
    let sql = match (shut, database.dialect()) {
        (true, Dialect::Sqlite) => {
            "CREATE TRIGGER shut BEFORE INSERT ON revocations BEGIN SELECT RAISE(ABORT, 'shut'); END"
        }
        (true, Dialect::Postgres) => {
            "CREATE TRIGGER shut BEFORE INSERT ON revocations FOR EACH STATEMENT EXECUTE FUNCTION ledger_stands()"
        }
        (false, Dialect::Sqlite) => "DROP TRIGGER shut",
        (false, Dialect::Postgres) => "DROP TRIGGER shut ON revocations",
    };
    let work = database
        .write::<_, StorageError, _>(move |w| Box::pin(async move { w.execute(sql, &[]).await.map(drop) }));
    work.await.expect("the trigger is made");
}

/// Few connections, because many tests share one server; long limits, because machines differ.
fn patient(url: String) -> DatabaseConfig {
    DatabaseConfig {
        max_connections: 8,
        check_connections: 2,
        acquire_timeout: Duration::from_secs(30),
        work_timeout: Duration::from_secs(30),
        ..DatabaseConfig::new(url)
    }
}

async fn migrated_file() -> Vec<u8> {
    let directory = TempDir::new().expect("a temporary directory");
    let file = directory.path().join("template.db");
    let config = DatabaseConfig::new(format!("sqlite:{}", file.display()));
    Database::migrate(&config)
        .await
        .expect("the migrations apply to SQLite");
    std::fs::read(&file).expect("the migrated file")
}
