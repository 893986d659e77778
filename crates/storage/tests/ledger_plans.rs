//! The books of an account at a size where a scan would show: what the databases say they will do, and how much they read.
//! Times nothing: a plan holds on every machine.

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _, SqliteConnection};
use testkit::database::TestDatabase;

/// Forty accounts with 1500 movements each, two in three of them usage, and two years of days; both databases understand it.
const FILL: [&str; 7] = [
    "CREATE TEMPORARY TABLE counted AS WITH RECURSIVE counted(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n < 59999) SELECT n FROM counted",
    "INSERT INTO ledger_transfers SELECT 'mov_' || n, 1, 'gateway', 'revenue:usage', 'INR', 1 FROM counted",
    "INSERT INTO ledger_transfers SELECT 'mov_' || n, 2, 'tax:contained', 'tax:igst', 'INR', 1 FROM counted",
    "INSERT INTO ledger_movements SELECT 'mov_' || n, 'acc' || (n % 40), n / 40 + 1, CASE n / 40 % 3 WHEN 0 THEN 'topup' ELSE 'usage' END, n / 40 + 1, 'ref:' || n, 'INR', 0, 0, '', n, '2026-11-21' FROM counted",
    "INSERT INTO ledger_seals SELECT 'acc' || (n % 40), n / 40 + 1, CAST('12345678901234567890123456789012' AS BYTEA) FROM counted",
    "INSERT INTO wallets SELECT 'acc' || n, 'INR', 0, 1500 FROM counted WHERE n < 40",
    "INSERT INTO ledger_days SELECT 'acc' || (n % 40), 'day' || (100000 + n / 40), 1, 1, 0 FROM counted WHERE n < 29200",
];

/// A part of the statement, its arguments as a deep page of a large account has them, and the most rows that any step of it reads.
const QUESTIONS: [(&str, &str, u64); 13] = [
    ("m.seq <= $2 ORDER BY m.seq DESC", "'acc7', 200, 20", 20),
    ("m.kind_seq <= $2 AND m.kind = $4", "'acc7', 201, 20, 'usage'", 20),
    ("SELECT kind_seq FROM ledger_movements", "'acc7', 'usage'", 1),
    (
        "SELECT day, spend, credits, debits FROM ledger_days",
        "'acc7', 'day100365'",
        365,
    ),
    ("SELECT currency, balance, movements FROM wallets", "'acc7'", 1),
    ("SELECT id FROM ledger_movements WHERE reference", "'ref:4711'", 1),
    ("t.line = 1 WHERE m.reference = $1", "'ref:4711'", 1),
    ("UPDATE wallets SET movements = movements", "'acc7'", 1),
    ("UPDATE wallets SET balance", "'acc7', 0, 1501", 1),
    (
        "SELECT account_id FROM wallets WHERE account_id >",
        "'acc2', 200",
        40,
    ),
    ("m.seq > $2 AND m.seq <= $3", "'acc7', 500, 700", 400),
    ("FROM wallets w LEFT JOIN ledger_days", "'acc7'", 730),
    ("SELECT seq, digest FROM ledger_seals", "'acc7'", 1),
];

fn statement(part: &str) -> &'static str {
    let mut all = storage::statements().filter(|sql| sql.contains(part));
    let found = all.next().unwrap_or_else(|| panic!("no statement has {part}"));
    assert_eq!(all.next(), None, "{part}");
    found
}

#[tokio::test]
async fn sqlite_searches_and_scans_nothing() {
    let database = TestDatabase::sqlite().await;
    let mut connection = SqliteConnection::connect(&database.config().url).await.unwrap();
    for (part, ..) in QUESTIONS {
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", statement(part)));
        let rows = connection.fetch_all(explain).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
        let plan = plan.join("; ");
        assert!(plan.contains("SEARCH"), "{part}\n{plan}");
        assert!(!plan.contains("SCAN"), "{part}\n{plan}");
        // The transfers of each movement, a handful, may be put in order.
        let sorts = plan.contains("TEMP B-TREE") && !plan.contains("B-TREE FOR LAST TERM");
        assert!(!sorts, "{part}\n{plan}");
    }
}

#[tokio::test]
async fn sqlite_looks_for_the_number_of_a_kind_in_its_index() {
    let database = TestDatabase::sqlite().await;
    let mut connection = SqliteConnection::connect(&database.config().url).await.unwrap();
    let insert = statement("INSERT INTO ledger_movements");
    let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {insert}"));
    let rows = connection.fetch_all(explain).await.unwrap();
    let plan: Vec<String> = rows.iter().map(|row| row.get("detail")).collect();
    let plan = plan.join("; ");
    assert!(
        plan.contains("SEARCH ledger_movements USING COVERING INDEX"),
        "{plan}"
    );
    assert!(!plan.contains("SCAN ledger_movements"), "{plan}");
}

#[tokio::test]
async fn postgresql_reads_no_more_than_it_gives() {
    let database = TestDatabase::postgres().await;
    let mut connection = PgConnection::connect(&database.config().url).await.unwrap();
    // No triggers and no foreign keys: only the size matters.
    connection
        .execute("SET session_replication_role = replica")
        .await
        .unwrap();
    for sql in FILL {
        connection.execute(sql).await.unwrap();
    }
    for table in [
        "ledger_movements",
        "ledger_transfers",
        "ledger_days",
        "ledger_seals",
        "wallets",
    ] {
        let analyze = AssertSqlSafe(format!("VACUUM ANALYZE {table}"));
        connection.execute(analyze).await.unwrap();
    }
    for (place, (part, arguments, most)) in QUESTIONS.into_iter().enumerate() {
        let prepare = format!("PREPARE p{place} AS {}", statement(part));
        connection.execute(AssertSqlSafe(prepare)).await.unwrap();
        let explain =
            format!("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) EXECUTE p{place}({arguments})");
        let rows = connection.fetch_all(AssertSqlSafe(explain)).await.unwrap();
        let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        let plan = plan.join("\n");
        // Forty wallets fill a page or two, and are read as they lie.
        let small = part.contains("wallets");
        assert!(small || plan.contains("Index"), "{part}\n{plan}");
        assert!(!plan.contains("Seq Scan on ledger"), "{part}\n{plan}");
        assert!(small || !plan.contains("Removed by Filter"), "{part}\n{plan}");
        for read in plan.split("actual rows=").skip(1) {
            let rows: f64 = read.split(' ').next().unwrap().parse().unwrap();
            assert!(rows <= most as f64, "{part}\n{plan}");
        }
    }
}
