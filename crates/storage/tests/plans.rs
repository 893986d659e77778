//! The list and the search of users at a size where a scan would show: what the databases say they will do.
//! Times nothing: a plan holds on every machine.

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _, SqliteConnection};
use storage::user_directory::{self, BLOCK};
use testkit::database::TestDatabase;

const USERS: i64 = 100_000;

/// Users as they are: each with a block, and with two terms that begin alike in many and one of their own. Both databases
/// understand it.
const FILL: [&str; 5] = [
    "CREATE TEMPORARY TABLE counted AS WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 100000) SELECT n FROM counted",
    "INSERT INTO users (id, username, email, role, profile, created_at, updated_at, number, terms_due) SELECT 'usr_' || n, 'name' || n, 'name' || n || '@example.org', 'user', '{}', n, n, n, NULL FROM counted",
    "INSERT INTO user_blocks (block, live) SELECT n / 1000, count(*) FROM counted GROUP BY n / 1000",
    "INSERT INTO user_terms (term, number) SELECT CAST('name' || n || '@example.org' AS BYTEA), n FROM counted",
    "INSERT INTO user_terms (term, number) SELECT CAST('example.org' AS BYTEA), n FROM counted",
];

/// Each statement that a page of the list or of a search takes, and of the check for administrators.
fn statements() -> Vec<&'static str> {
    let begins = [
        "SELECT block, live FROM user_blocks",
        "SELECT number FROM user_terms",
        "SELECT id FROM users WHERE terms_due",
        "SELECT count(*) AS n FROM users",
        "UPDATE users SET id = id WHERE role",
        "DELETE FROM user_terms",
    ];
    let is_meant = |sql: &&str| {
        let of_many = sql.contains("FROM users WHERE number");
        of_many || begins.iter().any(|begin| sql.starts_with(begin))
    };
    storage::statements().filter(is_meant).collect()
}

fn placeholders(sql: &str) -> usize {
    (1..=20).filter(|n| sql.contains(&format!("${n}"))).count()
}

#[tokio::test]
async fn sqlite_begins_at_an_index_and_sorts_nothing() {
    let database = TestDatabase::sqlite().await;
    let mut connection = SqliteConnection::connect(&database.config().url).await.unwrap();
    for sql in FILL {
        let sql = sql.replace("AS BYTEA", "AS BLOB");
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
    }
    for sql in statements() {
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        let rows = connection.fetch_all(explain).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        let plan = plan.join("; ");
        // One row for a thousand users is read whole, in the order of its key.
        let expected = if sql.contains("user_blocks") {
            "SCAN user_blocks"
        } else {
            "INDEX"
        };
        assert!(
            plan.contains(expected) && !plan.contains("TEMP B-TREE"),
            "{sql}\n{plan}"
        );
        assert!(
            !plan.contains("SCAN users")
                || plan.contains("USING COVERING INDEX users_administering")
                || plan.contains("USING INDEX users_"),
            "{sql}\n{plan}"
        );
        assert!(!plan.contains("SCAN user_terms"), "{sql}\n{plan}");
    }
}

#[tokio::test]
async fn postgresql_begins_at_an_index_and_sorts_nothing() {
    let database = TestDatabase::postgres().await;
    let mut connection = PgConnection::connect(&database.config().url).await.unwrap();
    for sql in FILL {
        let sql = sql
            .replace("CAST(", "convert_to(")
            .replace(" AS BYTEA)", ", 'UTF8')");
        connection.execute(AssertSqlSafe(sql)).await.unwrap();
    }
    for table in ["users", "user_terms", "user_blocks"] {
        connection
            .execute(AssertSqlSafe(format!("VACUUM ANALYZE {table}")))
            .await
            .unwrap();
    }
    for sql in statements() {
        let name = format!("p{}", sql.len());
        connection
            .execute(AssertSqlSafe(format!("PREPARE {name} AS {sql}")))
            .await
            .unwrap();
        let arguments = arguments(sql);
        let execute = format!("EXPLAIN EXECUTE {name}{arguments}");
        let rows = connection.fetch_all(AssertSqlSafe(execute)).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        let plan = plan.join("\n");
        if !sql.contains("user_blocks") {
            assert!(plan.contains("Index"), "{sql}\n{plan}");
            assert!(
                !plan.contains("Seq Scan on user") && !plan.contains("Sort"),
                "{sql}\n{plan}"
            );
        }
    }
}

/// Values of the middle of the table: what a deep page and a common search ask for.
fn arguments(sql: &str) -> String {
    let values: Vec<String> = match placeholders(sql) {
        0 => return String::new(),
        1 if sql.starts_with("SELECT count") => vec!["'usr_7'".to_owned()],
        1 => vec!["200".to_owned()],
        3 if sql.contains("user_terms") => {
            vec![
                "'\\x6578616d'".to_owned(),
                "'\\x6578616e'".to_owned(),
                "4000".to_owned(),
            ]
        }
        3 => vec!["51000".to_owned(), "20".to_owned(), "999".to_owned()],
        many => (0..many).map(|n| (n * 5000 + 1).to_string()).collect(),
    };
    format!("({})", values.join(", "))
}

/// However deep the page, less than a block is skipped; and the rows are the right ones.
#[tokio::test]
async fn a_deep_page_is_the_right_one() {
    let database = TestDatabase::sqlite().await;
    let mut connection = SqliteConnection::connect(&database.config().url).await.unwrap();
    for sql in FILL {
        connection
            .execute(AssertSqlSafe(sql.replace("AS BYTEA", "AS BLOB")))
            .await
            .unwrap();
    }
    let mut reader = database.database().read().await.unwrap();
    let blocks = user_directory::list_blocks(&mut reader).await.unwrap();
    assert_eq!(blocks.iter().map(|block| block.live).sum::<i64>(), USERS);
    assert_eq!(blocks.len() as i64, USERS / BLOCK + 1);
    let found = user_directory::find_matches(&mut reader, (b"name99999", b"name9999:"), 10)
        .await
        .unwrap();
    assert_eq!(found, [99_999]);
}
