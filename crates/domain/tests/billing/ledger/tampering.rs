//! Every number of every row changed by hand, and every row taken away: each is found.

use storage::{Dialect, StorageError};
use testkit::database::{TestDatabase, for_each_database};

use super::{Books, debit};
use model::billing::MovementKind;

const FREE_SQLITE: &[&str] = &[
    "DROP TRIGGER ledger_movements_update",
    "DROP TRIGGER ledger_movements_delete",
    "DROP TRIGGER ledger_movements_insert",
    "DROP TRIGGER ledger_transfers_update",
    "DROP TRIGGER ledger_transfers_delete",
    "DROP TRIGGER ledger_transfers_insert",
    "DROP TRIGGER wallets_update",
    "DROP TRIGGER wallets_delete",
    "DROP TRIGGER wallets_insert",
    "DROP TRIGGER ledger_seals_update",
    "DROP TRIGGER ledger_seals_delete",
    "DROP TRIGGER ledger_seals_insert",
];
const FREE_POSTGRES: &[&str] = &[
    "ALTER TABLE ledger_movements DISABLE TRIGGER USER",
    "ALTER TABLE ledger_transfers DISABLE TRIGGER USER",
    "ALTER TABLE wallets DISABLE TRIGGER USER",
    "ALTER TABLE ledger_seals DISABLE TRIGGER USER",
];
const KEEP: &[&str] = &[
    "CREATE TABLE kept_movements AS SELECT * FROM ledger_movements",
    "CREATE TABLE kept_transfers AS SELECT * FROM ledger_transfers",
    "CREATE TABLE kept_wallets AS SELECT * FROM wallets",
    "CREATE TABLE kept_days AS SELECT * FROM ledger_days",
    "CREATE TABLE kept_seals AS SELECT * FROM ledger_seals",
];
const RESTORE: &[&str] = &[
    "DELETE FROM ledger_transfers",
    "DELETE FROM ledger_movements",
    "DELETE FROM wallets",
    "DELETE FROM ledger_days",
    "DELETE FROM ledger_seals",
    "INSERT INTO ledger_transfers SELECT * FROM kept_transfers",
    "INSERT INTO ledger_movements SELECT * FROM kept_movements",
    "INSERT INTO wallets SELECT * FROM kept_wallets",
    "INSERT INTO ledger_days SELECT * FROM kept_days",
    "INSERT INTO ledger_seals SELECT * FROM kept_seals",
];
/// Each with the number of a movement.
const TAMPER: [&[&str]; 30] = [
    &["UPDATE ledger_movements SET wallet_change = wallet_change + 1 WHERE seq = $1"],
    &["UPDATE ledger_movements SET balance_after = balance_after - 1 WHERE seq = $1"],
    &[
        "UPDATE ledger_movements SET wallet_change = wallet_change + 1, balance_after = balance_after + 1 WHERE seq = $1",
    ],
    &["UPDATE ledger_movements SET balance_after = balance_after + 1 WHERE seq >= $1"],
    &["UPDATE ledger_movements SET currency = 'USD' WHERE seq = $1"],
    &["UPDATE ledger_movements SET kind = 'autopay' WHERE seq = $1"],
    &["UPDATE ledger_movements SET kind = 'gift' WHERE seq = $1"],
    &["UPDATE ledger_movements SET kind_seq = kind_seq + 100 WHERE seq = $1"],
    &["UPDATE ledger_movements SET seq = seq + 100 WHERE seq = $1"],
    &["UPDATE ledger_movements SET seq = seq + 100 WHERE seq >= $1"],
    &["UPDATE ledger_movements SET day = '2001-01-01' WHERE seq = $1"],
    &[
        "UPDATE ledger_transfers SET amount = amount + 1 WHERE movement_id IN (SELECT id FROM ledger_movements WHERE seq = $1)",
    ],
    &[
        "UPDATE ledger_transfers SET currency = 'USD' WHERE movement_id IN (SELECT id FROM ledger_movements WHERE seq = $1)",
    ],
    &[
        "UPDATE ledger_transfers SET debit = credit, credit = debit WHERE movement_id IN (SELECT id FROM ledger_movements WHERE seq = $1)",
    ],
    &[
        "UPDATE ledger_transfers SET line = line + 1 WHERE movement_id IN (SELECT id FROM ledger_movements WHERE seq = $1)",
    ],
    &["DELETE FROM ledger_transfers WHERE movement_id IN (SELECT id FROM ledger_movements WHERE seq = $1)"],
    &[
        "DELETE FROM ledger_transfers WHERE movement_id IN (SELECT id FROM ledger_movements WHERE seq = $1)",
        "DELETE FROM ledger_movements WHERE seq = $1",
    ],
    &[
        "DELETE FROM ledger_transfers WHERE movement_id IN (SELECT id FROM ledger_movements WHERE seq >= $1)",
        "DELETE FROM ledger_movements WHERE seq >= $1",
    ],
    &["UPDATE wallets SET balance = balance + $1"],
    &["UPDATE wallets SET movements = movements + $1"],
    &["DELETE FROM wallets WHERE movements >= $1"],
    &["UPDATE ledger_days SET spend = spend + $1, credits = credits + $1"],
    &["UPDATE ledger_movements SET description = 'Something else' WHERE seq = $1"],
    &["UPDATE ledger_movements SET reference = reference || 'x' WHERE seq = $1"],
    &["UPDATE ledger_movements SET at = at + 1 WHERE seq = $1"],
    &["UPDATE ledger_movements SET at = 0, description = '' WHERE seq >= $1"],
    &[
        "UPDATE ledger_transfers SET movement_id = movement_id || 'x' WHERE movement_id IN (SELECT id FROM ledger_movements WHERE seq = $1)",
        "UPDATE ledger_movements SET id = id || 'x' WHERE seq = $1",
    ],
    &[
        "UPDATE ledger_transfers SET debit = CASE debit WHEN 'gateway' THEN 'adjustments' ELSE debit END, credit = CASE credit WHEN 'revenue:usage' THEN 'revenue:subscriptions' ELSE credit END WHERE movement_id IN (SELECT id FROM ledger_movements WHERE seq = $1)",
    ],
    &["UPDATE ledger_seals SET digest = (SELECT digest FROM kept_seals WHERE seq = 7 - $1) WHERE seq = $1"],
    &["DELETE FROM ledger_seals WHERE seq >= $1"],
];
const MOVEMENTS: i64 = 6;

async fn run(books: &Books, statements: &'static [&'static str]) {
    let done = books.write(move |w| {
        Box::pin(async move {
            for sql in statements {
                w.execute(sql, &[]).await?;
            }
            Ok(())
        })
    });
    done.await.unwrap();
}

/// How many rows it changed.
async fn tamper(books: &Books, statements: &'static [&'static str], seq: i64) -> u64 {
    let done = books.write::<u64, _>(move |w| {
        Box::pin(async move {
            let mut rows = 0;
            for sql in statements {
                rows += w.execute(sql, &[seq.into()]).await?;
            }
            Ok::<_, StorageError>(rows)
        })
    });
    done.await.unwrap()
}

/// A top-up, usage, and so on, on one day.
async fn fill(books: &Books) {
    for number in 0..MOVEMENTS / 2 {
        books.top_up(0, &format!("pay_{number}"), 1000).await;
        let key = number.to_string();
        let usage = debit(&books.accounts[0], (MovementKind::Usage, &key, 10 + number), None);
        books.post(usage).await.unwrap();
    }
}

async fn free(books: &Books) {
    let statements = match books.world.authority.database.dialect() {
        Dialect::Sqlite => FREE_SQLITE,
        Dialect::Postgres => FREE_POSTGRES,
    };
    run(books, statements).await;
}

async fn tampered(database: TestDatabase) {
    let books = Books::open(database.database().clone(), 1).await;
    fill(&books).await;
    assert_eq!(books.findings().await, Vec::<String>::new());
    free(&books).await;
    // That they are gone is found, too; what follows is found besides.
    let guards = books.findings().await.len();
    assert_eq!(guards, FREE_SQLITE.len());
    run(&books, KEEP).await;
    for statements in TAMPER {
        for seq in 1..=MOVEMENTS {
            assert!(tamper(&books, statements, seq).await > 0, "{statements:?}");
            assert!(
                books.findings().await.len() > guards,
                "not found at {seq}: {statements:?}"
            );
            run(&books, RESTORE).await;
        }
    }
    assert_eq!(books.findings().await.len(), guards);
}

/// I10
#[tokio::test]
async fn tampering_with_any_row_of_a_file_is_found() {
    tampered(TestDatabase::sqlite().await).await;
}

/// I10
#[tokio::test]
async fn tampering_with_any_row_of_a_server_is_found() {
    tampered(TestDatabase::postgres().await).await;
}

/// I10: what is in no sum is found as well, and only the movement that differs is named.
#[tokio::test]
async fn a_description_or_a_time_changed_alone_is_found_and_the_movement_named() {
    for_each_database(async |database| {
        let books = Books::open(database, 1).await;
        fill(&books).await;
        free(&books).await;
        let gone = books.findings().await;
        let account = &books.accounts[0];
        for (number, statements) in [
            (
                2,
                &["UPDATE ledger_movements SET description = 'Gift' WHERE seq = $1"],
            ),
            (
                5,
                &["UPDATE ledger_movements SET at = at - 86400000000 WHERE seq = $1"],
            ),
        ] {
            tamper(&books, statements, number).await;
            let id = books.entries(0).await[number as usize - 1].id;
            let due =
                format!("account {account}, entry {number}: {id} is not what was sealed when it was booked");
            let findings = books.findings().await;
            assert!(findings.contains(&due), "{findings:?}");
        }
        assert_eq!(books.findings().await.len(), gone.len() + 2);
    })
    .await;
}
